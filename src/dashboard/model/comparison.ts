/**
 * Today and the same weekday of last week, up to the same full hour. Both sums are of history's
 * hours, so that they are exact, or there is no comparison.
 */

import { NO_SUMS, plus, type Sums } from "../../domain/sums.ts";
import type { Moment } from "../../lib/clock.ts";
import { timeZone } from "../../mapping/exact/zone.ts";
import type { DaysKnown } from "./days/days.ts";
import type { Graph } from "./graph.ts";

/** Never changes. */
export interface Comparison {
  readonly today: number;
  /** The local time up to which both days are added up, in full hours: 14 = 14:00. */
  readonly hour: number;
  readonly sums: Sums;
  /** The same weekday of last week. */
  readonly before: Sums;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_DAYS = 7;
/** How often it is made, because an hour is the sum of thousands of finer slots. */
const INTERVAL_MS = 5_000;

export class Comparer {
  readonly #graph: Graph;
  #madeAt = Number.NEGATIVE_INFINITY;
  #last: Comparison | undefined;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** The same object as long as nothing differs; undefined = there is nothing exact to say. */
  at(days: DaysKnown | undefined, { at, date }: Moment): Comparison | undefined {
    if (at - this.#madeAt < INTERVAL_MS) return this.#last;
    this.#madeAt = at;
    const next = days && this.#make(days, date.getTime());
    if (!isSame(next, this.#last)) this.#last = next;
    return this.#last;
  }

  #make({ zone: name, today }: DaysKnown, now: number): Comparison | undefined {
    const { history, notes } = this.#graph;
    // Sales of unknown time could be of either day.
    if (!history.isKept || notes.of.unknown > 0) return undefined;
    const zone = timeZone(name);
    const instantOf = (day: number, hour: number) => zone.instant(day * DAY_MS + hour * HOUR_MS);
    let hour = 0;
    while (hour < 24 && instantOf(today, hour + 1) <= now) hour++;
    const sumOf = (day: number) => this.#sumOf(instantOf(day, 0), instantOf(day, hour));
    const startOfBefore = instantOf(today - WEEK_DAYS, 0) / 1_000;
    const isInHistory = history.since !== undefined && history.since <= startOfBefore;
    if (hour === 0 || !isInHistory) return undefined;
    const [sums, before] = [sumOf(today), sumOf(today - WEEK_DAYS)];
    return sums && before && before.revenue > 0n ? { today, hour, sums, before } : undefined;
  }

  /** Undefined in zones whose hours are not those of history, which are full hours of UTC. */
  #sumOf(startMs: number, endMs: number): Sums | undefined {
    if (startMs % HOUR_MS !== 0 || endMs % HOUR_MS !== 0) return undefined;
    const range = { first: startMs / HOUR_MS, count: (endMs - startMs) / HOUR_MS };
    return this.#graph.history.series("hour", range, []).all.reduce(plus, NO_SUMS);
  }
}

/** By how many thousandths more today is, rounded to the nearest; negative = less. */
export function growthPermille({ sums, before }: Comparison): number {
  const difference = (sums.revenue - before.revenue) * 1_000n;
  const half = before.revenue / 2n;
  return Number((difference + (difference < 0n ? -half : half)) / before.revenue);
}

function isSame(a: Comparison | undefined, b: Comparison | undefined): boolean {
  return (
    a?.today === b?.today &&
    a?.hour === b?.hour &&
    a?.sums.revenue === b?.sums.revenue &&
    a?.before.revenue === b?.before.revenue
  );
}
