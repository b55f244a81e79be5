/** Records in and out of a topic, for tests that speak to the port. */

import {
  type Kafka,
  type OutgoingRecord,
  RecordBatch,
  type RecordHeader,
} from "../../src/kafka/kafka.ts";
import { WAIT_MS_MAX } from "./wait.ts";

export interface ReadRecord {
  partition: number;
  offset: number;
  /** Epoch milliseconds. */
  timestamp: number;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: RecordHeader[];
}

export function recordsOf(records: readonly OutgoingRecord[]): RecordBatch {
  const bytesMax = records.reduce((sum, { value }) => sum + 1_000 + (value?.length ?? 0), 0);
  const batch = new RecordBatch({ recordsMax: records.length, bytesMax });
  for (const record of records) if (!batch.append(record)) throw new Error("The batch is full");
  return batch;
}

/** Sends records and waits until they are acknowledged. */
export async function sendAll(
  kafka: Kafka,
  topic: string,
  records: readonly OutgoingRecord[],
): Promise<void> {
  const producer = kafka.producer();
  const batch = recordsOf(records);
  for (let sent = 0; sent < batch.count; ) {
    sent += producer.produce(topic, batch, sent);
    if (sent < batch.count) await Bun.sleep(1);
  }
  await producer.flush(WAIT_MS_MAX);
  const failures = producer.takeFailures();
  await producer.close();
  if (failures.length > 0) throw new Error(`Not delivered: ${failures[0]?.error.message}`);
}

/** Everything that is committed in these partitions now, in the order of each partition. */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  partitions: readonly number[],
  batch = new RecordBatch({ recordsMax: 10_000, bytesMax: 4 * 1024 * 1024 }),
): Promise<ReadRecord[]> {
  const admin = kafka.admin();
  const open = new Map<number, number>();
  for (const partition of partitions) {
    const { low, high } = await admin.watermarks(topic, partition);
    if (high > low) open.set(partition, high);
  }
  const low = await Promise.all([...open.keys()].map((p) => admin.watermarks(topic, p)));
  await admin.close();
  const reader = kafka.reader({ topic });
  await reader.assign(
    [...open.keys()].map((partition, i) => ({ partition, offset: low[i]?.low ?? 0 })),
  );
  const records: ReadRecord[] = [];
  const giveUpAt = performance.now() + WAIT_MS_MAX;
  while (open.size > 0) {
    if (performance.now() > giveUpAt) throw new Error(`${topic} was not read within its bound`);
    const events = await reader.poll(batch, 50);
    for (let i = 0; i < batch.count; i++) records.push(record(batch, i));
    for (const event of events) {
      if (event.type !== "end") continue;
      if (event.offset >= (open.get(event.partition) ?? 0)) open.delete(event.partition);
    }
  }
  await reader.close();
  return records;
}

export function texts(records: readonly ReadRecord[]): (string | null)[] {
  return records.map(({ value }) => value && new TextDecoder().decode(value));
}

function record(batch: RecordBatch, i: number): ReadRecord {
  return {
    partition: batch.partitions[i] as number,
    offset: batch.offsets[i] as number,
    timestamp: batch.timestamps[i] as number,
    key: batch.key(i)?.slice() ?? null,
    value: batch.value(i)?.slice() ?? null,
    headers: batch.headers(i),
  };
}
