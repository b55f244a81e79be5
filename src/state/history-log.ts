/**
 * The history topic as a restore and `verify` read it, and what can be made of it. History never
 * stops the totals: what cannot be restored is said, and counted as unrecorded.
 */

import { isAtLeast, isNothing, linesIn, NO_SUMS, plus, type Sums } from "../domain/sums.ts";
import type { Totals } from "../domain/totals.ts";
import { History, type Place } from "../history/history.ts";
import { reachAt } from "../history/rings.ts";
import { REST, Slot } from "../history/slot.ts";
import { isBookkeepingKey } from "../wire/bookkeeping.ts";
import {
  decodeHistoryBookkeeping,
  decodeHistoryKey,
  decodeHistorySlot,
  type HistoryBookkeeping,
  type HistorySlot,
  NotAHistoryError,
} from "../wire/history-record.ts";
import { endsOf, type LogPartitions, readLog } from "./totals-log.ts";

/** What the history topic says of a partition. */
export interface RestoredHistory {
  /** Of the first record that no Salesboard wrote; the others count. */
  problem: string | undefined;
  bookkeeping: HistoryBookkeeping | undefined;
  /** By ring and place; sealed. Undefined: there is a record that cannot be read. */
  slots: ReadonlyMap<string, Slot | undefined>;
  /** Products with a total: those that history alone names have higher ids. */
  productsKnown: number;
  /** The offset of the log up to which all of it is here. */
  end: number;
}

/** Up to what the totals of a partition go. */
interface Committed {
  group: string;
  inputOffset: number;
  totals: Totals;
}

/**
 * What the history topic says of these partitions, up to the high watermark of this moment. Slots
 * have the product ids of the totals. Of those that are `known` already only what comes after that
 * is read.
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
      restored.problem ??= `at offset ${batch.offsets[i]}: ${error.message}`;
    }
  });
  for (const [partition, restored] of found) restored.end = ends.get(partition) ?? 0;
  return found;
}

/** The slots that count: those that are still in reach. */
export function slotsInReach({ bookkeeping, slots }: RestoredHistory): Slot[] {
  if (!bookkeeping) return [];
  const reach = reachAt(bookkeeping.head);
  return [...slots.values()].filter((slot): slot is Slot => {
    if (!slot) return false;
    const { first, end } = reach[slot.ring];
    return slot.index >= first && slot.index < end;
  });
}

/** Why the history and the totals of a partition cannot both be right; undefined if they can. */
export function historyContradiction(
  restored: RestoredHistory,
  { group, inputOffset, totals }: Committed,
): string | undefined {
  const { bookkeeping, slots, productsKnown } = restored;
  if (!bookkeeping) {
    return slots.size > 0 ? "the topic holds slots that no aggregator noted" : undefined;
  }
  if (bookkeeping.group !== group)
    return `it belongs to group ${bookkeeping.group}, not to ${group}`;
  if (bookkeeping.inputOffset > inputOffset) {
    return `it goes up to offset ${bookkeeping.inputOffset}, but the totals to ${inputOffset}`;
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
    return `${textOf(counted)} were counted in it, but ${textOf(all)} in the totals`;
  }
  return undefined;
}

/**
 * The history as it goes on from totals that it does not contradict. What it lacks of their sales,
 * because it was not kept or slots are gone, is unrecorded.
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

/** A history that begins with what comes next, and erases what stands in the topic. */
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
  // What it replaces does not count any more, whatever it says itself.
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
