/** What the totals must be, by the seeds of the sales alone: nothing is read from Kafka. */

import { SaleGenerator } from "../../src/producer/generator.ts";
import type { Totals } from "../support/totals.ts";

/** The totals of the first `sales` sales that `salesboard produce` makes up from each seed. */
export function madeUpTotals(flows: readonly { seed: number; sales: number }[]): Totals {
  const totals: Totals = new Map();
  for (const { seed, sales } of flows) {
    const generator = new SaleGenerator(seed);
    for (let i = 0; i < sales; i++) {
      const { product, quantity, price } = generator.next();
      const total = totals.get(product) ?? { totalQuantity: 0n, totalPrice: 0n, sales: 0n };
      total.totalQuantity += BigInt(quantity);
      total.totalPrice += BigInt(quantity) * price;
      total.sales++;
      totals.set(product, total);
    }
  }
  return totals;
}
