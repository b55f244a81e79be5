/** A made-up shop for the gallery: two months of sales in history, totals, and new sales. */

import type { SalesView } from "../../src/dashboard/model/view.ts";
import { dayText } from "../../src/domain/day.ts";
import { NO_VALUE } from "../../src/mapping/model/judgement.ts";
import { DayWriter } from "../dashboard/day-writer.ts";
import type { Fed } from "../dashboard/fixture.ts";
import { PastWriter } from "../dashboard/past-writer.ts";
import { Random } from "../simulation/random.ts";

/** Name, price of one in whole units of the currency, and how often it is sold beside others. */
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
/** Values of a dimension, the first the commonest; "" = lines that name none. */
const values: Readonly<Record<string, readonly string[]>> = {
  store: ["Berlin Mitte", "Wien Mariahilfer Straße", "Zürich", "München Ost", "Graz", "", "Linz"],
  channel: ["online", "shop", "phone"],
};
const PARTITIONS = 2;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 24 * HOUR;
/** History shows thirty days, and the thirty before them. */
const DAYS = 60;
const SALES_PER_SECOND = 1.5;
const weights = catalogue.reduce((sum, [, , weight]) => sum + weight, 0);

export const shopProducts = catalogue.map(([name]) => name);

export class Shop {
  readonly #fed: Fed;
  readonly #random: Random;
  readonly #pasts: readonly PastWriter[];
  readonly #days: readonly DayWriter[];
  /** By dimension: a writer for each partition. */
  readonly #boards: readonly (readonly [by: string, days: readonly DayWriter[]])[];

  constructor(fed: Fed, seed = 1) {
    this.#fed = fed;
    this.#random = new Random(seed);
    this.#pasts = Array.from(
      { length: PARTITIONS },
      (_, partition) => new PastWriter(fed.past, partition, shopProducts),
    );
    const writers = (view: SalesView) =>
      this.#pasts.map((_, partition) => new DayWriter(view, partition));
    this.#days = writers(fed.view);
    this.#boards = [...fed.boards].map(([by, { view }]) => [by, writers(view)] as const);
  }

  /** Sixty days of sales up to `now`, in seconds since 1970. */
  fill(now = Math.floor(Date.now() / 1_000)): this {
    const [first, day, quarter] = [now - DAYS * DAY, now - DAY, now - 15 * MINUTE];
    for (let second = first; second < day; second += HOUR) this.#sellAt(second, HOUR);
    for (let second = day; second < quarter; second += MINUTE) this.#sellAt(second, MINUTE);
    for (let second = quarter; second <= now; second++) this.#sellAt(second, 1);
    this.#commit();
    return this;
  }

  /** The sales of the last `seconds`. */
  sell(seconds: number): void {
    this.#sellAt(Math.floor(Date.now() / 1_000), seconds);
    this.#commit();
  }

  /** What is sold in `seconds`: more by the week, and in the evening. */
  #sellAt(second: number, seconds: number): void {
    const day = 0.4 * Math.sin((second / DAY) * 2 * Math.PI) + 0.1 * Math.sin(second / 2_900);
    const growth = Math.exp((second - Date.now() / 1_000) / (15 * DAY));
    for (const [product, [name, price, weight]] of catalogue.entries()) {
      const expected = (SALES_PER_SECOND * seconds * growth * (1 + day) * weight) / weights;
      const sales = Math.floor(expected * this.#random.between(0.8, 1.2) + this.#random.next());
      if (sales === 0) continue;
      const partition = this.#random.below(PARTITIONS);
      this.#pasts[partition]?.sell(product, second, price, sales);
      const date = dayText(Math.floor(second / DAY));
      const line = {
        quantity: BigInt(sales) * 1_000_000n,
        revenue: BigInt(price * sales) * 1_000_000n,
        sales: BigInt(sales),
        returns: 0n,
      };
      this.#days[partition]?.add(name, date, line);
      for (const [by, days] of this.#boards) days[partition]?.add(this.#valueOf(by), date, line);
    }
  }

  /** The first of two or three, by chance: so the first are the commonest. */
  #valueOf(by: string): string {
    const all = values[by] ?? ["north", "south"];
    const at = Math.min(this.#random.below(all.length), this.#random.below(all.length));
    return all[at] || NO_VALUE;
  }

  #commit(): void {
    for (const days of this.#days) days.commit(Date.now());
    for (const [, days] of this.#boards) for (const each of days) each.commit(Date.now());
    for (const past of this.#pasts) past.commit();
    this.#fed.dashboard.changed();
  }
}
