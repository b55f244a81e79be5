/**
 * The transaction session: one call runs a whole transaction and says how it ended, so that no
 * caller can commit what was aborted or go on with a producer in doubt.
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
import type { TopicBatch } from "./output-records.ts";
import { Refusals } from "./refusals.ts";

/**
 * `unknown`: the broker was told to commit and nobody can say whether it did, or the producer had
 * to be replaced. Only Kafka knows then: ask for the committed offsets and restore.
 */
export type Outcome = "committed" | "aborted" | "unknown";

/** How long one step is retried before the producer is given up. */
const STEP_MS_MAX = 30_000;
const RETRY_WAIT_MS = 20;
const QUEUE_FULL_WAIT_MS = 1;
const FLUSH_MS_MAX = 10_000;
/**
 * A broker refuses whole batches for their size. After the first refusal they are at most so large;
 * each further one of the same topic halves that, down to single records.
 */
const BATCH_BYTES_SAFE = 512 * 1024;
/**
 * The producer's picture of the topic is old: a new one asks for a new picture, a retry does not.
 */
const STALE_METADATA = new Set(["_UNKNOWN_PARTITION", "_UNKNOWN_TOPIC"]);

export class TransactionSession {
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly transactionalId: string;
  #producer: TransactionalProducer | undefined;
  readonly #refusals: Refusals;
  /** Offsets of an earlier transaction of this id may be pending, whatever became of it. */
  #mayBePending: boolean;
  #isClosed = false;

  constructor(
    context: Pick<RoleContext, "kafka" | "clock" | "log" | "config" | "instance" | "isRestart">,
  ) {
    this.#kafka = context.kafka;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#refusals = new Refusals(context.clock);
    // One id for each process: instances never fence each other by accident, and a producer that
    // replaces another of this process fences it and ends what it left open.
    this.transactionalId = `${context.config.group}-${context.instance}`;
    // Whatever made the role fail may have left a transaction in doubt.
    this.#mayBePending = context.isRestart;
  }

  /**
   * How often `topic` has refused records for their size: the same would be refused again. Some
   * time later it is tried again, and the number falls.
   */
  refusalsOf(topic: string): number {
    return this.#refusals.of(topic);
  }

  /** Makes a producer and fences its predecessors. @throws KafkaError */
  async open(): Promise<void> {
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
   * @throws KafkaError when no producer can be had any more
   */
  async run(work: {
    records: Iterable<TopicBatch>;
    consumer: Consumer;
    positions: readonly Position[];
    /** Of one of the partitions: what names us must stand there before offsets can be pending. */
    isFirst: boolean;
  }): Promise<Outcome> {
    const producer = this.#producer;
    if (!producer) throw new Error("Cannot run a transaction: the session is closed");
    let wasToldToCommit = false;
    try {
      // What is reported late of a transaction that was aborted must not abort this one.
      producer.takeFailures();
      producer.begin();
      for (const { topic, batch } of work.records) {
        for (let sent = 0; sent < batch.count; ) {
          sent += producer.produce(topic, batch, sent);
          if (sent < batch.count) await this.#clock.sleep(QUEUE_FULL_WAIT_MS);
        }
      }
      if (work.isFirst) await this.#untilDefinite(() => producer.flush(FLUSH_MS_MAX));
      // A record refused at once counts as taken, and librdkafka would commit without it.
      const refused = this.#noteFailures(producer);
      if (refused) throw refused;
      await this.#untilDefinite(() => producer.sendOffsets(work.consumer, work.positions));
      if (this.#mayBePending) return await this.#abortFirst(producer);
      wasToldToCommit = true;
      await this.#untilDefinite(() => producer.commit());
      // The producer keeps its smaller batches until it is replaced: they lose no data.
      this.#refusals.committed();
      return "committed";
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return this.#giveUp(producer, { error, wasToldToCommit });
    }
  }

  /**
   * A marker ends all offsets that are pending of an id. Should the marker of one in doubt be lost,
   * the next commit would commit its offsets too, without its totals: so an abort comes first.
   */
  async #abortFirst(producer: TransactionalProducer): Promise<Outcome> {
    await this.#untilDefinite(() => producer.abort());
    this.#mayBePending = false;
    await this.#replace();
    return "aborted";
  }

  /**
   * Ends a transaction that failed, and replaces its producer. A request of it may still be under
   * way, for librdkafka can fail a call with its request in flight: arriving late, offsets or a
   * commit would act on the next transaction of the same epoch.
   */
  async #giveUp(
    producer: TransactionalProducer,
    { error, wasToldToCommit }: { error: KafkaError; wasToldToCommit: boolean },
  ): Promise<Outcome> {
    this.#noteFailures(producer);
    const hopeless = this.#refusals.hopeless;
    if (hopeless !== undefined) throw tooSmall(hopeless, error);
    // After a commit that failed even a successful abort proves nothing: it may have ended an empty
    // transaction that a late request opened when the commit was done.
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
   * Ends what the group holds pending of earlier transactions of these ids, ours or another
   * process's: offsets sent by a new producer of the same id, and aborted, are followed by a marker
   * that ends them all. A process of that id that is still alive is fenced, and restores.
   * @throws KafkaError when no producer of our own can be had afterwards
   */
  async release(consumer: Consumer, writers: ReadonlyMap<string, number>): Promise<void> {
    await this.#drop();
    for (const [transactionalId, partition] of writers) {
      const producer = this.#kafka.transactionalProducer({ transactionalId });
      try {
        await this.#untilDefinite(() => producer.init());
        producer.begin();
        // Of any value: they are never committed.
        const positions = [{ partition, offset: 0 }];
        await this.#untilDefinite(() => producer.sendOffsets(consumer, positions));
        await this.#untilDefinite(() => producer.abort());
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        // The next one may be it; if none is, the offsets stay pending, and that is said.
        this.#log.warning(error.message, { code: error.code, transactionalId });
      } finally {
        await producer.close();
      }
    }
    await this.open();
  }

  async #replace(): Promise<void> {
    await this.#drop();
    await this.open();
  }

  /** Logs the records that were not delivered; the first as the transaction's failure. */
  #noteFailures(producer: TransactionalProducer): KafkaError | undefined {
    let first: KafkaError | undefined;
    const tooLarge = new Set<string>();
    for (const { topic, partition, error, count } of producer.takeFailures()) {
      const { message, code } = error;
      this.#log.warning(message, { topic, partition, records: count, code });
      if (code === "MSG_SIZE_TOO_LARGE") tooLarge.add(topic);
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
   * Repeats the same call while librdkafka says that this is right. A time-out leaves the call's
   * outcome open; only calling it again makes it definite (librdkafka INTRODUCTION.md,
   * Transactions).
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
    `Cannot write to ${topic}: it refuses each single record for its size. Its max.message.bytes ` +
      "must be at least 4096.",
    { code: cause.code, verdict: "fatal", cause },
  );
}
