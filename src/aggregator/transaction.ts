/**
 * The transaction session. One call runs a whole transaction and returns its outcome, so that no
 * caller can commit aborted work or continue with a producer in doubt.
 */

import {
  type Consumer,
  type Kafka,
  KafkaError,
  type Position,
  type TransactionalProducer,
} from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { RoleContext } from "../role.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import { HistoryEnds, spansOf } from "./belonging/succession.ts";
import type { TopicBatch } from "./output-records.ts";
import { Refusals } from "./refusals.ts";
import type { FailedTransaction, Undelivered } from "./stops/blame.ts";
import { endUndecided, type WrittenPartitions } from "./stops/undecided.ts";

/**
 * `unknown`: somebody else wrote to the output, the producer was replaced, or the broker was told
 * to commit and it is unclear whether it did. Only Kafka knows: restore.
 */
export type Outcome = "committed" | "aborted" | "unknown";

/** How long a step is retried before the producer is replaced. */
const STEP_MS_MAX = 30_000;
const RETRY_WAIT_MS = 20;
const QUEUE_FULL_WAIT_MS = 1;
const FLUSH_MS_MAX = 10_000;
/**
 * The largest batch after a broker refused one for its size. Each further refusal of the same topic
 * halves the limit, down to single records.
 */
const BATCH_BYTES_SAFE = 512 * 1024;
/** The producer's metadata are outdated. A new producer fetches them; a retry does not. */
const STALE_METADATA = new Set(["_UNKNOWN_PARTITION", "_UNKNOWN_TOPIC"]);

export class TransactionSession {
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #outputTopic: string;
  readonly #historyTopic: string;
  readonly #historyEnds = new HistoryEnds();
  readonly transactionalId: string;
  #producer: TransactionalProducer | undefined;
  readonly #refusals: Refusals;
  /** Offsets of an earlier transaction of this id may still be pending. */
  #mayBePending: boolean;
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
    this.#outputTopic = context.config.outputTopic;
    this.#historyTopic = context.config.historyTopic;
    this.#refusals = new Refusals(context.clock);
    // One id per process, so that instances never fence each other by accident. A new producer of
    // this process fences the previous one and ends its open transaction.
    this.transactionalId = `${context.config.group}-${context.instance}`;
    // The failure of the role may have left a transaction in doubt.
    this.#mayBePending = context.isRestart;
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
      for (const { topic, batch } of work.records) {
        for (let sent = 0; sent < batch.count; ) {
          sent += producer.produce(topic, batch, sent);
          if (sent < batch.count) await this.#clock.sleep(QUEUE_FULL_WAIT_MS);
        }
      }
      if (work.isFirst) await this.#untilDefinite(() => producer.flush(FLUSH_MS_MAX));
      // A record that is refused at once counts as taken, and librdkafka would commit without it.
      const refused = this.#noteFailures(producer);
      if (refused) throw refused;
      await this.#untilDefinite(() => producer.sendOffsets(work.consumer, work.positions));
      if (this.#mayBePending) return await this.#abortFirst(producer);
      // All are under way by now, so that this wait takes no longer than the commit would.
      await this.#untilDefinite(() => producer.flush(FLUSH_MS_MAX));
      const undelivered = this.#noteFailures(producer);
      if (undelivered) throw undelivered;
      const spans = spansOf(producer, this.#outputTopic, work.owned);
      this.#historyEnds.follow(producer, this.#historyTopic);
      wasToldToCommit = true;
      await this.#untilDefinite(() => producer.commit());
      // The producer keeps its smaller batches until it is replaced, which does no harm.
      this.#refusals.committed();
      // Behind the last record stands the marker of the transaction.
      for (const owned of work.owned) owned.tail = (spans.get(owned.id)?.last ?? -1) + 2;
      return "committed";
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return this.#giveUp(producer, { error, wasToldToCommit });
    }
  }

  /**
   * Aborts an empty transaction first. A marker ends all pending offsets of an id. If the marker of
   * a transaction in doubt were lost, the next commit would include its offsets without its totals.
   */
  async #abortFirst(producer: TransactionalProducer): Promise<Outcome> {
    await this.#untilDefinite(() => producer.abort());
    this.#mayBePending = false;
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
    const untilDefinite = (step: () => Promise<void>) => this.#untilDefinite(step);
    const by = { kafka: this.#kafka, clock: this.#clock, log: this.#log, untilDefinite };
    await endUndecided(by, { consumer, writers, records });
    await this.open();
  }

  async #replace(): Promise<void> {
    await this.#drop();
    await this.open();
  }

  /** Logs undelivered records. Returns the first failure as that of the transaction. */
  #noteFailures(producer: TransactionalProducer): KafkaError | undefined {
    let first: KafkaError | undefined;
    const tooLarge = new Set<string>();
    for (const { topic, partition, error, count } of producer.takeFailures()) {
      const { message, code } = error;
      this.#log.warning(message, { topic, partition, records: count, code });
      if (code === "MSG_SIZE_TOO_LARGE") tooLarge.add(topic);
      const isOfPlace = code !== "MSG_SIZE_TOO_LARGE" && !STALE_METADATA.has(code);
      if (isOfPlace) this.#undelivered.push({ topic, partition, error });
      const verdict = STALE_METADATA.has(code) ? "fatal" : "abort";
      first ??= new KafkaError(message, { code, verdict, cause: error });
    }
    for (const topic of tooLarge) this.#refusals.note(topic);
    return first;
  }

  async #drop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close();
  }

  /**
   * Repeats a call while librdkafka says so. A time-out leaves the outcome of the call open, and
   * only another call makes it definite (librdkafka INTRODUCTION.md, Transactions).
   */
  async #untilDefinite(step: () => Promise<void>): Promise<void> {
    const giveUpAt = this.#clock.now() + STEP_MS_MAX;
    for (;;) {
      try {
        return await step();
      } catch (error) {
        const again = error instanceof KafkaError && error.verdict === "retry";
        if (!again || this.#clock.now() >= giveUpAt) throw error;
        await this.#clock.sleep(RETRY_WAIT_MS);
      }
    }
  }
}

function tooSmall(topic: string, cause: KafkaError): KafkaError {
  return new KafkaError(
    `Cannot write to ${topic}: even a single record exceeds its size limit. Its ` +
      "max.message.bytes must be at least 4096.",
    { code: cause.code, verdict: "fatal", cause },
  );
}
