/**
 * The transaction session. One call runs a whole transaction and returns its outcome, so that no
 * caller can commit aborted work or continue with a producer in doubt.
 */

import type { Config } from "../../config/config.ts";
import {
  type Consumer,
  type Kafka,
  KafkaError,
  type Position,
  type RecordBatch,
  type TransactionalProducer,
} from "../../kafka/kafka.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { RoleContext } from "../../role.ts";
import type { OwnedPartition } from "../../state/owned-partition.ts";
import { AppendedEnds, spansOf } from "../belonging/succession.ts";
import type { FailedTransaction, Undelivered } from "../stops/blame.ts";
import { FLUSH_MS_MAX, failureBehind, untilDefinite } from "./definite.ts";
import { Refusals } from "./refusals.ts";
import { coverLetters, endUndecided, type Means, type WrittenPartitions } from "./undecided.ts";
import { takeUndelivered } from "./undelivered.ts";

/**
 * `unknown`: somebody else wrote to the output, the producer was replaced, or the broker was told
 * to commit and it is unclear whether it did. Only Kafka knows: restore.
 */
export type Outcome = "committed" | "aborted" | "unknown";

/** Records of a transaction. */
export interface TopicBatch {
  topic: string;
  /** Valid until the next batch is requested. */
  batch: RecordBatch;
}

const QUEUE_FULL_WAIT_MS = 1;
/**
 * The largest batch after a broker refused one for its size. Each further refusal of the same topic
 * halves the limit, down to single records.
 */
const BATCH_BYTES_SAFE = 512 * 1024;

export class TransactionSession {
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #config: Pick<Config, "outputTopic" | "deadLetterTopic">;
  /** What ends undecided transactions. */
  readonly #means: Means;
  readonly #appendedEnds: AppendedEnds;
  readonly transactionalId: string;
  #producer: TransactionalProducer | undefined;
  readonly #refusals: Refusals;
  /** Offsets of an earlier transaction of this id may still be pending. */
  #mayBePending: boolean;
  /** Dead letters of an earlier transaction of this id may still be undecided. */
  #lettersMayHang: boolean;
  #isClosed = false;
  #undelivered: Undelivered[] = [];
  #failed: FailedTransaction | undefined;
  #openFailure: unknown;

  constructor(
    context: Pick<RoleContext, "kafka" | "clock" | "log" | "config" | "instance" | "isRestart">,
  ) {
    this.#kafka = context.kafka;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#config = context.config;
    this.#means = {
      kafka: context.kafka,
      log: context.log,
      untilDefinite: (step) => this.#untilDefinite(step),
      deliver: (producer, of) => this.#write(producer, of).then(() => this.#flush(producer)),
    };
    this.#appendedEnds = new AppendedEnds(context.config);
    this.#refusals = new Refusals(context.clock);
    // One id per process, so that instances never fence each other by accident. A new producer of
    // this process fences the previous one and ends its open transaction.
    this.transactionalId = `${context.config.group}-${context.instance}`;
    // The failure of the role may have left a transaction in doubt.
    this.#mayBePending = context.isRestart;
    this.#lettersMayHang = context.isRestart;
  }

  /**
   * Refusals of `topic` for size. Larger records would be refused again. The number falls with
   * time, so that they are tried again.
   */
  refusalsOf(topic: string): number {
    return this.#refusals.of(topic);
  }

  /** Why the last transaction was not committed; undefined = no reason is known. */
  get failed(): FailedTransaction | undefined {
    return this.#failed;
  }

  /** @throws the error with which the last producer could not be opened */
  assertOpen(): void {
    if (!this.#producer && !this.#isClosed) throw this.#openFailure;
  }

  /** Opens a producer and fences its predecessors. @throws KafkaError */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.#openFailure = error;
      await this.#drop();
      throw error;
    }
  }

  async #open(): Promise<void> {
    if (this.#isClosed) throw new Error("Cannot open a transaction session: it is closed");
    const refusals = this.#refusals.most;
    const producer = this.#kafka.transactionalProducer({
      transactionalId: this.transactionalId,
      ...(refusals > 0 && { batchBytesMax: BATCH_BYTES_SAFE / 2 ** (refusals - 1) }),
    });
    this.#producer = producer;
    await this.#untilDefinite(() => producer.init());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop();
  }

  /**
   * Writes `records` and the consumer's positions in one transaction.
   * @throws KafkaError when no producer can be opened
   */
  async run(work: {
    records: Iterable<TopicBatch>;
    consumer: Consumer;
    positions: readonly Position[];
    /** Their records in the output must follow the last ones. `tail` moves with a commit. */
    owned: readonly Pick<OwnedPartition, "id" | "tail">[];
    /** The first transaction of a partition. Its log must name us before offsets can be pending. */
    isFirst: boolean;
  }): Promise<Outcome> {
    const producer = this.#producer;
    if (!producer) throw new Error("Cannot run a transaction: the session is closed");
    let wasToldToCommit = false;
    this.#failed = undefined;
    this.#undelivered = [];
    try {
      // Late reports of an aborted transaction must not abort this one.
      producer.takeFailures();
      producer.begin();
      let hasLetters = false;
      for (const written of work.records) {
        await this.#write(producer, written);
        hasLetters ||= written.topic === this.#config.deadLetterTopic;
      }
      if (work.isFirst) await this.#flush(producer);
      // A record that is refused at once counts as taken, and librdkafka would commit without it.
      this.#assertTaken(producer);
      await this.#untilDefinite(() => producer.sendOffsets(work.consumer, work.positions));
      if (this.#mayBePending || (this.#lettersMayHang && hasLetters)) {
        return await this.#abortFirst(producer, hasLetters);
      }
      // All are under way by now, so that this wait takes no longer than the commit would.
      await this.#flush(producer);
      this.#assertTaken(producer);
      const spans = spansOf(producer, this.#config.outputTopic, work.owned);
      this.#appendedEnds.follow(producer);
      wasToldToCommit = true;
      await this.#untilDefinite(() => producer.commit());
      // The producer keeps its smaller batches until it is replaced, which does no harm.
      this.#refusals.committed();
      // Behind the last record stands the marker of the transaction.
      for (const owned of work.owned) owned.tail = (spans.get(owned.id)?.last ?? -1) + 2;
      return "committed";
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return this.#giveUp(producer, { error: failureBehind(producer, error), wasToldToCommit });
    }
  }

  /**
   * Aborts the first transaction after a doubt. A marker ends all pending offsets of an id, and all
   * its records on a partition. If the markers of the transaction in doubt were lost, the next
   * commit would include its offsets without its totals, and its dead letters.
   */
  async #abortFirst(producer: TransactionalProducer, hasLetters: boolean): Promise<Outcome> {
    if (hasLetters) {
      await coverLetters(this.#means, producer, this.#config.deadLetterTopic);
      this.#assertTaken(producer);
    }
    await this.#untilDefinite(() => producer.abort());
    this.#mayBePending = false;
    if (hasLetters) this.#lettersMayHang = false;
    await this.#replace();
    return "aborted";
  }

  /**
   * Ends a failed transaction and replaces its producer. librdkafka can fail a call while its
   * request is in flight. A late request for offsets or a commit would act on the next transaction
   * of the same epoch.
   */
  async #giveUp(
    producer: TransactionalProducer,
    { error, wasToldToCommit }: { error: KafkaError; wasToldToCommit: boolean },
  ): Promise<Outcome> {
    this.#noteFailures(producer);
    this.#failed = { error, undelivered: this.#undelivered };
    const hopeless = this.#refusals.hopeless;
    if (hopeless !== undefined) throw tooSmall(hopeless, error);
    // After a failed commit even a successful abort proves nothing: it may have ended an empty
    // transaction that a late request opened after the commit.
    if (error.verdict === "abort" && !wasToldToCommit) {
      try {
        await this.#untilDefinite(() => producer.abort());
        await this.#replace();
        this.#log.warning("Transaction aborted, reading again.", { reason: error.message });
        return "aborted";
      } catch (cause) {
        if (!(cause instanceof KafkaError)) throw cause;
      }
    }
    this.#log.warning("Transaction in doubt, replacing the producer.", { reason: error.message });
    this.#mayBePending = true;
    this.#lettersMayHang = true;
    await this.#replace();
    return "unknown";
  }

  /**
   * Ends pending offsets of earlier transactions of these ids, which can be our own, and undecided
   * records on the partitions of `records`. A new producer of the same id sends offsets, writes
   * there, and aborts. The markers of the abort end all that the id left undecided in these places.
   * A living process of that id is fenced and restores.
   * @throws KafkaError when our own producer cannot be opened afterwards
   */
  async release(
    consumer: Consumer,
    writers: ReadonlyMap<string, number>,
    records?: WrittenPartitions,
  ): Promise<void> {
    await this.#drop();
    await endUndecided(this.#means, { consumer, writers, records });
    await this.open();
  }

  /** Waits while the queue of librdkafka is full. */
  async #write(producer: TransactionalProducer, { topic, batch }: TopicBatch): Promise<void> {
    for (let sent = 0; sent < batch.count; ) {
      sent += producer.produce(topic, batch, sent);
      if (sent < batch.count) await this.#clock.sleep(QUEUE_FULL_WAIT_MS);
    }
  }

  #flush(producer: TransactionalProducer): Promise<void> {
    return this.#untilDefinite(() => producer.flush(FLUSH_MS_MAX));
  }

  async #replace(): Promise<void> {
    await this.#drop();
    await this.open();
  }

  #assertTaken(producer: TransactionalProducer): void {
    const failure = this.#noteFailures(producer);
    if (failure) throw failure;
  }

  /** Logs undelivered records. Returns the first failure as that of the transaction. */
  #noteFailures(producer: TransactionalProducer): KafkaError | undefined {
    const { first, tooLarge, undelivered } = takeUndelivered(producer, this.#log);
    this.#undelivered.push(...undelivered);
    for (const topic of tooLarge) this.#refusals.note(topic);
    return first;
  }

  async #drop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close();
  }

  #untilDefinite(step: () => Promise<void>): Promise<void> {
    return untilDefinite(this.#clock, step);
  }
}

function tooSmall(topic: string, cause: KafkaError): KafkaError {
  return new KafkaError(
    `Cannot write to ${topic}: even a single record exceeds its size limit. Its ` +
      "max.message.bytes must be at least 4096.",
    { code: cause.code, verdict: "fatal", cause },
  );
}
