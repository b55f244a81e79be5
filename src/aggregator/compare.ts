/** What the output topic says of a partition, held against what its input says. */

import { formatAmount, type ProductTotal } from "../sale.ts";
import type { RestoredHistory } from "./history-log.ts";
import { recordsCounted } from "./laws.ts";
import type { Restored } from "./output-log.ts";
import type { OwnedPartition } from "./partition.ts";

/** The input that the totals of a partition claim to contain: offsets `from` to `to`, exclusive. */
export interface Span {
  partition: number;
  /** Above 0 where retention has removed input. */
  from: number;
  to: number;
  /** Where the input ends: below `to` when it is not the input of these totals. */
  high: number;
  /** The group's offset. */
  committed: number | null;
  restored: Restored;
  /** Undefined where none is kept. */
  history: RestoredHistory | undefined;
}

export interface Difference {
  partition: number;
  /** Of history, not of the totals: its record's key and when it begins. */
  slot?: string;
  /** Null: not of one product but of the partition's bookkeeping, or of all in a slot. */
  product: string | null;
  /** What the input says, and what the output topic says. */
  recomputed: string;
  found: string;
}

type Counts = Pick<ProductTotal, "sales" | "totalQuantity" | "totalPrice">;

const NOTHING: Counts = { sales: 0n, totalQuantity: 0n, totalPrice: 0n };

/**
 * All of them. Where input was removed the totals may contain more than what is left, but never
 * less, and never more sales than were removed: what cannot be told is no difference.
 */
export function differencesOf(span: Span, recomputed: OwnedPartition): Difference[] {
  const { partition, restored, committed, from, to, high } = span;
  const differences: Difference[] = [];
  const differ = (product: string | null, expected: string, found: string) => {
    differences.push({ partition, product, recomputed: expected, found });
  };
  if (restored.problem) differ(null, "totals", restored.problem);
  const agrees = from > 0 ? contains : isEqual;
  const found = totalsByName(restored.totals);
  const expected = totalsByName(recomputed.totals);
  for (const product of new Set([...expected.keys(), ...found.keys()])) {
    const [must, is] = [expected.get(product) ?? NOTHING, found.get(product) ?? NOTHING];
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
  // Ahead is a running aggregator; behind means that sales would be counted again.
  if ((committed ?? 0) < to) differ(null, `offset ${to} committed`, `offset ${committed}`);
  return differences;
}

function isEqual(is: Counts, must: Counts): boolean {
  return contains(is, must) && contains(must, is);
}

function contains(is: Counts, part: Counts): boolean {
  return (
    is.sales >= part.sales &&
    is.totalQuantity >= part.totalQuantity &&
    is.totalPrice >= part.totalPrice
  );
}

function totalsByName(totals: OwnedPartition["totals"]): Map<string, ProductTotal> {
  const byName = new Map<string, ProductTotal>();
  for (let id = 0; id < totals.products.count; id++) {
    const total = totals.total(id);
    if (total.sales > 0n) byName.set(total.product, total);
  }
  return byName;
}

function totalText({ sales, totalQuantity, totalPrice }: Counts): string {
  if (sales === 0n) return "nothing";
  return `${sales} sales, ${totalQuantity} units, ${formatAmount(totalPrice)}`;
}
