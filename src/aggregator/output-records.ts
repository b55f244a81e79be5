/** The records of one transaction, in batches that are ready to produce. */

import { boardTopics, type Config } from "../config/config.ts";
import { dayText } from "../domain/day.ts";
import type { ProductDay } from "../domain/days.ts";
import type { Totals } from "../domain/totals.ts";
import { placeOf } from "../history/rings.ts";
import { type OutgoingRecord, RecordBatch } from "../kafka/kafka.ts";
import { mappingFingerprint } from "../mapping/input-judge.ts";
import type { OwnedPartition, SealedPartition, SealedTotals } from "../state/owned-partition.ts";
import { BOOKKEEPING_KEY, encodeBookkeeping } from "../wire/bookkeeping.ts";
import { dayKey, encodeDay } from "../wire/day-record.ts";
import {
  encodeHistoryBookkeeping,
  encodeHistorySlot,
  HISTORY_BOOKKEEPING_KEY,
  historyKey,
} from "../wire/history-record.ts";
import { encodeTotal } from "../wire/total-record.ts";
import type { TopicBatch } from "./transactions/session.ts";

/**
 * The embedded broker keeps the last 2 MB of a partition and never compacts. So each transaction
 * there also rewrites some unchanged totals, fast enough that every total is written again
 * within this many bytes of others. The log then always holds all totals.
 */
const REFRESH_CYCLE_BYTES = 768 * 1024;
/** The bytes of a total's record without its name: numbers, field names and Kafka's frame. */
const TOTAL_FRAME_BYTES = 280;
/** The same of the record of an ended day. */
const DAY_FRAME_BYTES = 150;
/** The name is in the key and in the value, where an escape can double each byte. */
const NAME_COPIES_MAX = 3;

const BATCH_RECORDS_MAX = 1024;
const BATCH_BYTES_MAX = 512 * 1024;

/** What the transaction writes. */
interface Work {
  partitions: readonly SealedPartition[];
  deadLetters: readonly OutgoingRecord[];
  /** The transactional id. */
  writer: string;
  /** The time of the update in each total. */
  at: Date;
}

export class Output {
  readonly #config: Config;
  /** Shared by all transactions, because allocating a batch costs more than filling it. */
  readonly #batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });

  constructor(config: Config) {
    this.#config = config;
  }

  /**
   * The changed totals and the bookkeeping of each partition, the same for each dimension and for
   * history, then the dead letters. One transaction at a time, because the next call reuses the
   * memory. Lazy: at most one batch is in memory, even for a transaction of a million products.
   */
  *records(work: Work): Generator<TopicBatch> {
    const { outputTopic, historyTopic, deadLetterTopic } = this.#config;
    yield* this.#inBatches(
      outputTopic,
      totalsRecords(this.#config, work, ({ products }) => products),
    );
    for (const [i, { topic }] of boardTopics(this.#config).entries()) {
      const ofDimension = ({ dimensions }: SealedPartition) => dimensions[i] as SealedTotals;
      yield* this.#inBatches(topic, totalsRecords(this.#config, work, ofDimension));
    }
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
      // A record larger than the batch gets its own batch, so that the shared memory does not grow.
      if (!batch.append(record)) yield { topic, batch: batchOf(record) };
    }
    if (batch.count > 0) yield { topic, batch };
  }
}

/** `pick`: which of the totals of a partition. */
function* totalsRecords(
  config: Config,
  { partitions, writer, at }: Work,
  pick: (sealed: SealedPartition) => SealedTotals,
): Generator<OutgoingRecord> {
  const updatedAt = at.toISOString();
  const mapping = mappingFingerprint(config);
  for (const sealed of partitions) {
    const { partition } = sealed;
    const { totals, touched, days } = pick(sealed);
    const refreshed = config.isEmbedded ? withRefresh(totals, touched) : { ids: [], days: [] };
    const ids = refreshed.ids.length > 0 ? new Set([...touched, ...refreshed.ids]) : touched;
    for (const id of ids) {
      const total = totals.sealed(id);
      // A product that is new since the seal has no total yet, and a refresh must not write one.
      if (total.sales === 0 && total.returns === 0) continue;
      const product = totals.products.name(id);
      const last = totals.days.last(id);
      const day = last && { ...last, date: dayText(last.day) };
      const value = encodeTotal({ product, ...total, day, updatedAt });
      yield { key: totals.products.nameBytes(id), value, partition: partition.id };
    }
    for (const day of days) yield dayRecord(partition, totals, day);
    for (const id of refreshed.days) {
      for (const day of totals.days.endedOf(id)) yield dayRecord(partition, totals, day);
    }
    const value = encodeBookkeeping(
      partition.bookkeeping({ group: config.group, writer, mapping }, totals),
    );
    yield { key: BOOKKEEPING_KEY, value, partition: partition.id };
  }
}

function dayRecord({ id }: OwnedPartition, totals: Totals, { id: of, day, sums }: ProductDay) {
  const date = dayText(day);
  const product = totals.products.name(of);
  const key = dayKey(totals.products.nameBytes(of), date);
  return { key, value: encodeDay({ product, day: date, ...sums }), partition: id };
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
    const value = encodeHistoryBookkeeping(owned.historyBookkeeping(owned.history, group));
    yield { key: HISTORY_BOOKKEEPING_KEY, value, partition };
  }
}

/**
 * As many other products as are due from where the last refresh ended: those whose totals are
 * written again, and those whose ended days are.
 */
function withRefresh(
  totals: Totals,
  touched: readonly number[],
): { ids: readonly number[]; days: readonly number[] } {
  const { products, days } = totals;
  const { count, arenaBytes } = products;
  const totalsBytes = count * TOTAL_FRAME_BYTES + NAME_COPIES_MAX * arenaBytes;
  const nameBytes = (NAME_COPIES_MAX * arenaBytes) / Math.max(count, 1);
  const daysBytes = days.endedCount * (DAY_FRAME_BYTES + nameBytes);
  // Days that do not fit are lost whatever we do. They must not take the totals with them.
  const isWithDays = totalsBytes + daysBytes < REFRESH_CYCLE_BYTES / 2;
  const allBytes = totalsBytes + (isWithDays ? daysBytes : 0);
  const writtenBytes = (touched.length + 1) * (totalsBytes / Math.max(count, 1));
  const share = Math.min(1, writtenBytes / (REFRESH_CYCLE_BYTES - allBytes));
  // With more products than fit into a cycle the best we can do is rewrite all of them.
  const due = share > 0 ? Math.ceil(count * share) : count;
  const ids: number[] = [];
  for (let step = 0; step < due; step++) {
    ids.push(totals.refreshFrom % count);
    totals.refreshFrom = (totals.refreshFrom + 1) % count;
  }
  return { ids, days: isWithDays ? ids : [] };
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
