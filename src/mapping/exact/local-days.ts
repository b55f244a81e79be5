/** The local day of an instant, in one time zone. */

import { type TimeZone, timeZone } from "./zone.ts";

const DAY_SECONDS = 86_400;
const SECOND_MS = 1_000;
/** Days of which the start is remembered; then all are forgotten. */
const STARTS_MAX = 10_000;

/**
 * A day begins with its first midnight, and lasts until the next day begins: 23 or 25 hours where
 * the clocks change. Remembers the bounds of the day that was asked for last, because rows of sales
 * come in millions, and nearly all are of one day.
 */
export class LocalDays {
  readonly zone: string;
  readonly #zone: TimeZone;
  /** By day: its first second. */
  readonly #starts = new Map<number, number>();
  #day = 0;
  /** The bounds of that day, in seconds since 1970, the end exclusive. */
  #from = 0;
  #to = 0;

  /** @throws RangeError when the runtime knows no zone of that name (IANA) */
  constructor(name: string) {
    this.#zone = timeZone(name);
    this.zone = name;
  }

  /** The day of a second since 1970, counted from 1970-01-01, which is 0. */
  dayOf(second: number): number {
    if (second < this.#from || second >= this.#to) this.#find(second);
    return this.#day;
  }

  #find(second: number): void {
    let day = Math.floor(second / DAY_SECONDS);
    // Local time differs from UTC by a day at most, and some zones have left out a day.
    while (second < this.#start(day)) day--;
    while (second >= this.#start(day + 1)) day++;
    this.#day = day;
    this.#from = this.#start(day);
    this.#to = this.#start(day + 1);
  }

  #start(day: number): number {
    const known = this.#starts.get(day);
    if (known !== undefined) return known;
    const start = this.#zone.instant(day * DAY_SECONDS * SECOND_MS) / SECOND_MS;
    if (this.#starts.size >= STARTS_MAX) this.#starts.clear();
    this.#starts.set(day, start);
    return start;
  }
}
