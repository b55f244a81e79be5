/** Exact sums as numbers where they fit, because those cost a third of the memory of bigints. */

import { fitsNumber } from "./money.ts";
import type { Sums } from "./sums.ts";

/** A safe integer, or a bigint where that does not fit. */
export type Exact = number | bigint;

/** As `Sums`. A count of 0 is always the number. */
export interface ExactSums {
  readonly quantity: Exact;
  readonly revenue: Exact;
  readonly sales: Exact;
  readonly returns: Exact;
}

export const NOTHING: ExactSums = { quantity: 0, revenue: 0, sales: 0, returns: 0 };

/** `a` + `sign` × `b`. */
export function addExact(a: ExactSums, b: ExactSums, sign: 1 | -1 = 1): ExactSums {
  return {
    quantity: add(a.quantity, b.quantity, sign),
    revenue: add(a.revenue, b.revenue, sign),
    sales: add(a.sales, b.sales, sign),
    returns: add(a.returns, b.returns, sign),
  };
}

/** The inverse of `sumsOf`. */
export function exactOf(sums: Sums): ExactSums {
  return addExact(sums, NOTHING);
}

export function sumsOf({ quantity, revenue, sales, returns }: ExactSums): Sums {
  return {
    quantity: BigInt(quantity),
    revenue: BigInt(revenue),
    sales: BigInt(sales),
    returns: BigInt(returns),
  };
}

function add(a: Exact, b: Exact, sign: 1 | -1): Exact {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + sign * b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(sign) * BigInt(b);
  return fitsNumber(sum) ? Number(sum) : sum;
}
