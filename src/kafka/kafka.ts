/**
 * The port: everything that producer, aggregator and dashboard need from Kafka. The contract suite
 * (`tests/kafka/contract.ts`) specifies how every adapter behaves.
 */

import type { RecordBatch } from "./batch.ts";
import type { TopicDescription } from "./health.ts";
import type { GroupMember } from "./members.ts";
import type { SaleSums } from "./sums.ts";

export { type OutgoingRecord, RecordBatch, type RecordHeader } from "./batch.ts";
export { explained } from "./explanations.ts";
export {
  headlessProblem,
  leaderless,
  leaderProblem,
  ledPartitions,
  missingRight,
  type PartitionState,
  type Right,
  readProblem,
  rightProblem,
  syncProblem,
  type TopicDescription,
  undecidedProblem,
} from "./health.ts";
export {
  CLIENT_ID,
  type GroupMember,
  type GroupUse,
  groupUse,
  memberNames,
  ownersOf,
  strangersAmong,
} from "./members.ts";
export { SaleSums } from "./sums.ts";

/**
 * What to do about a failed call. Only the adapter decides. `retry`: repeat the call. `abort`:
 * abort the transaction and rewind. `fatal`: close the client and open a new one.
 */
export type Verdict = "retry" | "abort" | "fatal";

/** A failed call to Kafka. `code` is Kafka's name, such as `TOPIC_AUTHORIZATION_FAILED`. */
export class KafkaError extends Error {
  override readonly name = "KafkaError";
  readonly code: string;
  readonly verdict: Verdict;
  /** The only partitions that it concerns; undefined = all of the call. */
  readonly partitions: readonly number[] | undefined;

  constructor(
    message: string,
    options: { code: string; verdict: Verdict; cause?: unknown; partitions?: readonly number[] },
  ) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.verdict = options.verdict;
    this.partitions = options.partitions;
  }
}

/**
 * Codes of librdkafka for a question that no broker answered in time: the last two are those of a
 * broker that left meanwhile, and of one that starts or ends.
 */
export const NO_ANSWER: readonly string[] = [
  "_TIMED_OUT",
  "_TRANSPORT",
  "_DESTROY_BROKER",
  "_PARTIAL",
];

/** The next offset to read in a partition. */
export interface Position {
  partition: number;
  offset: number;
  /** The leader epoch of the record before; undefined = unknown, so that nothing is compared. */
  epoch?: number | undefined;
}

/** The first offset that is left, and the offset of the next record. */
export interface Watermarks {
  low: number;
  high: number;
}

/** What a poll reports between records. */
export type ConsumerEvent =
  /** Answer with `assign` when ready to read the partitions. */
  | { type: "assigned"; partitions: number[] }
  /** Answer with `unassign` after ending open work. `lost`: others may own them already. */
  | { type: "revoked"; partitions: number[]; lost: boolean }
  /** The reader reached the end of what it may read; `offset` counts control records too. */
  | { type: "end"; partition: number; offset: number }
  /**
   * The position is below the low watermark, or above the high one, or the topic was deleted and
   * created again. `cutAt`: the log was cut there, below the position, whatever it holds now.
   */
  | { type: "outOfRange"; partition: number; cutAt?: number }
  /** With `error.partitions`, records of these arrived damaged, and none behind them come. */
  | { type: "error"; error: KafkaError };

/** Reads one topic, read_committed: as a member of a group, or alone with chosen partitions. */
export interface Consumer {
  /**
   * Empties `batch`, waits at most `waitMs` for the first record, then takes all that is available.
   * An event ends the poll early. Only one poll at a time.
   *
   * With `sums`, the fast path adds up sales there instead of putting them into the batch. The
   * adapter chooses which sales.
   */
  poll(batch: RecordBatch, waitMs: number, sums?: SaleSums): Promise<ConsumerEvent[]>;
  /** Adds partitions, each from its position. */
  assign(positions: readonly Position[]): Promise<void>;
  unassign(partitions: readonly number[]): Promise<void>;
  /** Continues at other positions. No record fetched before the call is returned after it. */
  seek(positions: readonly Position[]): Promise<void>;
  /**
   * Asks the brokers for no more records for so long, because nobody needs them earlier. Those that
   * were asked for before still come. Replaces the rest of an earlier call.
   */
  rest(restMs: number): void;
  /** The group's committed positions, after undecided transactions; null = no offset. */
  committed(partitions: readonly number[]): Promise<{ partition: number; offset: number | null }[]>;
  /** Leaves the group. Idempotent. */
  close(): Promise<void>;
}

/** Sends records. Idempotent, so that a retry never duplicates a record. */
export interface Producer {
  /**
   * Queues records of `batch` from index `from` on, without waiting.
   * Returns how many were taken: fewer than asked when the queue is full. A record that is refused
   * for good, for its size or partition, counts as taken and as a failure.
   */
  produce(topic: string, batch: RecordBatch, from?: number): number;
  /** Records taken, and neither acknowledged nor failed yet. */
  readonly inFlight: number;
  /**
   * Records that the cluster acknowledged: each is counted by its acknowledgement, and not by the
   * absence of a failure.
   */
  readonly acknowledged: number;
  /** Failed deliveries since the last call, one row per topic, partition and error. */
  takeFailures(): { topic: string; partition: number; error: KafkaError; count: number }[];
  /** Waits until nothing is in flight. @throws KafkaError `_TIMED_OUT` */
  flush(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** A producer whose records become visible together with the offsets that they derive from. */
export interface TransactionalProducer extends Producer {
  /** Fences older instances with the same id and ends their open transactions. */
  init(): Promise<void>;
  begin(): void;
  /**
   * Where the records of this transaction stand in the partitions of `topic`: the first and last
   * acknowledged one. Below 0 = unknown. Complete after `flush`.
   */
  appended(topic: string): { partition: number; first: number; last: number }[];
  sendOffsets(consumer: Consumer, positions: readonly Position[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Ids that no other topic or cluster gets. Undefined = the brokers do not tell. */
export interface Identity {
  topicId: string | undefined;
  clusterId: string | undefined;
}

/** How a topic is set up, the defaults of its brokers included. */
export interface TopicSettings {
  /** Of the partition that has the fewest. */
  readonly replicas: number;
  readonly values: ReadonlyMap<string, string>;
}

export interface Admin {
  /** Rejects with `_TRANSPORT` or `_TIMED_OUT` when no broker answers within `timeoutMs`. */
  ping(timeoutMs: number): Promise<{ brokers: number; addresses?: readonly string[] }>;
  /** Undefined when the topic does not exist. Never creates a topic. */
  describeTopic(topic: string): Promise<TopicDescription | undefined>;
  /** The names of all topics that we may see. @throws KafkaError when no broker answers */
  topicNames(): Promise<string[]>;
  /** Which topic and cluster it is. Undefined when the topic does not exist. */
  identity(topic: string): Promise<Identity | undefined>;
  createTopic(
    topic: string,
    options: {
      partitions: number;
      /** Undefined = the broker's default. */
      replicationFactor: number | undefined;
      config: Record<string, string>;
    },
  ): Promise<void>;
  /** Adds partitions until there are `partitionsTotal`. Never removes any. */
  addPartitions(topic: string, partitionsTotal: number): Promise<void>;
  /** Needs the right DescribeConfigs on the topic. */
  topicSettings(topic: string): Promise<TopicSettings>;
  /**
   * Deletes a topic, and waits until the brokers no longer know it. Without one it does nothing.
   * @throws KafkaError `_TIMED_OUT` when the topic is still there after 30 s
   */
  deleteTopic(topic: string): Promise<void>;
  /** The members of a consumer group at the moment; none when there is no such group. */
  groupMembers(group: string): Promise<GroupMember[]>;
  /**
   * Deletes the offsets of a group in these partitions. Offsets that are not there do not matter.
   * @throws KafkaError `GROUP_SUBSCRIBED_TO_TOPIC` when a member reads the topic
   */
  deleteOffsets(group: string, topic: string, partitions: readonly number[]): Promise<void>;
  /** The watermarks for read_uncommitted: the high one is past open transactions. */
  watermarks(topic: string, partition: number): Promise<Watermarks>;
  /**
   * The watermarks of several partitions, by partition, in the time that one takes. Each broker
   * gets two requests, however many partitions there are. `onSilence` hears, as a clause, which
   * leaders are silent while other brokers answer: at least each 15 s as long as that lasts.
   */
  allWatermarks(
    topic: string,
    partitions: readonly number[],
    onSilence?: (problem: string) => void,
  ): Promise<Map<number, Watermarks>>;
  /**
   * Where readers of committed records must stop for now, by partition: at the first record of a
   * transaction that is undecided, else at the high watermark. Leaves out partitions whose leader
   * does not say. The embedded broker answers with the high watermark.
   */
  stableEnds(topic: string, partitions: readonly number[]): Promise<Map<number, number>>;
  close(): Promise<void>;
}

/** Creates clients of one cluster. The caller closes them. */
export interface Kafka {
  /** Joins `group`; partitions come and go as events. */
  groupConsumer(options: { topic: string; group: string }): Consumer;
  /**
   * Reads without a group and reports `end` events. `isUndecidedToo`: also reads records of
   * transactions that are open or aborted. `stays`: seldom changes its partitions, so that brokers
   * may hold its requests for long.
   */
  reader(options: { topic: string; isUndecidedToo?: boolean; stays?: boolean }): Consumer;
  producer(): Producer;
  /** `batchBytesMax`: the size of a batch of records. A single record may be larger. */
  transactionalProducer(options: {
    transactionalId: string;
    batchBytesMax?: number;
  }): TransactionalProducer;
  admin(): Admin;
  /**
   * What the brokers hold against these clients at the moment, such as a quota or a refused login,
   * as a clause.
   */
  trouble?(): string | undefined;
  /**
   * How long ago any broker has answered any of these clients, in milliseconds, whatever was asked;
   * undefined = none has, or nobody knows.
   */
  heardMsAgo?(): number | undefined;
}
