/** The addon on a mock cluster of its own, for tests below the port. */

import { RecordBatch } from "../../src/kafka/batch.ts";
import {
  type NativeClient,
  type NativeConfig,
  type NativeConsumer,
  type NativeConsumerEvent,
  type NativeError,
  type NativeEvent,
  type NativeMockCluster,
  native,
} from "../../src/kafka/native.ts";

/** Longest wait for one answer of the mock cluster. */
export const ANSWER_MS_MAX = 60_000;
const POLL_MS = 100;

/** Numbers of the protocol. */
export const API = {
  produce: 0,
  offsetFetch: 9,
  heartbeat: 12,
  initProducerId: 22,
  endTxn: 26,
  txnOffsetCommit: 28,
} as const;
export const ERROR = {
  notLeader: 6,
  notCoordinator: 16,
  illegalGeneration: 22,
  unknownMemberId: 25,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  outOfOrder: 45,
} as const;

// The mock cluster lets members wait for the session's time less one second.
export const GROUP = { "heartbeat.interval.ms": "100", "session.timeout.ms": "1500" };

/** A mock cluster and its clients; `close` ends them all. */
export class NativeCluster {
  readonly mock: NativeMockCluster;
  /** What clients reported, in order. */
  readonly events: NativeEvent[] = [];
  /** How many of them each client reported. */
  readonly reported = new Map<NativeClient, number>();
  readonly #clients: NativeClient[] = [];
  #topics = 0;

  constructor(brokers = 1) {
    this.mock = new native.MockCluster(brokers);
  }

  newTopic(partitions = 1): string {
    const topic = `topic-${this.#topics++}`;
    this.mock.createTopic(topic, partitions);
    return topic;
  }

  consumer(config: NativeConfig = {}): NativeConsumer {
    return this.#open(native.Consumer, {
      "group.id": "nobody",
      "enable.auto.commit": "false",
      "enable.partition.eof": "true",
      "fetch.wait.max.ms": "20",
      "fetch.queue.backoff.ms": "5",
      ...config,
    });
  }

  producer(config: NativeConfig = {}) {
    return this.#open(native.Producer, { "delivery.report.only.error": "true", ...config });
  }

  async transactionalProducer(id: string, config: NativeConfig = {}) {
    const producer = this.producer({ "transactional.id": id, ...config });
    await producer.initTransactions(ANSWER_MS_MAX);
    return producer;
  }

  admin(config: NativeConfig = {}) {
    return this.#open(native.Admin, config);
  }

  async send(topic: string, values: readonly string[], partition = 0): Promise<void> {
    const producer = this.producer();
    producer.produce(topic, batchOf(values, partition).memory, 0);
    await producer.flush(ANSWER_MS_MAX);
    await producer.close(ANSWER_MS_MAX);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close(ANSWER_MS_MAX)));
    this.mock.close();
  }

  #open<T extends NativeClient>(
    Client: new (config: NativeConfig, onEvent: (event: NativeEvent) => void) => T,
    config: NativeConfig,
  ): T {
    const servers = { "bootstrap.servers": this.mock.bootstrapServers };
    const client = new Client({ ...servers, ...config }, (event) => {
      this.events.push(event);
      this.reported.set(client, (this.reported.get(client) ?? 0) + 1);
    });
    this.#clients.push(client);
    return client;
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function batchOf(values: readonly string[], partition = 0): RecordBatch {
  const batch = new RecordBatch({ recordsMax: values.length, bytesMax: 1 << 16 });
  for (const value of values) batch.append({ value: bytes(value), partition });
  return batch;
}

export function valuesOf(batch: RecordBatch): string[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const value = batch.value(i);
    return value === null ? "null" : new TextDecoder().decode(value);
  });
}

/** Polls until `done` says so of the events and values gathered. */
export async function pollUntil(
  consumer: NativeConsumer,
  done: (seen: { events: NativeConsumerEvent[]; values: string[] }) => boolean,
  batch = new RecordBatch({ recordsMax: 100, bytesMax: 1 << 16 }),
): Promise<{ events: NativeConsumerEvent[]; values: string[] }> {
  const seen = { events: [] as NativeConsumerEvent[], values: [] as string[] };
  const deadlineMs = performance.now() + ANSWER_MS_MAX;
  while (!done(seen)) {
    if (performance.now() > deadlineMs) {
      throw new Error(`Polled ${ANSWER_MS_MAX} ms in vain; seen: ${JSON.stringify(seen)}`);
    }
    seen.events.push(...(await consumer.poll(batch.memory, POLL_MS)));
    seen.values.push(...valuesOf(batch));
  }
  return seen;
}

/** All values of a partition up to its end, as this consumer may see them. */
export async function readToEnd(consumer: NativeConsumer, topic: string): Promise<string[]> {
  await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
  const { values } = await pollUntil(consumer, ({ events }) =>
    events.some(({ type }) => type === "end"),
  );
  return values;
}

export async function failureOf(call: Promise<unknown>): Promise<NativeError> {
  const outcome = await call.then(
    () => undefined,
    (error: NativeError) => error,
  );
  if (!outcome) throw new Error("The call should have failed.");
  return outcome;
}

/** Joins its group and waits for the partitions that it is given; it does not take them yet. */
export async function joined(consumer: NativeConsumer, topic: string): Promise<number[]> {
  await consumer.subscribe(topic);
  return offered(consumer, "assigned");
}

/** Polls until partitions are assigned or revoked; which. */
export async function offered(
  consumer: NativeConsumer,
  type: "assigned" | "revoked",
): Promise<number[]> {
  const { events } = await pollUntil(
    consumer,
    (seen) => partitionsOf(seen.events, type).length > 0,
  );
  return partitionsOf(events, type);
}

/** A member of a group that takes and gives up what it is told to. */
export class NativeMember {
  /** What it reads. */
  readonly owned = new Set<number>();
  readonly #consumer: NativeConsumer;
  readonly #topic: string;
  readonly #batch = new RecordBatch({ recordsMax: 10, bytesMax: 100 });

  constructor(consumer: NativeConsumer, topic: string) {
    this.#consumer = consumer;
    this.#topic = topic;
  }

  /** Polls once and answers what it is told. */
  async step(): Promise<{ events: NativeConsumerEvent[]; values: string[] }> {
    const events = await this.#consumer.poll(this.#batch.memory, POLL_MS / 2);
    for (const event of events) {
      if (event.type === "revoked") await this.#giveUp(event.partitions);
      if (event.type === "assigned") await this.#take(event.partitions);
    }
    return { events, values: valuesOf(this.#batch) };
  }

  async #take(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) await this.#consumer.assign(this.#topic, []);
    // One by one, as their states would be restored.
    for (const partition of partitions) {
      await this.#consumer.assign(this.#topic, start(partition));
      this.owned.add(partition);
    }
  }

  async #giveUp(partitions: number[]): Promise<void> {
    await this.#consumer.unassign(this.#topic, partitions);
    for (const partition of partitions) this.owned.delete(partition);
  }
}

/** The partitions of all events of this type. */
export function partitionsOf(
  events: NativeConsumerEvent[],
  type: "assigned" | "revoked",
): number[] {
  const found = events.flatMap((event) => (event.type === type ? event.partitions : []));
  return [...new Set(found)].toSorted();
}

/** A position at the beginning. */
export const start = (partition: number) => [{ partition, offset: 0 }];
