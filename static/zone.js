/** Times on the clocks of a time zone: where its hours and days begin. All times: epoch seconds. */

const quarter = 900;
const hour = 3_600;
/** The most by which a clock goes back. */
const changeMax = 2 * hour;
/** A year of hours. */
const offsetsMax = 10_000;

export class Zone {
  #format;
  /**
   * Offsets by quarter of an hour, because zones change at no other times.
   * @type {Map<number, number>}
   */
  #offsets = new Map();

  /** @param {string | undefined} name an IANA name; undefined for the zone of the browser */
  constructor(name) {
    this.#format = new Intl.DateTimeFormat("en", {
      ...{ timeZone: name || undefined, hourCycle: "h23", year: "numeric", month: "numeric" },
      ...{ day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
    });
  }

  /**
   * The start of the span of `length` seconds that contains `time`, where spans are counted from
   * midnight. A day has 23 or 25 hours where clocks change. A span of more than an hour whose begin
   * the clock shows twice begins at the first of them.
   * @param {number} time @param {number} length
   */
  floor(time, length) {
    const offset = this.#offset(time);
    const clock = Math.floor((time + offset) / length) * length;
    if (length <= quarter) return clock - offset;
    // A change of the clocks may lie between.
    const start = clock - this.#offset(clock - offset);
    if (length <= hour) return start;
    const before = this.#offset(start - changeMax);
    const first = clock - before;
    return first < start && this.#offset(first) === before ? first : start;
  }

  /** The start of the span after the one that starts at `start`. @param {number} start @param {number} length */
  next(start, length) {
    let next = this.floor(start + 2 * length, length);
    for (let at = this.floor(next - 1, length); at > start; at = this.floor(at - 1, length))
      next = at;
    return next;
  }

  /** The start of the first span that starts at or after `time`. @param {number} time @param {number} length */
  ceil(time, length) {
    const start = this.floor(time, length);
    return start >= time ? start : this.next(start, length);
  }

  /** Seconds that local clocks are ahead of UTC. @param {number} time */
  #offset(time) {
    const at = Math.floor(time / quarter);
    const known = this.#offsets.get(at);
    if (known !== undefined) return known;
    const parts = this.#format.formatToParts(at * quarter * 1000);
    /** @param {Intl.DateTimeFormatPartTypes} type */
    const part = (type) => Number(parts.find((each) => each.type === type)?.value);
    const [year, month, day] = [part("year"), part("month") - 1, part("day")];
    const local = Date.UTC(year, month, day, part("hour"), part("minute"), part("second")) / 1000;
    const offset = local - at * quarter;
    if (this.#offsets.size >= offsetsMax) this.#offsets.clear();
    this.#offsets.set(at, offset);
    return offset;
  }
}
