/** Local times of a time zone → instants, with the rules that the runtime knows of it. */

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** Days of which the offset is remembered; then all are forgotten. */
const DAYS_MAX = 10_000;

export interface TimeZone {
  readonly name: string;
  /**
   * The instant of a local time that is given as if it were UTC, in epoch milliseconds. A time that
   * the clocks skip is taken with the offset before, one that comes twice is the first.
   */
  instant(localMs: number): number;
  /**
   * What to subtract from each local time of a day, in milliseconds. The day is counted from
   * 1970-01-01. NaN when that is not one number, because the clocks change near that day.
   */
  offsetOfDay(day: number): number;
}

export const utc: TimeZone = {
  name: "UTC",
  instant: (localMs) => localMs,
  offsetOfDay: () => 0,
};

/** Zones that are known already, by name, because the runtime answers slowly. */
const zones = new Map<string, TimeZone>();
/** A process uses one or two. At more, all are forgotten. */
const ZONES_MAX = 100;

/** @throws RangeError when the runtime knows no zone of that name (IANA) */
export function timeZone(name: string): TimeZone {
  const known = zones.get(name);
  if (known) return known;
  const zone = zoneOf(name);
  if (zones.size >= ZONES_MAX) zones.clear();
  zones.set(name, zone);
  return zone;
}

function zoneOf(name: string): TimeZone {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    calendar: "gregory",
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  if (format.resolvedOptions().timeZone === "UTC") return utc;
  return new RuledZone(name, format);
}

class RuledZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** Day → its offset in milliseconds, or NaN. */
  readonly #days = new Map<number, number>();

  constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name;
    this.#format = format;
  }

  instant(localMs: number): number {
    const offset = this.offsetOfDay(Math.floor(localMs / DAY_MS));
    return localMs - (Number.isNaN(offset) ? this.#offsetNearChange(localMs) : offset);
  }

  offsetOfDay(day: number): number {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const before = this.#offsetAt((day - 1) * DAY_MS);
    const after = this.#offsetAt((day + 2) * DAY_MS);
    const offset = before === after ? before : Number.NaN;
    if (this.#days.size >= DAYS_MAX) this.#days.clear();
    this.#days.set(day, offset);
    return offset;
  }

  #offsetNearChange(localMs: number): number {
    const before = this.#offsetAt(localMs - DAY_MS);
    const after = this.#offsetAt(localMs + DAY_MS);
    if (this.#offsetAt(localMs - before) === before) return before;
    return this.#offsetAt(localMs - after) === after ? after : before;
  }

  #offsetAt(ms: number): number {
    const parts = new Map(
      this.#format.formatToParts(ms).map(({ type, value }) => [type as string, value]),
    );
    const part = (name: string) => Number(parts.get(name));
    const year = parts.get("era") === "BC" ? 1 - part("year") : part("year");
    const local = new Date(0);
    local.setUTCFullYear(year, part("month") - 1, part("day"));
    local.setUTCHours(part("hour"), part("minute"), part("second"));
    return local.getTime() - Math.floor(ms / SECOND_MS) * SECOND_MS;
  }
}
