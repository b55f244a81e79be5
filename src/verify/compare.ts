/** Compares what the output topic says about a partition with what its input says. */

import { formatAmount } from "../domain/money.ts";
import type { ProductTotal } from "../domain/sale.ts";
import { isAtLeast, isSame, NO_SUMS, type Sums } from "../domain/sums.ts";
import type { RestoredHistory } from "../state/history-log.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import type { Restored } from "../state/totals-log.ts";
import { recordsCounted } from "../wire/bookkeeping.ts";

/** The input that the totals of a partition claim to contain: offsets `from` to `to`, exclusive. */
export interface ClaimedInput {
  partition: number;
  /** Above 0 if retention has removed input. */
  from: number;
  to: number;
  /** The end of the input. Below `to` means that these totals come from other input. */
  high: number;
  /** The group's committed offset. */
  committed: number | null;
  restored: Restored;
  /** Undefined if the partition has no history. */
  history: RestoredHistory | undefined;
}

export interface Difference {
  partition: number;
  /** Set for a difference in history: the key of the slot's record, and the slot's start. */
  slot?: string;
  /** Null: a difference in the bookkeeping, or in the sum of all products of a slot. */
  product: string | null;
  /** The value from the input; `found` is the value in the output topic. */
  recomputed: string;
  found: string;
}

/**
 * All differences of a partition. If retention removed input, the totals may exceed what is left,
 * but by no more sales than were removed, and they must never be lower. What cannot be checked is
 * not a difference.
 */
export function differencesOf(span: ClaimedInput, recomputed: OwnedPartition): Difference[] {
  const { partition, restored, committed, from, to, high } = span;
  const differences: Difference[] = [];
  const differ = (product: string | null, expected: string, found: string) => {
    differences.push({ partition, product, recomputed: expected, found });
  };
  if (restored.problem) differ(null, "totals", restored.problem);
  const agrees = from > 0 ? isAtLeast : isSame;
  const found = totalsByName(restored.totals);
  const expected = totalsByName(recomputed.totals);
  for (const product of new Set([...expected.keys(), ...found.keys()])) {
    const [must, is] = [expected.get(product) ?? NO_SUMS, found.get(product) ?? NO_SUMS];
    if (!agrees(is, must)) differ(product, totalText(must), totalText(is));
  }
  const { bookkeeping } = restored;
  if (!bookkeeping) return differences;
  const removed =
    bookkeeping.sales + bookkeeping.deadLetters - recomputed.totals.sales - recomputed.deadLetters;
  if (from > 0 && removed > BigInt(from)) {
    differ(null, `at most ${from} records before offset ${from}`, `${removed} counted`);
  }
  const [dead, deadFound] = [recomputed.deadLetters, bookkeeping.deadLetters];
  if (from > 0 ? deadFound < dead : deadFound !== dead) {
    differ(null, `${dead} dead letters`, `${deadFound} dead letters`);
  }
  if (bookkeeping.sales !== restored.totals.sales) {
    differ(null, `${restored.totals.sales} sales in the totals`, `${bookkeeping.sales} sales`);
  }
  const counted = recordsCounted(bookkeeping);
  if (counted > to) {
    differ(null, `at most ${to} records up to offset ${to}`, `${counted} counted or skipped`);
  }
  if (high < to) differ(null, `input up to offset ${high}`, `totals up to offset ${to}`);
  // Ahead: an aggregator is running. Behind: sales would be counted twice.
  if ((committed ?? 0) < to) differ(null, `offset ${to} committed`, `offset ${committed}`);
  return differences;
}

function totalsByName(totals: OwnedPartition["totals"]): Map<string, ProductTotal> {
  const byName = new Map<string, ProductTotal>();
  for (let id = 0; id < totals.products.count; id++) {
    const total = totals.total(id);
    if (total.sales > 0n) byName.set(total.product, total);
  }
  return byName;
}

function totalText({ sales, quantity, revenue }: Sums): string {
  if (sales === 0n) return "nothing";
  return `${sales} sales, ${quantity} units, ${formatAmount(revenue)}`;
}
