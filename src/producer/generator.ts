/** Generates plausible sales of an electronics shop. The same seed gives the same sales. */

import type { Micros } from "../domain/money.ts";
import type { Sale } from "../domain/sale.ts";

/** Name and list price in cents; best sellers first. */
const CATALOGUE: readonly (readonly [string, number])[] = [
  ["USB-C Charger 65 W", 3_499],
  ["Wireless Earbuds", 7_995],
  ["Smartphone 6.1″", 79_900],
  ["HDMI Cable 2 m", 1_299],
  ["Laptop 14″", 129_900],
  ["Wireless Mouse", 2_990],
  ["Smartwatch", 24_900],
  ["Tablet 11″", 59_900],
  ["Mechanical Keyboard", 10_950],
  ["Noise-Cancelling Headphones", 29_900],
  ["Portable SSD 1 TB", 9_490],
  ["4K Monitor 27″", 37_900],
  ["Power Bank 20 000 mAh", 4_490],
  ["Bluetooth Speaker", 5_990],
  ["Game Controller", 6_499],
  ["Webcam 1080p", 6_990],
  ["Wi-Fi 7 Router", 18_990],
  ["OLED TV 55″", 119_900],
  ["USB-C Dock", 15_900],
  ["E-Reader", 13_999],
  ["Action Camera", 32_900],
  ["Game Console", 49_900],
  ["Robot Vacuum", 39_900],
  ["Drone 4K", 74_900],
];

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

/** Popularity by rank (Zipf's law): product n sells 1/n as often as the first. */
function cumulativeZipf(count: number): number[] {
  const weights = Array.from({ length: count }, (_, rank) => 1 / (rank + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let cumulated = 0;
  const shares = weights.map((weight) => {
    cumulated += weight / sum;
    return cumulated;
  });
  shares[count - 1] = 1;
  return shares;
}

/** Tommy Ettinger's Mulberry32: fast, with 32 bits of state, good enough for a demonstration. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
