/**
 * How history divides time: three rings of slots, by second, by minute and by hour. Each moment of
 * the past belongs to exactly one of them, the finest that reaches back to it, and what is older
 * than all belongs to none. How far they reach follows from the latest event alone, the head:
 *
 *       older |        hour        |       minute        |     second      |
 *             60 days back         24 hours back         15 minutes back   head
 *             on a whole hour      on a whole hour       on a whole minute
 *
 * With the head at 06:38:12, seconds begin at 06:23:00, and minutes at 06:00 of the day before.
 *
 *   06:38:59  nothing moves: the ring of seconds is 47 slots longer
 *   06:39:00  seconds begin at 06:24:00: the 60 slots of 06:23 become one slot of a minute
 *   07:00:00  minutes begin at 07:00: the 60 slots of 06:00 to 06:59 of the day before become one
 *             slot of an hour, and the hour that is 60 days old moves to the older ones
 *
 * A sale that comes late goes where its second belongs by then. If it happened at 06:23:30 and
 * comes after 06:39:00, it goes to the minute 06:23, where the others of that second are.
 */

/** From fine to coarse. */
export const RING_NAMES = ["second", "minute", "hour"] as const;
export type Ring = (typeof RING_NAMES)[number];

/**
 * `seconds`: of one slot. `slots`: at most so many are in use at a time, so that slot number `index`
 * has its place at `index % slots`.
 */
export const RINGS: Readonly<Record<Ring, { seconds: number; slots: number }>> = {
  second: { seconds: 1, slots: 960 },
  minute: { seconds: 60, slots: 1_500 },
  hour: { seconds: 3_600, slots: 1_440 },
};

const SECONDS_BACK = 15 * 60;
const MINUTES_BACK = 24 * 60;
/** Thirty days are shown, and as many before them to compare. */
const HOURS_BACK = 60 * 24;

/** A head before the first event: nothing is in reach. */
export const NO_HEAD = -1;

/** Slots `first` up to, but not including, `end`; counted in the ring's own unit since 1970. */
export interface Range {
  first: number;
  end: number;
}

/** What each ring holds at a moment. */
export type Reach = Readonly<Record<Ring, Readonly<Range>>>;

/**
 * The reach of the rings when the latest event was in second `head` since 1970. The boundaries only
 * rise with it, and lie on whole minutes and hours, so that a slot is never part of two rings.
 */
export function reachAt(head: number): Reach {
  const headMinute = Math.floor(head / 60);
  const firstSecond = atLeast0(Math.floor((head - SECONDS_BACK) / 60) * 60);
  const firstMinute = atLeast0(Math.floor((headMinute - MINUTES_BACK) / 60) * 60);
  const firstHour = atLeast0(Math.floor(head / 3_600) - HOURS_BACK);
  return {
    second: { first: firstSecond, end: head + 1 },
    minute: { first: firstMinute, end: firstSecond / 60 },
    hour: { first: firstHour, end: firstMinute / 60 },
  };
}

/** Where a slot has its place in its ring. */
export function placeOf(ring: Ring, index: number): number {
  return index % RINGS[ring].slots;
}

/** What is true of a moment of which nobody knows when it was, or that was before 1970. */
export const NO_TIME = -1;

/**
 * The second since 1970 in which a sale counts, or `NO_TIME`. Its own time, if it has one, else the
 * record's; never later than the record's, for nothing is sold after it was recorded: one till whose
 * clock is wrong must not move the rings. Both in epoch milliseconds; `recordMs` −1 = unknown.
 */
export function eventSecond(saleMs: number | undefined, recordMs: number): number {
  const isSales = saleMs !== undefined && (recordMs < 0 || saleMs < recordMs);
  const second = Math.floor((isSales ? saleMs : recordMs) / 1_000);
  return second < 0 ? NO_TIME : second;
}

function atLeast0(value: number): number {
  return value < 0 ? 0 : value;
}
