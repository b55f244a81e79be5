/** Sales added up, and the arithmetic of such sums. */

import type { Micros } from "./money.ts";

/** Sales added up: of a product, of the rest, or of all. */
export interface Sums {
  quantity: bigint;
  price: Micros;
  sales: bigint;
}

export const NO_SUMS: Readonly<Sums> = { quantity: 0n, price: 0n, sales: 0n };

export function plus(a: Sums, b: Sums): Sums {
  return { quantity: a.quantity + b.quantity, price: a.price + b.price, sales: a.sales + b.sales };
}
