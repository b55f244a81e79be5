/** Days of a time zone on which one offset holds all day long. */

/** Consecutive days, the first one counted from 1970-01-01, of one offset to UTC. */
export interface DaySpan {
  readonly first: number;
  readonly days: number;
  /** What to subtract from local times. */
  readonly offsetMs: number;
}

/** All that there are. The most that a program can say. */
const EVER: DaySpan = { first: 0, days: 2 ** 31 - 1, offsetMs: 0 };
/** How far before and behind `today`: a day costs a zone 20 to 40 microseconds. */
const DAYS_BEFORE = 800;
const DAYS_BEHIND = 400;

/** `today`: the day about which records will be, counted from 1970-01-01. */
export function daySpans(
  zone: { readonly name: string; offsetOfDay(day: number): number },
  today: number,
): DaySpan[] {
  if (zone.name === "UTC") return [EVER];
  const spans: { first: number; days: number; offsetMs: number }[] = [];
  for (let day = Math.max(0, today - DAYS_BEFORE); day < today + DAYS_BEHIND; day++) {
    const offsetMs = zone.offsetOfDay(day);
    // Offsets of the past had seconds, but no fractions of them.
    if (Number.isNaN(offsetMs) || offsetMs % 1_000 !== 0) continue;
    const last = spans.at(-1);
    if (last?.offsetMs === offsetMs && last.first + last.days === day) last.days++;
    else spans.push({ first: day, days: 1, offsetMs });
  }
  return spans;
}
