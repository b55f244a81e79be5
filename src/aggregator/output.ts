/** What one transaction writes, as batches ready to be produced. */

import { BOOKKEEPING_KEY, encodeBookkeeping, encodeTotal } from "../codec.ts";
import type { Config } from "../config.ts";
import {
  encodeHistoryNote,
  encodeHistorySlot,
  HISTORY_NOTE_KEY,
  historyKey,
} from "../history-codec.ts";
import { type OutgoingRecord, RecordBatch } from "../kafka/kafka.ts";
import { placeOf } from "../rings.ts";
import type { OwnedPartition, SealedPartition } from "./partition.ts";

/**
 * The embedded broker keeps the last 2 MB of a partition and never compacts. So each transaction
 * there also rewrites some unchanged totals, at such a pace that every total is written again
 * before this many bytes of others: the log always holds all of them.
 */
const REFRESH_CYCLE_BYTES = 768 * 1024;
/** A total's record without its names: the numbers, the field names, Kafka's own. */
const TOTAL_FRAME_BYTES = 180;
/** The name stands in the key and, each byte escaped at worst, in the value. */
const NAME_COPIES_MAX = 3;

const BATCH_RECORDS_MAX = 1024;
const BATCH_BYTES_MAX = 512 * 1024;

export interface TopicBatch {
  topic: string;
  /** Valid until the next one is asked for. */
  batch: RecordBatch;
}

/** What was sealed. */
interface Work {
  partitions: readonly SealedPartition[];
  deadLetters: readonly OutgoingRecord[];
  /** The transactional id. */
  writer: string;
  /** What the totals say about when they were updated. */
  at: Date;
}

export class Output {
  readonly #config: Config;
  /** Of all transactions: to allocate and clear one for each costs more than to fill it. */
  readonly #batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });

  constructor(config: Config) {
    this.#config = config;
  }

  /**
   * Totals that changed and the bookkeeping of each partition, the same of history, then the dead
   * letters. Of one transaction at a time: the next call takes the memory of the last one.
   * Lazy: at most one batch is in memory, so a transaction of a million products needs no more.
   */
  *records(work: Work): Generator<TopicBatch> {
    const { outputTopic, historyTopic, deadLetterTopic } = this.#config;
    yield* this.#inBatches(outputTopic, outputRecords(this.#config, work));
    yield* this.#inBatches(historyTopic, historyRecords(this.#config, work));
    yield* this.#inBatches(deadLetterTopic, work.deadLetters);
  }

  *#inBatches(topic: string, records: Iterable<OutgoingRecord>): Generator<TopicBatch> {
    const batch = this.#batch;
    batch.clear();
    for (const record of records) {
      if (batch.append(record)) continue;
      if (batch.count > 0) yield { topic, batch };
      batch.clear();
      // What is larger than a batch gets one of its own: memory must not stay as large.
      if (!batch.append(record)) yield { topic, batch: batchOf(record) };
    }
    if (batch.count > 0) yield { topic, batch };
  }
}

function* outputRecords(
  config: Config,
  { partitions, writer, at }: Work,
): Generator<OutgoingRecord> {
  const updatedAt = at.toISOString();
  for (const { partition, touched } of partitions) {
    const ids = config.brokers === undefined ? withRefresh(partition, touched) : touched;
    for (const id of ids) {
      const total = partition.totals.total(id);
      // A product met after the seal has no total yet; a refresh must not write one.
      if (total.sales === 0n) continue;
      const key = partition.totals.products.nameBytes(id);
      yield { key, value: encodeTotal({ ...total, updatedAt }), partition: partition.id };
    }
    const value = encodeBookkeeping(partition.bookkeeping({ group: config.group, writer }));
    yield { key: BOOKKEEPING_KEY, value, partition: partition.id };
  }
}

function* historyRecords({ group }: Config, { partitions }: Work): Generator<OutgoingRecord> {
  for (const { partition: owned, history: sealed } of partitions) {
    if (!sealed || !owned.history) continue;
    const partition = owned.id;
    const nameOf = (id: number) => owned.totals.products.name(id);
    for (const place of sealed.erased) yield { key: historyKey(place), value: null, partition };
    for (const slot of sealed.slots) {
      const key = historyKey({ ring: slot.ring, place: placeOf(slot.ring, slot.index) });
      yield { key, value: encodeHistorySlot(slot, nameOf), partition };
    }
    const value = encodeHistoryNote(owned.historyNote(owned.history, group));
    yield { key: HISTORY_NOTE_KEY, value, partition };
  }
}

/** The touched products and, from where the last refresh ended, as many others as are due. */
function withRefresh(partition: OwnedPartition, touched: readonly number[]): Set<number> {
  const { count, arenaBytes } = partition.totals.products;
  const ids = new Set(touched);
  const allBytes = count * TOTAL_FRAME_BYTES + NAME_COPIES_MAX * arenaBytes;
  const writtenBytes = (touched.length + 1) * (allBytes / Math.max(count, 1));
  const share = Math.min(1, writtenBytes / (REFRESH_CYCLE_BYTES - allBytes));
  // With more products than fit a cycle all of them are rewritten: the best that can be done.
  const due = share > 0 ? Math.ceil(count * share) : count;
  for (let step = 0; step < due; step++) {
    ids.add(partition.refreshFrom % count);
    partition.refreshFrom = (partition.refreshFrom + 1) % count;
  }
  return ids;
}

function batchOf(record: OutgoingRecord): RecordBatch {
  const batch = new RecordBatch({ recordsMax: 1, bytesMax: recordBytes(record) });
  batch.append(record);
  return batch;
}

function recordBytes({ key, value, headers = [] }: OutgoingRecord): number {
  const headerBytes = headers.reduce(
    (sum, { name, value }) => sum + 8 + Buffer.byteLength(name) + (value?.length ?? 0),
    0,
  );
  return (key?.length ?? 0) + (value?.length ?? 0) + headerBytes;
}
