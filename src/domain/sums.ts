/** Sales added up: one vector and its arithmetic, for totals, slots, boards and `verify`. */

import type { Micros } from "./money.ts";

/** Sales added up: of a product, of the rest, or of all. */
export interface Sums {
  quantity: bigint;
  /** Quantity × price of every sale, added up. */
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

/** No figure of `a` is below that of `b`. */
export function isAtLeast(a: Sums, b: Sums): boolean {
  return a.sales >= b.sales && a.quantity >= b.quantity && a.revenue >= b.revenue;
}

export function isSame(a: Sums, b: Sums): boolean {
  return a.sales === b.sales && a.quantity === b.quantity && a.revenue === b.revenue;
}
