/** Sums of sales and their arithmetic, for totals, slots, boards and `verify`. */

import type { Micros } from "./money.ts";

/**
 * Lines of sales of one or more products, added up. Returns lower quantity and revenue, so that
 * both can be negative.
 */
export interface Sums {
  /** In millionths of a unit. */
  quantity: Micros;
  /** The sum of the amounts of all lines. */
  revenue: Micros;
  /** Lines sold. */
  sales: bigint;
  /** Lines returned. */
  returns: bigint;
}

export const NO_SUMS: Readonly<Sums> = { quantity: 0n, revenue: 0n, sales: 0n, returns: 0n };

export function plus(a: Sums, b: Sums): Sums {
  return {
    quantity: a.quantity + b.quantity,
    revenue: a.revenue + b.revenue,
    sales: a.sales + b.sales,
    returns: a.returns + b.returns,
  };
}

export function minus(a: Sums, b: Sums): Sums {
  return {
    quantity: a.quantity - b.quantity,
    revenue: a.revenue - b.revenue,
    sales: a.sales - b.sales,
    returns: a.returns - b.returns,
  };
}

/** Lines, sold and returned. Unlike quantity and revenue this figure only rises. */
export function linesIn({ sales, returns }: Pick<Sums, "sales" | "returns">): bigint {
  return sales + returns;
}

/** No line was added up. */
export function isNothing(sums: Pick<Sums, "sales" | "returns">): boolean {
  return sums.sales === 0n && sums.returns === 0n;
}

/**
 * `a` can be `b` and further lines: both counts are at least those of `b`. Quantity and revenue are
 * compared only without returns, because returns lower them.
 */
export function isAtLeast(a: Sums, b: Sums): boolean {
  if (a.sales < b.sales || a.returns < b.returns) return false;
  if (canGoDown(a) || canGoDown(b)) return true;
  return a.quantity >= b.quantity && a.revenue >= b.revenue;
}

function canGoDown({ quantity, revenue, returns }: Sums): boolean {
  return returns !== 0n || quantity < 0n || revenue < 0n;
}

export function isSame(a: Sums, b: Sums): boolean {
  return (
    a.sales === b.sales &&
    a.returns === b.returns &&
    a.quantity === b.quantity &&
    a.revenue === b.revenue
  );
}
