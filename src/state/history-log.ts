/**
 * Reads the history topic for a restore and for `verify`. History never stops the totals: what
 * cannot be restored is logged, and counts as unrecorded.
 */

import { isAtLeast, isNothing, linesIn, NO_SUMS, plus, type Sums } from "../domain/sums.ts";
import type { Totals } from "../domain/totals.ts";
import { History } from "../history/history.ts";
import { type Place, reachAt } from "../history/rings.ts";
import { REST, Slot } from "../history/slot.ts";
import { isBookkeepingKey } from "../wire/bookkeeping.ts";
import { foreignRecord } from "../wire/foreign-record.ts";
import {
  decodeHistoryBookkeeping,
  decodeHistoryKey,
  decodeHistorySlot,
  type HistoryBookkeeping,
  type HistorySlot,
  NotAHistoryError,
} from "../wire/history-record.ts";
import { endsOf, type LogPartitions, readLog } from "./totals-log.ts";

/** What the history topic says about a partition. */
export interface RestoredHistory {
  /** The problem of the first record that Salesboard cannot have written. The others count. */
  problem: string | undefined;
  bookkeeping: HistoryBookkeeping | undefined;
  /** Sealed slots by ring and place; undefined = the record is unreadable. */
  slots: ReadonlyMap<string, Slot | undefined>;
  /** Products with a total. Products that only history names have higher ids. */
  productsKnown: number;
  /** All of the log up to this offset is included. */
  end: number;
}

/** The committed totals of a partition. */
interface Committed {
  group: string;
  inputOffset: number;
  totals: Totals;
}

/**
 * Reads the history of these partitions up to the current high watermark. Slots use the product ids
 * of the totals. For `known` partitions it reads only later records.
 */
export async function readHistory(
  source: LogPartitions,
  totals: ReadonlyMap<number, Totals>,
  known: ReadonlyMap<number, RestoredHistory> = new Map(),
): Promise<Map<number, RestoredHistory>> {
  const found = new Map<number, RestoredHistory>();
  for (const partition of source.partitions) {
    const none = { problem: undefined, bookkeeping: undefined, slots: new Map(), end: 0 };
    const productsKnown = (totals.get(partition) as Totals).products.count;
    found.set(partition, { ...(known.get(partition) ?? none), productsKnown });
  }
  const ends = await readLog(source, { from: endsOf(known) }, (partition, batch, i) => {
    const restored = found.get(partition) as RestoredHistory;
    const [key, value] = [batch.key(i), batch.value(i)];
    try {
      if (key) applyRecord(restored, totals.get(partition) as Totals, { key, value });
    } catch (error) {
      if (!(error instanceof NotAHistoryError)) throw error;
      const offset = batch.offsets[i] as number;
      restored.problem ??= foreignRecord({ topic: source.topic, partition, offset }, error);
    }
  });
  for (const [partition, restored] of found) restored.end = ends.get(partition) ?? 0;
  return found;
}

/** The slots that count, because they are in reach. */
export function slotsInReach({ bookkeeping, slots }: RestoredHistory): Slot[] {
  if (!bookkeeping) return [];
  const reach = reachAt(bookkeeping.head);
  return [...slots.values()].filter((slot): slot is Slot => {
    if (!slot) return false;
    const { first, end } = reach[slot.ring];
    return slot.index >= first && slot.index < end;
  });
}

/** Why history and totals of a partition contradict each other; undefined if they do not. */
export function historyContradiction(
  restored: RestoredHistory,
  { group, inputOffset, totals }: Committed,
): string | undefined {
  const { bookkeeping, slots, productsKnown } = restored;
  if (!bookkeeping) {
    return slots.size > 0 ? "the topic holds slots without bookkeeping" : undefined;
  }
  if (bookkeeping.group !== group)
    return `it belongs to group ${bookkeeping.group}, not to ${group}`;
  if (bookkeeping.inputOffset > inputOffset) {
    return `it reaches offset ${bookkeeping.inputOffset}, but the totals reach ${inputOffset}`;
  }
  const counting = slotsInReach(restored);
  if (counting.some((slot) => slot.ids().some((id) => id >= productsKnown))) {
    return "it holds sales of a product that has no total";
  }
  const held = plus(sumOf(counting), bookkeeping.older);
  const all = totals.sum();
  if (!isAtLeast(all, held)) {
    return `it holds ${textOf(held)} or more than the ${textOf(all)} in the totals`;
  }
  const noted = linesIn(held) + BigInt(bookkeeping.unrecorded);
  const counted = { sales: BigInt(bookkeeping.sales), returns: BigInt(bookkeeping.returns) };
  if (noted > linesIn(counted)) {
    return `it holds or lacks ${noted} sales, but ${textOf(counted)} were counted`;
  }
  const isSame = counted.sales === all.sales && counted.returns === all.returns;
  if (bookkeeping.inputOffset === inputOffset && !isSame) {
    return `it counts ${textOf(counted)}, but the totals count ${textOf(all)}`;
  }
  return undefined;
}

/**
 * The restored history, for totals that it does not contradict. Sales that it lacks, because
 * history was off or slots are gone, become unrecorded.
 */
export function historyFrom(restored: RestoredHistory, totals: Totals): History {
  const { bookkeeping } = restored;
  if (!bookkeeping) return historyAnew(restored, totals);
  const slots = slotsInReach(restored);
  const [sales, returns] = [Number(totals.sales), Number(totals.returns)];
  const { head, older, late, untimed, ahead } = bookkeeping;
  const unrecorded = sales + returns - Number(linesIn(sumOf(slots)) + linesIn(older));
  return new History({
    state: { head, sales, returns, older, late, untimed, ahead, unrecorded },
    slots,
  });
}

/** An empty history, which erases the slots in the topic. */
export function historyAnew({ slots }: Pick<RestoredHistory, "slots">, totals: Totals): History {
  const [sales, returns] = [Number(totals.sales), Number(totals.returns)];
  const state = { ...new History().state, sales, returns, unrecorded: sales + returns };
  const erased = [...slots.keys()].map((text): Place => decodeHistoryKey(encoder.encode(text)));
  return new History({ state, erased });
}

const encoder = new TextEncoder();

function applyRecord(
  restored: RestoredHistory,
  totals: Totals,
  { key, value }: { key: Uint8Array; value: Uint8Array | null },
): void {
  if (isBookkeepingKey(key)) {
    restored.bookkeeping = value === null ? undefined : decodeHistoryBookkeeping(value);
    return;
  }
  const { ring, place } = decodeHistoryKey(key);
  const slots = restored.slots as Map<string, Slot | undefined>;
  const name = `${ring}/${place}`;
  if (value === null) {
    slots.delete(name);
    return;
  }
  // The record that it replaces no longer counts, even if this one is unreadable.
  slots.set(name, undefined);
  slots.set(name, slotOf(decodeHistorySlot(key, value), totals));
}

function slotOf({ ring, index, products, rest }: HistorySlot, { products: names }: Totals): Slot {
  const slot = new Slot(ring, index, { room: products.length + 1 });
  for (const { product, ...sums } of products) {
    slot.addLarge(names.findOrAdd(encoder.encode(product)), sums, true);
  }
  if (!isNothing(rest)) slot.addLarge(REST, rest, false);
  slot.seal();
  return slot;
}

function textOf({ sales, returns }: Pick<Sums, "sales" | "returns">): string {
  return returns === 0n ? `${sales} sales` : `${sales} sales and ${returns} returns`;
}

function sumOf(slots: readonly Slot[]): Sums {
  return slots.reduce<Sums>((sum, slot) => plus(sum, slot.total()), NO_SUMS);
}
