/**
 * A period beside an earlier one of the same length. Today is compared up to the last full hour, by
 * the hours of history; other periods by their ended days. Each sum is exact, or there is no
 * comparison.
 */

import { isSame, NO_SUMS, plus, type Sums } from "../../domain/sums.ts";
import type { Moment } from "../../lib/clock.ts";
import { timeZone } from "../../mapping/exact/zone.ts";
import type { DayRange, DaysKnown } from "./days/days.ts";
import type { Graph } from "./graph.ts";

/** The sums of the same product, or of all, in both spans. Never changes. */
export interface Pair {
  readonly sums: Sums;
  readonly before: Sums;
}

/** Never changes. The sums are those of all products. */
export interface Comparison extends Pair {
  /** The days whose sums are compared. */
  readonly days: DayRange;
  readonly daysBefore: DayRange;
  /** The local time up to which both days are added up: 14 = 14:00; undefined = whole days. */
  readonly hour: number | undefined;
  /** The sums of one product, undefined where they are not known exactly. Missing = only of all. */
  readonly of?: ((product: string) => Pair | undefined) | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_DAYS = 7;
/** How often it is made, because an hour is the sum of thousands of finer slots. */
const INTERVAL_MS = 5_000;

/** Slots of history, each one full hour of UTC. */
interface FullHours {
  readonly first: number;
  readonly count: number;
}

/** Today and the same weekday of last week. */
export class Comparer {
  readonly #graph: Graph;
  #madeAt = Number.NEGATIVE_INFINITY;
  #last: Comparison | undefined;
  #together: Comparison | undefined;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** The same object as long as nothing differs; undefined = there is nothing exact to say. */
  at(days: DaysKnown | undefined, { at, date }: Moment): Comparison | undefined {
    if (at - this.#madeAt < INTERVAL_MS) return this.#last;
    this.#madeAt = at;
    const next = days && this.#make(days, date.getTime());
    if (isSameComparison(next, this.#last)) return this.#last;
    this.#last = next;
    this.#together = next && { ...next, of: undefined };
    return next;
  }

  /**
   * What `at` last returned, of all products together: the rows of a board by dimension add up to
   * the same sales, and history knows none of them. The same object as long as nothing differs.
   */
  get together(): Comparison | undefined {
    return this.#together;
  }

  #make({ zone: name, today }: DaysKnown, now: number): Comparison | undefined {
    const { history, notes } = this.#graph;
    // Sales of unknown time could be of either day.
    if (!history.isKept || notes.of.unknown > 0) return undefined;
    const zone = timeZone(name);
    const instantOf = (day: number, hour: number) => zone.instant(day * DAY_MS + hour * HOUR_MS);
    let hour = 0;
    while (hour < 24 && instantOf(today, hour + 1) <= now) hour++;
    const hoursOf = (day: number) => hoursIn(instantOf(day, 0), instantOf(day, hour));
    const startOfBefore = instantOf(today - WEEK_DAYS, 0) / 1_000;
    const isInHistory = history.since !== undefined && history.since <= startOfBefore;
    if (hour === 0 || !isInHistory) return undefined;
    const [hours, hoursBefore] = [hoursOf(today), hoursOf(today - WEEK_DAYS)];
    if (!hours || !hoursBefore) return undefined;
    const [sums, before] = [this.#sumOf(hours), this.#sumOf(hoursBefore)];
    if (before.revenue <= 0n) return undefined;
    const days = { first: today, last: today };
    const daysBefore = { first: today - WEEK_DAYS, last: today - WEEK_DAYS };
    const of = this.#pairs(hours, hoursBefore);
    return { days, daysBefore, hour, sums, before, of };
  }

  #sumOf(hours: FullHours): Sums {
    return this.#graph.history.series("hour", hours, []).all.reduce(plus, NO_SUMS);
  }

  /**
   * The sums of products, added up when somebody asks for the first one. Where history has grouped
   * products, the sums of a single one are unknown.
   */
  #pairs(hours: FullHours, hoursBefore: FullHours): (product: string) => Pair | undefined {
    const { history } = this.#graph;
    let maps: readonly ReadonlyMap<string | undefined, Sums>[] | undefined;
    return (product) => {
      maps ??= [history.totals("hour", hours), history.totals("hour", hoursBefore)];
      if (maps.some((of) => of.has(undefined))) return undefined;
      const [sums = NO_SUMS, before = NO_SUMS] = maps.map((of) => of.get(product) ?? NO_SUMS);
      return { sums, before };
    };
  }
}

/** Undefined in zones whose hours are not those of history, which are full hours of UTC. */
function hoursIn(startMs: number, endMs: number): FullHours | undefined {
  if (startMs % HOUR_MS !== 0 || endMs % HOUR_MS !== 0) return undefined;
  return { first: startMs / HOUR_MS, count: (endMs - startMs) / HOUR_MS };
}

/**
 * By how many thousandths `now` is more than `before`, which must be positive. Rounded to the
 * nearest; negative = less.
 */
export function growthPermille(now: bigint, before: bigint): number {
  const difference = (now - before) * 1_000n;
  const half = before / 2n;
  return Number((difference + (difference < 0n ? -half : half)) / before);
}

/** Both compare the same days up to the same hour, and have the same sums. */
export function isSameComparison(a: Comparison | undefined, b: Comparison | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.days.first === b.days.first &&
    a.days.last === b.days.last &&
    a.hour === b.hour &&
    isSame(a.sums, b.sums) &&
    isSame(a.before, b.before)
  );
}
