/**
 * The addon as TypeScript sees it: declarations, no behaviour.
 * `native/addon.cc` is the table of contents of the other side.
 */

import { loadAddon } from "./load-addon.ts";

/** Librdkafka's configuration: property → value, both strings. */
export type NativeConfig = Record<string, string>;

/**
 * What every failed call throws or rejects with. `code` is librdkafka's name without its prefix
 * (`_TIMED_OUT`, `TOPIC_AUTHORIZATION_FAILED`); the three flags are librdkafka's own.
 */
export interface NativeError extends Error {
  code: string;
  number: number;
  retriable: boolean;
  txnRequiresAbort: boolean;
  fatal: boolean;
}

/**
 * A log line, client error or statistics document; delivered on the JavaScript thread, queue of at
 * most 1,000.
 */
export type NativeEvent =
  | { type: "log"; level: number; facility: string; message: string }
  | { type: "error"; error: NativeError }
  | { type: "stats"; json: string };

/** In the order in which they happened among the records of one poll. */
export type NativeConsumerEvent =
  | { type: "assigned"; partitions: number[] }
  | { type: "revoked"; partitions: number[]; lost: boolean }
  | { type: "end"; partition: number; offset: number }
  | { type: "error"; partition: number; error: NativeError };

export interface NativePosition {
  partition: number;
  /**
   * Next offset to read; `OFFSET_BEGINNING` −2, `OFFSET_END` −1; as an answer of `committed` −1001
   * = none.
   */
  offset: number;
}

export interface NativeTopic {
  name: string;
  partitions: number;
  /** "" or the broker's error code for this topic. */
  error: string;
}

/**
 * What consumers, producers and admins share. Calls run one behind the other on the client's own
 * thread.
 */
export interface NativeClient {
  /** Without a topic: all topics. Never creates one. */
  metadata(
    topic: string | null,
    timeoutMs: number,
  ): Promise<{ brokers: number; topics: NativeTopic[] }>;
  /**
   * First offsets and ends, in one round trip to the leaders; with the client's own
   * `isolation.level`.
   */
  watermarks(
    topic: string,
    partitions: number[],
    timeoutMs: number,
  ): Promise<{ partition: number; low: number; high: number }[]>;
  /** Gives up what is under way, leaves the group, frees everything; idempotent. */
  close(timeoutMs: number): Promise<void>;
}

/** The memory of `SaleSums`; partitions, and the memory of a `ProductIndex` for each of them. */
type Summing = [sums: ArrayBuffer, partitions: number[], products: ArrayBuffer[]];

/** Reads one topic. Payloads are copied into the batch's memory; see `batch.ts` for the layout. */
export interface NativeConsumer extends NativeClient {
  /** Joins the group; partitions arrive as `assigned` events and must be answered by `assign`. */
  subscribe(topic: string): Promise<void>;
  /**
   * Waits at most `waitMs` for the first record, then takes what is there. Returns early, and
   * before any later record, when an event happened. Only one poll at a time. With `summing`, sales
   * that the fast path is sure of go there.
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
  /** The group's stable committed offsets: waits for transactions that are still deciding. */
  committed(topic: string, partitions: number[], timeoutMs: number): Promise<NativePosition[]>;
}

export interface NativeProducer extends NativeClient {
  /**
   * Queues records `from` … `count − 1` of a batch; never waits.
   * Returns how many were taken: fewer when librdkafka's queue is full.
   */
  produce(topic: string, memory: ArrayBuffer, from: number): number;
  /** Records taken and not yet acknowledged or failed. */
  readonly inFlight: number;
  /** TxnOffsetCommit and EndTxn requests sent so far, each as often as it was sent. */
  readonly closingRequests: number;
  /** Failed deliveries since the last call: at most 100 distinct (topic, partition, error) rows. */
  takeFailures(): { topic: string; partition: number; error: NativeError; count: number }[];
  /** Waits until nothing is in flight; rejects with `_TIMED_OUT`. */
  flush(timeoutMs: number): Promise<void>;
  initTransactions(timeoutMs: number): Promise<void>;
  /** Local, does not wait. */
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
}

/**
 * librdkafka's mock cluster: speaks the Kafka protocol on 127.0.0.1 and keeps its data in memory.
 */
export interface NativeMockCluster {
  readonly bootstrapServers: string;
  createTopic(topic: string, partitions: number): void;
  /**
   * The next requests of this API are answered with these error codes (numbers of the protocol), in
   * order.
   */
  pushRequestErrors(apiKey: number, errors: number[]): void;
  setBrokerDown(broker: number): void;
  setBrokerUp(broker: number): void;
  /** Delay of every answer. */
  setBrokerRtt(broker: number, rttMs: number): void;
  /** `keyType` is "group" or "transaction". */
  setCoordinator(keyType: "group" | "transaction", key: string, broker: number): void;
  close(): void;
}

type OnEvent = (event: NativeEvent) => void;

export interface NativeAddon {
  readonly layoutVersion: number;
  readonly librdkafkaVersion: string;
  Consumer: new (config: NativeConfig, onEvent: OnEvent) => NativeConsumer;
  Producer: new (config: NativeConfig, onEvent: OnEvent) => NativeProducer;
  Admin: new (config: NativeConfig, onEvent: OnEvent) => NativeAdmin;
  /** What a poll does, for records that stand in a batch already: indexes of those summed up. */
  sumUp(memory: ArrayBuffer, ...summing: Summing): number[];
  MockCluster: new (brokers: number) => NativeMockCluster;
}

export const native: NativeAddon = await loadAddon<NativeAddon>();
