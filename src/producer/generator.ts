/** Generates plausible sales of an electronics shop. The same seed gives the same sales. */

import type { Micros } from "../domain/money.ts";
import type { Sale } from "../domain/sale.ts";
import { CATALOGUE } from "./catalogue.ts";
import { cumulativeZipf, mulberry32 } from "./chance.ts";

const MICROS_PER_CENT = 10_000n;
/** A price stays within this share of the list price, in per mille. */
const PRICE_SWING_PERMILLE = 80;
/** The largest step of a price with one sale, in per mille of the list price. */
const PRICE_STEP_PERMILLE = 4;

/** An endless sequence of sales. `seed` is an unsigned 32-bit integer. */
export class SaleGenerator {
  readonly #random: () => number;
  readonly #offsetPermille = CATALOGUE.map(() => 0);
  readonly #popularity = cumulativeZipf(CATALOGUE.length);

  constructor(seed: number) {
    this.#random = mulberry32(seed);
  }

  next(): Omit<Sale, "timestamp"> {
    const pick = this.#random();
    const at = this.#popularity.findIndex((share) => pick < share);
    const [product, listCents] = CATALOGUE[at] as (typeof CATALOGUE)[number];
    return { product, quantity: this.#quantity(listCents), price: this.#price(at, listCents) };
  }

  /** Mostly one. Cheap products sell in larger quantities. */
  #quantity(listCents: number): number {
    const most = listCents < 10_000 ? 5 : 3;
    const roll = this.#random();
    return roll < 0.72 ? 1 : 1 + Math.ceil(((roll - 0.72) / 0.28) * (most - 1));
  }

  /** A random walk around the list price, in whole cents. */
  #price(at: number, listCents: number): Micros {
    const step = Math.floor(this.#random() * (2 * PRICE_STEP_PERMILLE + 1)) - PRICE_STEP_PERMILLE;
    const moved = (this.#offsetPermille[at] as number) + step;
    const offset = Math.max(-PRICE_SWING_PERMILLE, Math.min(PRICE_SWING_PERMILLE, moved));
    this.#offsetPermille[at] = offset;
    return (BigInt(listCents * (1000 + offset)) / 1000n) * MICROS_PER_CENT;
  }
}
