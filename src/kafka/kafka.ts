/**
 * The port: what producer, aggregator and dashboard need of Kafka, and no more.
 * One contract suite (`tests/kafka/contract.ts`) says how every adapter behaves.
 */

import type { RecordBatch } from "./batch.ts";
import type { SaleSums } from "./sums.ts";

export { type OutgoingRecord, RecordBatch, type RecordHeader } from "./batch.ts";
export { SaleSums } from "./sums.ts";

/**
 * What to do about a failed call, decided once, in the adapter:
 * `retry` the same call; `abort` the transaction and rewind; `fatal`: close the client, make a new
 * one.
 */
export type Verdict = "retry" | "abort" | "fatal";

/**
 * A failed call to Kafka. `code` is the field's name for it, such as `TOPIC_AUTHORIZATION_FAILED`.
 */
export class KafkaError extends Error {
  override readonly name = "KafkaError";
  readonly code: string;
  readonly verdict: Verdict;

  constructor(message: string, options: { code: string; verdict: Verdict; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.verdict = options.verdict;
  }
}

/** The next offset to read of a partition. */
export interface Position {
  partition: number;
  offset: number;
}

/** First offset still there, and the offset that the next record will get. */
export interface Watermarks {
  low: number;
  high: number;
}

/** What a poll met between records. */
export type ConsumerEvent =
  /** Answer by `assign`, once ready to read them. */
  | { type: "assigned"; partitions: number[] }
  /** Answer by `unassign`, after ending the open work. `lost`: others may own them already. */
  | { type: "revoked"; partitions: number[]; lost: boolean }
  /** The reader stands at the end of what may be read; `offset` counts control records too. */
  | { type: "end"; partition: number; offset: number }
  /** The position is below the low watermark, or above the high one. */
  | { type: "outOfRange"; partition: number }
  | { type: "error"; error: KafkaError };

/**
 * Reads one topic, read_committed; as a member of a group, or alone with partitions of its own
 * choice.
 */
export interface Consumer {
  /**
   * Empties `batch`, waits at most `waitMs` for the first record, then takes what is there.
   * An event ends the poll early. One poll at a time.
   *
   * With `sums`, sales that the fast path is sure of arrive summed up in there instead of in the
   * batch; which, is the adapter's choice.
   */
  poll(batch: RecordBatch, waitMs: number, sums?: SaleSums): Promise<ConsumerEvent[]>;
  /** Adds partitions, each from its position on. */
  assign(positions: readonly Position[]): Promise<void>;
  unassign(partitions: readonly number[]): Promise<void>;
  /** Continues elsewhere: no record fetched before the call is returned after it. */
  seek(positions: readonly Position[]): Promise<void>;
  /**
   * The group's committed positions; waits for transactions that are deciding. None: offset is
   * null.
   */
  committed(partitions: readonly number[]): Promise<{ partition: number; offset: number | null }[]>;
  /** Leaves the group. Idempotent. */
  close(): Promise<void>;
}

/** Sends records; idempotent, so that no retry doubles one. */
export interface Producer {
  /**
   * Queues records of `batch` from index `from` on, without waiting.
   * Returns how many were taken: fewer than asked when the queue is full. One that is refused for
   * good, for its size or partition, counts as taken too, and as a failure.
   */
  produce(topic: string, batch: RecordBatch, from?: number): number;
  /** Taken and neither acknowledged nor failed yet. */
  readonly inFlight: number;
  /** Failed deliveries since the last call, one row for each kind. */
  takeFailures(): { topic: string; partition: number; error: KafkaError; count: number }[];
  /** Waits until nothing is in flight. @throws KafkaError `_TIMED_OUT` */
  flush(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A producer whose records, and the offsets of what they were made from, become visible together.
 */
export interface TransactionalProducer extends Producer {
  /** Fences older instances of the same id and ends what they left open. */
  init(): Promise<void>;
  begin(): void;
  sendOffsets(consumer: Consumer, positions: readonly Position[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface TopicDescription {
  partitions: number;
}

export interface Admin {
  /** Rejects with `_TRANSPORT` or `_TIMED_OUT` when no broker answers within `timeoutMs`. */
  ping(timeoutMs: number): Promise<{ brokers: number }>;
  /** Undefined when there is no such topic. Never creates one. */
  describeTopic(topic: string): Promise<TopicDescription | undefined>;
  createTopic(
    topic: string,
    options: {
      partitions: number;
      /** Undefined: the broker's default. */
      replicationFactor: number | undefined;
      config: Record<string, string>;
    },
  ): Promise<void>;
  /** Only upwards. */
  addPartitions(topic: string, partitionsTotal: number): Promise<void>;
  /** As an uncommitted reader sees them: behind an open transaction too. */
  watermarks(topic: string, partition: number): Promise<Watermarks>;
  /**
   * Those of several partitions, by partition, in the time that one takes: the number of requests
   * under way is twice that of the brokers, however many partitions there are.
   */
  allWatermarks(topic: string, partitions: readonly number[]): Promise<Map<number, Watermarks>>;
  close(): Promise<void>;
}

/** Makes clients of one cluster. Whoever makes one closes it. */
export interface Kafka {
  /** Joins `group`; partitions come and go as events. */
  groupConsumer(options: { topic: string; group: string }): Consumer;
  /**
   * Reads without a group. Reports `end` events. `isUndecidedToo`: also what transactions wrote
   * that are open or aborted.
   */
  reader(options: { topic: string; isUndecidedToo?: boolean }): Consumer;
  producer(): Producer;
  /** `batchBytesMax`: of records that go together; a single one may be larger. */
  transactionalProducer(options: {
    transactionalId: string;
    batchBytesMax?: number;
  }): TransactionalProducer;
  admin(): Admin;
}
