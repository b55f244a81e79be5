/** Days of the calendar: their numbers, their names, and how many of them are kept. */

/** The latest day of a partition and those before it that are kept: two months at their longest. */
export const DAYS_KEPT = 62;
/**
 * Places for ended days: a day has that of its number. A day stays until a later one takes its
 * place, so that there must be more places than days that are kept.
 */
export const DAY_PLACES = 64;
const DAY_MS = 86_400_000;
/** 9999-12-31, the last day whose name has ten characters. */
const DAY_MAX = 2_932_896;

/** The day that was named last: one day has a name in each of thousands of totals. */
let named = { day: 0, text: "1970-01-01" };

/** "2026-11-26" of a day, counted from 1970-01-01, which is 0. @throws RangeError beyond 9999 */
export function dayText(day: number): string {
  if (day !== named.day) named = { day, text: newDayText(day) };
  return named.text;
}

function newDayText(day: number): string {
  if (Number.isInteger(day) && day >= 0 && day <= DAY_MAX) {
    return new Date(day * DAY_MS).toISOString().slice(0, 10);
  }
  throw new RangeError(`Cannot name day ${day}: must be an integer from 0 to ${DAY_MAX}`);
}

/** The inverse of `dayText`; undefined when `text` is no such day. */
export function dayNumber(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  return day >= 0 && dayText(day) === text ? day : undefined;
}

/** The first day that is kept when `latest` is the latest one. */
export function firstDayKept(latest: number): number {
  return latest - DAYS_KEPT + 1;
}

/** The day is one of the `DAYS_KEPT` that end with `latest`. */
export function isDayKept(day: number, latest: number): boolean {
  return day <= latest && day >= firstDayKept(latest);
}
