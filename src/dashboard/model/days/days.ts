/** Local dates as numbers of days since 1970-01-01, and the periods that consist of them. */

import type { Period } from "../../look/look.ts";

export type BoundedPeriod = Exclude<Period, "all">;

/** The periods that consist of days. */
export const boundedPeriods = ["today", "yesterday", "7d", "30d"] as const;

/** What the dashboard knows about days. Never changes. */
export interface DaysKnown {
  /** The IANA name of the zone in which days begin. */
  readonly zone: string;
  /** The local date by the dashboard's clock. */
  readonly today: number;
  /** The day of the first sale; undefined = none, or some lines are older than all days kept. */
  readonly first: number | undefined;
  /** Days up to this one lack sales, or begin in another zone; undefined = all are complete. */
  readonly incompleteTo: number | undefined;
}

/** Both ends belong to it. */
export interface DayRange {
  readonly first: number;
  readonly last: number;
}

const DAY_MS = 86_400_000;

/** The start of a day as if its zone were UTC, for formats that are told so. */
export function dayAsUtc(day: number): Date {
  return new Date(day * DAY_MS);
}

/** The days of a period. */
export function rangeOf(period: BoundedPeriod, today: number): DayRange {
  if (period === "yesterday") return { first: today - 1, last: today - 1 };
  const days = { today: 1, "7d": 7, "30d": 30 }[period];
  return { first: today - days + 1, last: today };
}

/** How many days before a period is the one that it is compared with: whole weeks or the length. */
const daysBack = { today: 7, yesterday: 7, "7d": 7, "30d": 30 } as const;

/**
 * The ended days of a period, and those that they are compared with; undefined for today, of which
 * no day has ended.
 */
export function endedRanges(
  period: BoundedPeriod,
  today: number,
): { days: DayRange; daysBefore: DayRange } | undefined {
  const { first, last } = rangeOf(period, today);
  const days = { first, last: Math.min(last, today - 1) };
  if (days.last < days.first) return undefined;
  const back = daysBack[period];
  return { days, daysBefore: { first: days.first - back, last: days.last - back } };
}

/** The period lacks sales, or begins in another zone. */
export function isIncomplete(period: Period, { today, incompleteTo }: DaysKnown): boolean {
  if (period === "all" || incompleteTo === undefined) return false;
  return rangeOf(period, today).first <= incompleteTo;
}

export function isSameDays(a: DaysKnown | undefined, b: DaysKnown | undefined): boolean {
  return (
    a?.zone === b?.zone &&
    a?.today === b?.today &&
    a?.first === b?.first &&
    a?.incompleteTo === b?.incompleteTo
  );
}
