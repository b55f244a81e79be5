/**
 * Declares the addon for TypeScript. `native/addon.cc` is the table of contents of the other side.
 */

import { loadAddon } from "./load-addon.ts";

/** Librdkafka's configuration: property → value, both strings. */
export type NativeConfig = Record<string, string>;

/**
 * The error of every failed call. `code` is librdkafka's name without its prefix (`_TIMED_OUT`,
 * `TOPIC_AUTHORIZATION_FAILED`). The three flags are librdkafka's.
 */
export interface NativeError extends Error {
  code: string;
  number: number;
  retriable: boolean;
  txnRequiresAbort: boolean;
  fatal: boolean;
}

/**
 * A log line, client error, statistics document, or that a quota made a broker delay its answer.
 * At most 1,000 wait for JavaScript.
 */
export type NativeEvent =
  | { type: "log"; level: number; facility: string; message: string }
  | { type: "error"; error: NativeError }
  | { type: "stats"; json: string }
  | { type: "throttle"; broker: number; ms: number };

/** The events of one poll, in order. */
export type NativeConsumerEvent =
  | { type: "assigned"; partitions: number[] }
  | { type: "revoked"; partitions: number[]; lost: boolean }
  | { type: "end"; partition: number; offset: number }
  | { type: "error"; partition: number; error: NativeError };

export interface NativePosition {
  partition: number;
  /** The next offset to read; −2 = beginning, −1 = end; `committed` answers −1001 for none. */
  offset: number;
  /** The leader epoch of the record before. With it, `assign` and `seek` notice a log that was cut. */
  epoch?: number | undefined;
}

/** A partition as its cluster sees it, with the ids of brokers. */
export interface NativePartition {
  /** −1 = the partition has no leader. */
  leader: number;
  replicas: number[];
  inSync: number[];
}

export interface NativeTopic {
  name: string;
  partitions: NativePartition[];
  /** What the user may do with the topic, such as "WRITE". Empty = the broker did not say. */
  rights: string[];
  /** The broker's error code for this topic, or "". */
  error: string;
}

/** What all clients share. Calls run one after the other on the client's own thread. */
export interface NativeClient {
  /** Without a topic: all topics. Never creates a topic. */
  metadata(
    topic: string | null,
    timeoutMs: number,
  ): Promise<{ brokers: { id: number; address: string }[]; topics: NativeTopic[] }>;
  /**
   * Asks the leaders for first offsets and ends in one round trip, with the client's own
   * `isolation.level`. `error`: the leader of this partition did not say.
   */
  watermarks(
    topic: string,
    partitions: number[],
    timeoutMs: number,
  ): Promise<{ partition: number; low: number; high: number; error?: NativeError }[]>;
  /** How long ago a broker has answered this client last, closed or not; undefined = never. */
  readonly answeredMsAgo: number | undefined;
  /** Gives up open calls, leaves the group and frees everything. Idempotent. */
  close(timeoutMs: number): Promise<void>;
}

/** As `SaleSums.asArguments` has them: the memory of a `ProductIndex` for each place. */
type Summing = [sums: ArrayBuffer, places: number[], indexes: ArrayBuffer[], program: ArrayBuffer];

/** Reads one topic. Copies payloads into the batch's memory; `batch.ts` has the layout. */
export interface NativeConsumer extends NativeClient {
  /** Joins the group. Answer each `assigned` event with `assign`. */
  subscribe(topic: string): Promise<void>;
  /**
   * Waits at most `waitMs` for the first record, then takes all that is available. An event ends
   * the poll early, before any later record. Only one poll at a time. With `summing`, the fast path
   * adds up sales there.
   */
  poll(
    memory: ArrayBuffer,
    waitMs: number,
    ...summing: [] | Summing
  ): Promise<NativeConsumerEvent[]>;
  /** Adds partitions to the assignment, each from its offset. */
  assign(topic: string, positions: NativePosition[]): Promise<void>;
  unassign(topic: string, partitions: number[]): Promise<void>;
  seek(topic: string, positions: NativePosition[], timeoutMs: number): Promise<void>;
  /** Asks the brokers for no more records for so long. Never waits. */
  restFetch(restMs: number): void;
  /** The group's committed offsets. Waits for undecided transactions. */
  committed(topic: string, partitions: number[], timeoutMs: number): Promise<NativePosition[]>;
}

export interface NativeProducer extends NativeClient {
  /**
   * Queues records `from` … `count − 1` of a batch. Never waits. Returns how many were taken: fewer
   * when librdkafka's queue is full.
   */
  produce(topic: string, memory: ArrayBuffer, from: number): number;
  /** Records taken, and neither acknowledged nor failed yet. */
  readonly inFlight: number;
  /** Records that the cluster has acknowledged, each one reported by librdkafka. */
  readonly acknowledged: number;
  /** TxnOffsetCommit and EndTxn requests sent so far, repeats included. */
  readonly closingRequests: number;
  /** Where the records of this transaction stand; below 0 = unknown. */
  appended(topic: string): { partition: number; first: number; last: number }[];
  /** Failed deliveries since the last call, at most 100 rows of topic, partition and error. */
  takeFailures(): { topic: string; partition: number; error: NativeError; count: number }[];
  /** Waits until nothing is in flight. Rejects with `_TIMED_OUT`. */
  flush(timeoutMs: number): Promise<void>;
  initTransactions(timeoutMs: number): Promise<void>;
  /** A local call that does not wait. */
  beginTransaction(): void;
  /** Reads the consumer's group metadata at the moment of the call. */
  sendOffsets(
    consumer: NativeConsumer,
    topic: string,
    positions: NativePosition[],
    timeoutMs: number,
  ): Promise<void>;
  commitTransaction(timeoutMs: number): Promise<void>;
  abortTransaction(timeoutMs: number): Promise<void>;
}

export interface NativeMember {
  client: string;
  host: string;
  /** Its `group.instance.id`, if it has one. */
  instance?: string;
  assigned: { topic: string; partition: number }[];
}

export interface NativeAdmin extends NativeClient {
  createTopic(
    topic: string,
    partitions: number,
    /** −1 = the broker's default. */
    replicationFactor: number,
    config: Record<string, string>,
    timeoutMs: number,
  ): Promise<void>;
  addPartitions(topic: string, partitionsTotal: number, timeoutMs: number): Promise<void>;
  /** Both are "" when the brokers do not tell. Rejects when there is no such topic. */
  identity(topic: string, timeoutMs: number): Promise<{ topicId: string; clusterId: string }>;
  /** `replicas`: of the partition that has the fewest. */
  topicSettings(
    topic: string,
    timeoutMs: number,
  ): Promise<{ replicas: number; settings: Record<string, string> }>;
  deleteTopic(topic: string, timeoutMs: number): Promise<void>;
  /** None for a group that does not exist. */
  groupMembers(group: string, timeoutMs: number): Promise<NativeMember[]>;
  deleteOffsets(
    group: string,
    topic: string,
    partitions: number[],
    timeoutMs: number,
  ): Promise<void>;
}

/** librdkafka's mock cluster: speaks the Kafka protocol on 127.0.0.1, with its data in memory. */
export interface NativeMockCluster {
  readonly bootstrapServers: string;
  createTopic(topic: string, partitions: number): void;
  /**
   * Limits the memory of a partition's log, for topics that are created later. The oldest batches
   * leave a full log; the newest one stays, however large. The default is 5 MB.
   */
  limitLogs(bytesMax: number): void;
  /** Answers the next requests of this API with these error codes of the protocol, in order. */
  pushRequestErrors(apiKey: number, errors: number[]): void;
  setBrokerDown(broker: number): void;
  setBrokerUp(broker: number): void;
  /** Delays every answer of the broker. */
  setBrokerRtt(broker: number, rttMs: number): void;
  /** −1 = the partition has no leader from now on. */
  setLeader(topic: string, partition: number, broker: number): void;
  /** Metadata name this broker as the controller from now on. */
  setController(broker: number): void;
  /** `keyType` is "group" or "transaction". */
  setCoordinator(keyType: "group" | "transaction", key: string, broker: number): void;
  close(): void;
}

/** Standard error, written by a thread that all threads of the process share. */
export interface NativeStandardError {
  /** Queues a line, or several; never waits. False: dropped and counted, as 1 MB is waiting. */
  write(line: string): boolean;
  /** How many were dropped since the last call; 0 as long as there is no room for saying so. */
  takeDropped(): number;
  /** Waits on this thread until all is written, at most `timeoutMs`; whether it is. */
  flush(timeoutMs: number): boolean;
}

type OnEvent = (event: NativeEvent) => void;

export interface NativeAddon {
  readonly layoutVersion: number;
  readonly librdkafkaVersion: string;
  Consumer: new (config: NativeConfig, onEvent: OnEvent) => NativeConsumer;
  Producer: new (config: NativeConfig, onEvent: OnEvent) => NativeProducer;
  Admin: new (config: NativeConfig, onEvent: OnEvent) => NativeAdmin;
  /** Adds up records of a batch, as a poll does. Returns the indexes of those added up. */
  sumUp(memory: ArrayBuffer, ...summing: Summing): number[];
  /**
   * Walks the records of a whole record batch into a batch, as a poll does. Returns what is wrong
   * with them, or "". `header`, seven 64-bit floats: base, last and first due offset, base and
   * maximum timestamp, whether the broker has set the times, and the number of records.
   */
  walkBatch(memory: ArrayBuffer, records: ArrayBuffer, header: ArrayBuffer): string;
  MockCluster: new (brokers: number) => NativeMockCluster;
  readonly standardError: NativeStandardError;
}

export const native: NativeAddon = await loadAddon<NativeAddon>();
