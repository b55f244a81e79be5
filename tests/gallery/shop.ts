/** A made-up shop for the gallery: two months of sales in history, totals, and new sales. */

import { formatAmount, parseAmount } from "../../src/domain/money.ts";
import type { Fed } from "../dashboard/fixture.ts";
import { PastWriter } from "../dashboard/past-writer.ts";
import { Random } from "../simulation/random.ts";

/** Name, price of one unit, and how often it is sold beside the others. */
const catalogue: readonly (readonly [string, number, number])[] = [
  ["Smartphone 6.1″", 799, 10],
  ["Laptop 14″", 1299, 6],
  ["OLED TV 55″", 1199, 3],
  ["Tablet 11″", 599, 6],
  ["Wireless Earbuds", 79, 16],
  ["4K Monitor 27″", 379, 4],
  ["Smartwatch", 249, 7],
  ["Noise-Cancelling Headphones", 299, 5],
  ["USB-C Charger 65 W", 35, 18],
  ["Game Console", 499, 2],
  ["Mechanical Keyboard", 109, 5],
  ["Wi-Fi 7 Router", 189, 2],
  ["Webcam 1080p", 69, 3],
  ["HDMI Cable 2 m", 13, 12],
];
const PARTITIONS = 2;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 24 * HOUR;
/** History shows thirty days, and the thirty before them. */
const DAYS = 60;
/** Sales for each second, minute and hour of history: enough for a line that is no noise. */
const SALES_PER_SLOT = 6;

export const shopProducts = catalogue.map(([name]) => name);

export class Shop {
  readonly #fed: Fed;
  readonly #random: Random;
  readonly #pasts: readonly PastWriter[];
  /** By product and partition: units, and what they cost in whole units of the currency. */
  readonly #totals = catalogue.map(() => Array.from({ length: PARTITIONS }, () => [0, 0]));
  readonly #bag: readonly number[];

  constructor(fed: Fed, seed = 1) {
    this.#fed = fed;
    this.#random = new Random(seed);
    this.#pasts = Array.from(
      { length: PARTITIONS },
      (_, partition) => new PastWriter(fed.past, partition, shopProducts),
    );
    this.#bag = catalogue.flatMap(([, , weight], product) => Array(weight).fill(product));
  }

  /** Sixty days of sales up to `now`, in seconds since 1970. */
  fill(now = Math.floor(Date.now() / 1_000)): this {
    const first = now - DAYS * DAY;
    for (let second = first; second < now - DAY; second += HOUR) this.#sellAt(second);
    for (let second = now - DAY; second < now - 15 * MINUTE; second += MINUTE) this.#sellAt(second);
    for (let second = now - 15 * MINUTE; second <= now; second += 1) this.#sellAt(second);
    this.#commit();
    return this;
  }

  /** A few sales of this second. */
  sell(): void {
    this.#sellAt(Math.floor(Date.now() / 1_000));
    this.#commit();
  }

  /** More in the evening, and never the same. */
  #sellAt(second: number): void {
    const wave = 1 + 0.5 * Math.sin((second / DAY) * 2 * Math.PI) + 0.2 * Math.sin(second / 211);
    const sales = Math.round(SALES_PER_SLOT * wave * this.#random.between(0.6, 1.4));
    for (let i = 0; i < sales; i++) {
      const product = this.#random.pick(this.#bag);
      const partition = this.#random.below(PARTITIONS);
      const price = catalogue[product]?.[1] ?? 0;
      this.#pasts[partition]?.sell(product, second, price);
      const sums = this.#totals[product]?.[partition] as [number, number];
      sums[0] += 1;
      sums[1] += price;
    }
  }

  #commit(): void {
    for (const [product, partitions] of this.#totals.entries()) {
      for (const [partition, [units = 0, price = 0]] of partitions.entries()) {
        if (units === 0) continue;
        const text = formatAmount(parseAmount(String(price)));
        this.#fed.feed(shopProducts[product] as string, text, BigInt(units), partition);
      }
    }
    for (const past of this.#pasts) past.commit();
    this.#fed.dashboard.changed();
  }
}
