/**
 * Divides time into three rings of slots: by second, minute and hour. A moment belongs to the
 * finest ring that reaches back to it, and to no ring when it is too old. The reach of the rings
 * depends only on the latest event, the head:
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
 * A late sale goes where its second belongs when the sale arrives. A sale of 06:23:30 that arrives
 * after 06:39:00 goes to the minute 06:23, where the other sales of that second are.
 */

/** From fine to coarse. */
export const RING_NAMES = ["second", "minute", "hour"] as const;
export type Ring = (typeof RING_NAMES)[number];

/**
 * `seconds`: the length of one slot. `slots`: the most that are in use at a time, so that slot
 * number `index` has its place at `index % slots`.
 */
export const RINGS: Readonly<Record<Ring, { seconds: number; slots: number }>> = {
  second: { seconds: 1, slots: 960 },
  minute: { seconds: 60, slots: 1_500 },
  hour: { seconds: 3_600, slots: 1_440 },
};

const SECONDS_BACK = 15 * 60;
const MINUTES_BACK = 24 * 60;
/** The page shows thirty days, and compares them with the thirty before. */
const HOURS_BACK = 60 * 24;

/** The head before the first event: nothing is in reach. */
export const NO_HEAD = -1;

/** Slots from `first` up to `end`, exclusive, counted in the ring's unit since 1970. */
export interface Range {
  first: number;
  end: number;
}

/** The slots that each ring holds at a moment. */
export type Reach = Readonly<Record<Ring, Readonly<Range>>>;

/**
 * The reach of the rings when the latest event was in second `head` since 1970. The boundaries rise
 * with `head` and lie on whole minutes and hours, so that no slot belongs to two rings.
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

/** The place of a slot in its ring. */
export function placeOf(ring: Ring, index: number): number {
  return index % RINGS[ring].slots;
}

/** The place of a slot in its ring. */
export interface Place {
  ring: Ring;
  place: number;
}

const PLACES = RING_NAMES.reduce((sum, ring) => sum + RINGS[ring].slots, 0);

/** All places of all rings one after the other, and the first one again after the last. */
export function placeInTurn(turn: number): Place {
  let place = turn % PLACES;
  for (const ring of RING_NAMES) {
    if (place < RINGS[ring].slots) return { ring, place };
    place -= RINGS[ring].slots;
  }
  throw new RangeError(`Cannot find a place for turn ${turn}: must be an integer from 0 on`);
}

/** Sentinel: the time is unknown, or before 1970. */
export const NO_TIME = -1;

/**
 * The second since 1970 in which a sale counts, or `NO_TIME`. That is the sale's own time if it has
 * one, else the record's. A sale later than its record counts at the record's time, because one
 * till with a wrong clock must not move the rings. Both times are epoch milliseconds; a `recordMs`
 * of −1 is unknown.
 */
export function eventSecond(saleMs: number | undefined, recordMs: number): number {
  const isSales = saleMs !== undefined && (recordMs < 0 || saleMs < recordMs);
  const second = Math.floor((isSales ? saleMs : recordMs) / 1_000);
  return second < 0 ? NO_TIME : second;
}

function atLeast0(value: number): number {
  return value < 0 ? 0 : value;
}
