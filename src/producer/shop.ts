/**
 * When a made-up shop sells. It sells on the web around the clock: less at night, most in the
 * evening and on Saturdays, and every week a little more. The same seed, zone and day give the same
 * times, so that a past that is made up and the sales that follow belong together.
 */

import { LocalDays } from "../mapping/exact/local-days.ts";
import { type TimeZone, timeZone } from "../mapping/exact/zone.ts";
import { mulberry32 } from "./chance.ts";

/** Of a thousand sales of a day: those of each local hour, from midnight on. */
const HOURS_PERMILLE = [
  24, 21, 20, 20, 21, 24, 29, 36, 42, 46, 49, 51, 52, 50, 48, 47, 48, 51, 55, 58, 59, 56, 50, 43,
];
/** From Sunday to Saturday, in thousandths of a usual day. */
const WEEKDAYS_PERMILLE = [1_000, 920, 900, 940, 980, 1_100, 1_160];
/** How much more each day sells than the one before, in thousandths of a usual day. */
const GROWTH_PERMILLE = 3;
/** The least a shop sells, in thousandths of a usual day: growth backwards ends there. */
const GROWTH_PERMILLE_MIN = 500;
const GROWTH_PERMILLE_MAX = 2_000;
/** By so much a day, and an hour, differ from what is usual: up or down. */
const DAY_SWING = 0.06;
const HOUR_SWING = 0.12;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;
/** An odd number that spreads the seeds of days (the golden ratio of 2^32). */
const SEED_STEP = 0x9e37_79b1;

export interface ShopOptions {
  /** An unsigned 32-bit integer. */
  readonly seed: number;
  /** IANA's name of a time zone. */
  readonly zone: string;
  /** Sales of a usual day around `openedMs`. */
  readonly salesPerDay: number;
  /** The time from which growth is reckoned, epoch milliseconds. */
  readonly openedMs: number;
}

export class Shop {
  readonly #seed: number;
  readonly #zone: TimeZone;
  readonly #days: LocalDays;
  readonly #salesPerDay: number;
  readonly #openedOn: number;

  constructor({ seed, zone, salesPerDay, openedMs }: ShopOptions) {
    this.#seed = seed;
    this.#zone = timeZone(zone);
    this.#days = new LocalDays(zone);
    this.#salesPerDay = salesPerDay;
    this.#openedOn = this.dayOf(openedMs);
  }

  /** The local day of an instant in epoch milliseconds, counted from 1970-01-01. */
  dayOf(ms: number): number {
    return this.#days.dayOf(Math.floor(ms / 1_000));
  }

  /** The first instant of a day, epoch milliseconds. */
  startOf(day: number): number {
    return this.#zone.instant(day * DAY_MS);
  }

  /** A seed of its own for what is sold on a day. */
  seedOf(day: number): number {
    return (this.#seed ^ Math.imul(day, SEED_STEP)) >>> 0;
  }

  /** The times of all sales of a day, in order, epoch milliseconds. */
  timesOf(day: number): number[] {
    const random = mulberry32(this.seedOf(day) + 1);
    const swing = (share: number) => 1 + share * (2 * random() - 1);
    const sales = this.#usual(day) * swing(DAY_SWING);
    const times: number[] = [];
    for (const [hour, permille] of HOURS_PERMILLE.entries()) {
      const count = Math.floor((sales * permille * swing(HOUR_SWING)) / 1_000 + random());
      // An hour that the clocks skip has no length, one that comes twice has two.
      const start = this.#zone.instant(day * DAY_MS + hour * HOUR_MS);
      const length = this.#zone.instant(day * DAY_MS + (hour + 1) * HOUR_MS) - start;
      if (length <= 0) continue;
      const inHour = Array.from({ length: count }, () => start + Math.floor(random() * length));
      times.push(...inHour.sort((a, b) => a - b));
    }
    return times;
  }

  #usual(day: number): number {
    const weekday = (((day + FIRST_WEEKDAY) % 7) + 7) % 7;
    const grown = 1_000 + GROWTH_PERMILLE * (day - this.#openedOn);
    const growth = Math.min(GROWTH_PERMILLE_MAX, Math.max(GROWTH_PERMILLE_MIN, grown));
    return (this.#salesPerDay * growth * (WEEKDAYS_PERMILLE[weekday] ?? 1_000)) / 1_000_000;
  }
}
