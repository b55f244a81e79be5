/** Today and yesterday by the hour, from history: exact, or unknown. */

import { isSame, NO_SUMS, plus, type Sums } from "../../../domain/sums.ts";
import type { Moment } from "../../../lib/clock.ts";
import { timeZone } from "../../../mapping/exact/zone.ts";
import type { DaysKnown } from "./days.ts";

/** The sums of 24 hours by the clocks of the zone, those to come too. Never changes. */
export interface HoursOfDay {
  readonly day: number;
  readonly hours: readonly Sums[];
}

export interface DayHours {
  readonly today: HoursOfDay;
  readonly yesterday: HoursOfDay;
}

/** What is asked of history. */
interface Past {
  readonly history: {
    readonly isKept: boolean;
    series(
      ring: "hour",
      range: { first: number; count: number },
      products: readonly string[],
    ): { readonly all: readonly Sums[] };
  };
  readonly notes: { readonly of: { readonly unknown: number } };
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** How often they are added up, because an hour is the sum of thousands of finer slots. */
const INTERVAL_MS = 5_000;

export class HourMeter {
  readonly #past: Past;
  #madeAt = Number.NEGATIVE_INFINITY;
  #last: DayHours | undefined;

  constructor(past: Past) {
    this.#past = past;
  }

  /** The same object as long as nothing differs. */
  at(days: DaysKnown | undefined, { at }: Moment): DayHours | undefined {
    if (at - this.#madeAt < INTERVAL_MS) return this.#last;
    this.#madeAt = at;
    const next = days && this.#make(days);
    if (!isSameHours(next, this.#last)) this.#last = next;
    return this.#last;
  }

  #make({ zone, today }: DaysKnown): DayHours | undefined {
    const { history, notes } = this.#past;
    // Sales of unknown time could be of any hour.
    if (!history.isKept || notes.of.unknown > 0) return undefined;
    const [ofToday, yesterday] = [this.#hoursOf(zone, today), this.#hoursOf(zone, today - 1)];
    return ofToday && yesterday && { today: ofToday, yesterday };
  }

  /**
   * Undefined in zones whose hours are not those of history. Where the clocks change, one hour is
   * two hours long, or none.
   */
  #hoursOf(name: string, day: number): HoursOfDay | undefined {
    const zone = timeZone(name);
    const starts = Array.from({ length: HOURS + 1 }, (_, hour) => {
      return zone.instant((day * HOURS + hour) * HOUR_MS) / HOUR_MS;
    });
    if (!starts.every(Number.isInteger)) return undefined;
    const [first = 0, end = 0] = [starts[0], starts[HOURS]];
    const { all } = this.#past.history.series("hour", { first, count: end - first }, []);
    const hours = starts.slice(0, HOURS).map((start, hour) => {
      return all.slice(start - first, (starts[hour + 1] ?? end) - first).reduce(plus, NO_SUMS);
    });
    return { day, hours };
  }
}

/** The hour with the most revenue; undefined if no hour has any. */
export function bestHour({ hours }: HoursOfDay): { hour: number; sums: Sums } | undefined {
  let best: { hour: number; sums: Sums } | undefined;
  for (const [hour, sums] of hours.entries()) {
    if (sums.revenue > (best?.sums.revenue ?? 0n)) best = { hour, sums };
  }
  return best;
}

function isSameHours(a: DayHours | undefined, b: DayHours | undefined): boolean {
  if (!a || !b) return a === b;
  const isSameDay = (x: HoursOfDay, y: HoursOfDay) =>
    x.day === y.day && x.hours.every((sums, hour) => isSame(sums, y.hours[hour] ?? NO_SUMS));
  return isSameDay(a.today, b.today) && isSameDay(a.yesterday, b.yesterday);
}
