/** Latest records of a topic, read when somebody asks for them: raw, as they lie in Kafka. */

import {
  type Admin,
  type Consumer,
  type Kafka,
  RecordBatch,
  type RecordHeader,
} from "../kafka/kafka.ts";

/** Readings at a time, for each has a client of its own. */
const READINGS_MAX = 2;
const BATCH_RECORDS_MAX = 1_000;
const BATCH_BYTES_MAX = 1024 * 1024;
const POLL_WAIT_MS = 100;
/** Longer, and the reader of the page would have gone. */
const READING_MS_MAX = 4_000;
/** Of a value; a page shows no more. */
export const VALUE_BYTES_MAX = 2_048;

export interface RawRecord {
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds; -1 = none. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  /** The first `VALUE_BYTES_MAX` bytes of `valueBytes`. */
  readonly value: Uint8Array | null;
  readonly valueBytes: number;
  readonly headers: readonly RecordHeader[];
}

export interface Reading {
  /** The latest first. */
  readonly records: readonly RawRecord[];
  /** How many were looked at. */
  readonly looked: number;
  /** The time was over before all were. */
  readonly isCut: boolean;
}

/** What a reader wants of a topic. */
export interface Wish {
  readonly topic: string;
  /** Records to look at, from the end back. */
  readonly depth: number;
  /** Records to keep. */
  readonly count: number;
  /** Of a value as a whole. */
  readonly wants: (value: Uint8Array | null) => boolean;
}

export class Records {
  readonly #kafka: Kafka;
  #readings = 0;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /**
   * Undefined when others are read already: to be asked again. A topic that does not exist has no
   * records.
   * @throws KafkaError when Kafka does not answer
   */
  async latest(wish: Wish): Promise<Reading | undefined> {
    if (this.#readings >= READINGS_MAX) return undefined;
    this.#readings++;
    const admin = this.#kafka.admin();
    const reader = this.#kafka.reader({ topic: wish.topic });
    try {
      return await read(wish, admin, reader);
    } finally {
      this.#readings--;
      await Promise.allSettled([reader.close(), admin.close()]);
    }
  }
}

async function read(wish: Wish, admin: Admin, reader: Consumer): Promise<Reading> {
  const { topic, depth, count } = wish;
  const giveUpAt = performance.now() + READING_MS_MAX;
  const { partitions = 0 } = (await admin.describeTopic(topic)) ?? {};
  const ends = new Map<number, number>();
  const start = [];
  for (let partition = 0; partition < partitions; partition++) {
    const { low, high } = await admin.watermarks(topic, partition);
    if (high === low) continue;
    ends.set(partition, high);
    start.push({ partition, offset: Math.max(low, high - Math.ceil(depth / partitions)) });
  }
  if (start.length > 0) await reader.assign(start);
  const batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });
  const found: RawRecord[] = [];
  let looked = 0;
  while (ends.size > 0 && performance.now() < giveUpAt) {
    const events = await reader.poll(batch, POLL_WAIT_MS);
    looked += batch.count;
    for (let i = 0; i < batch.count; i++) {
      if (wish.wants(batch.value(i))) found.push(recordOf(batch, i));
      if (found.length > 2 * count) keepLatest(found, count);
    }
    for (const event of events) {
      if (event.type === "error" && event.error.verdict === "fatal") throw event.error;
      if (event.type === "end" || event.type === "outOfRange") ends.delete(event.partition);
    }
  }
  keepLatest(found, count);
  return { records: found, looked, isCut: ends.size > 0 };
}

function keepLatest(records: RawRecord[], count: number): void {
  records.sort((a, b) => b.timestamp - a.timestamp || b.offset - a.offset);
  records.length = Math.min(records.length, count);
}

function recordOf(batch: RecordBatch, i: number): RawRecord {
  const value = batch.value(i);
  return {
    partition: batch.partitions[i] as number,
    offset: batch.offsets[i] as number,
    timestamp: batch.timestamps[i] as number,
    key: batch.key(i)?.slice(0, VALUE_BYTES_MAX) ?? null,
    value: value?.slice(0, VALUE_BYTES_MAX) ?? null,
    valueBytes: value?.length ?? 0,
    headers: batch.headers(i).map(({ name, value: of }) => ({ name, value: of?.slice() ?? null })),
  };
}
