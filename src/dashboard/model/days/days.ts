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
