/** Sums of sales and their arithmetic, for totals, slots, boards and `verify`. */

import type { Micros } from "./money.ts";

/** Sales of one or more products, added up. */
export interface Sums {
  quantity: bigint;
  /** The sum of quantity × price over all sales. */
  revenue: Micros;
  sales: bigint;
}

export const NO_SUMS: Readonly<Sums> = { quantity: 0n, revenue: 0n, sales: 0n };

export function plus(a: Sums, b: Sums): Sums {
  return {
    quantity: a.quantity + b.quantity,
    revenue: a.revenue + b.revenue,
    sales: a.sales + b.sales,
  };
}

export function minus(a: Sums, b: Sums): Sums {
  return {
    quantity: a.quantity - b.quantity,
    revenue: a.revenue - b.revenue,
    sales: a.sales - b.sales,
  };
}

/** Every figure of `a` is at least that of `b`. */
export function isAtLeast(a: Sums, b: Sums): boolean {
  return a.sales >= b.sales && a.quantity >= b.quantity && a.revenue >= b.revenue;
}

export function isSame(a: Sums, b: Sums): boolean {
  return a.sales === b.sales && a.quantity === b.quantity && a.revenue === b.revenue;
}
