/** Compares what the output topic says about a partition with what its input says. */

import { formatAmount, formatQuantity } from "../domain/money.ts";
import type { ProductTotal } from "../domain/sale.ts";
import { isAtLeast, isNothing, isSame, NO_SUMS, type Sums } from "../domain/sums.ts";
import type { Totals } from "../domain/totals.ts";
import type { RestoredHistory } from "../state/history-log.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import type { Restored } from "../state/totals-log.ts";
import { lawBroken } from "../wire/bookkeeping.ts";

/** The end of the input where there is no input. */
export const NO_INPUT = -1;

/** What the topic of a dimension says of a partition. */
export interface RestoredDimension {
  /** Of the rule `by`. */
  name: string;
  restored: Restored;
}

/** The input that the totals of a partition claim to contain: offsets `from` to `to`, exclusive. */
export interface ClaimedInput {
  partition: number;
  /** Above 0 if retention has removed input. */
  from: number;
  /** Where the input begins. Above `to` means that input is gone that was never counted. */
  low: number;
  /** The input keeps only the last record of each key. Unknown = no. */
  isCompacted: boolean;
  to: number;
  /** The end of the input; `NO_INPUT` = none. Below `to`: these totals come from other input. */
  high: number;
  /** The group's committed offset. */
  committed: number | null;
  restored: Restored;
  /** Undefined if the partition has no history. */
  history: RestoredHistory | undefined;
  /** One for each dimension of the mapping. */
  dimensions: readonly RestoredDimension[];
}

export interface Difference {
  partition: number;
  /** Set for a difference in the totals by a dimension: its name. `product` is the value then. */
  by?: string;
  /** Set for a difference in history: the key of the slot's record, and the slot's start. */
  slot?: string;
  /** Set for a difference in a day: its date. */
  day?: string;
  /** Null: a difference in the bookkeeping, or in the sum of all products of a slot. */
  product: string | null;
  /** The value from the input; `found` is the value in the output topic. */
  recomputed: string;
  found: string;
}

/** Input may be gone that the totals contain. */
export function lacksInput({ from, isCompacted }: Pick<ClaimedInput, "from" | "isCompacted">) {
  return from > 0 || isCompacted;
}

/** The input has no such partition. */
export function isWithoutInput({ high }: Pick<ClaimedInput, "high">): boolean {
  return high === NO_INPUT;
}

/**
 * All differences of a partition. If retention removed input, the totals may exceed what is left,
 * but by no more sales than were removed, and they must never be lower. What cannot be checked is
 * not a difference.
 */
export function differencesOf(span: ClaimedInput, recomputed: OwnedPartition): Difference[] {
  const { partition, restored, from } = span;
  const differences: Difference[] = [];
  const differ = (product: string | null, expected: string, found: string) => {
    differences.push({ partition, product, recomputed: expected, found });
  };
  differences.push(...totalsDifferences(span, restored.totals, recomputed.totals));
  const { bookkeeping } = restored;
  if (!bookkeeping) return differences;
  const judged = recomputed.counted + recomputed.filtered + recomputed.deadLetters;
  const removed = bookkeeping.records - judged;
  if (from > 0 && !span.isCompacted && removed > BigInt(from)) {
    differ(null, `at most ${from} records before offset ${from}`, `${removed} counted`);
  }
  const outcomes = [
    ["records counted", recomputed.counted, bookkeeping.counted],
    ["records filtered", recomputed.filtered, bookkeeping.filtered],
    ["dead letters", recomputed.deadLetters, bookkeeping.deadLetters],
  ] as const;
  for (const [name, must, is] of outcomes) {
    if (lacksInput(span) ? is < must : is !== must)
      differ(null, `${must} ${name}`, `${is} ${name}`);
  }
  for (const name of ["sales", "returns"] as const) {
    const [held, noted] = [restored.totals[name], bookkeeping[name]];
    if (noted !== held) differ(null, `${held} ${name} in the totals`, `${noted} ${name}`);
  }
  const broken = lawBroken(bookkeeping);
  if (broken) differ(null, "each record with one outcome", broken);
  return differences;
}

/** The products whose totals in the topic are not those from the input. */
export function totalsDifferences(
  span: Pick<ClaimedInput, "partition" | "from" | "isCompacted">,
  stands: Totals,
  recomputed: Totals,
): Difference[] {
  const { partition } = span;
  const agrees = lacksInput(span) ? isAtLeast : isSame;
  const found = totalsByName(stands);
  const expected = totalsByName(recomputed);
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((product) => {
    const [must, is] = [expected.get(product) ?? NO_SUMS, found.get(product) ?? NO_SUMS];
    if (agrees(is, must)) return [];
    return { partition, product, recomputed: totalText(must), found: totalText(is) };
  });
}

function totalsByName(totals: Totals): Map<string, ProductTotal> {
  const byName = new Map<string, ProductTotal>();
  for (let id = 0; id < totals.products.count; id++) {
    const total = totals.total(id);
    if (!isNothing(total)) byName.set(total.product, total);
  }
  return byName;
}

/** "3 sales, 1 return, 2.5 units, 10.00"; returns only where there are some. */
export function totalText(sums: Sums): string {
  if (isNothing(sums)) return "nothing";
  const { sales, returns, quantity, revenue } = sums;
  const lines = returns === 0n ? `${sales} sales` : `${sales} sales, ${returns} returns`;
  return `${lines}, ${formatQuantity(quantity)} units, ${formatAmount(revenue)}`;
}
