/** Times on the clocks of a time zone: where its hours and days begin. All times: epoch seconds. */

const quarter = 900;
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
   * midnight. A day has 23 or 25 hours where clocks change.
   * @param {number} time @param {number} length
   */
  floor(time, length) {
    const local = time + this.#offset(time);
    const start = Math.floor(local / length) * length - this.#offset(time);
    // A change of the clocks may lie between.
    const moved = this.#offset(time) - this.#offset(start);
    return length <= quarter ? start : start + moved;
  }

  /** The start of the span after the one that starts at `start`. @param {number} start @param {number} length */
  next(start, length) {
    return this.floor(start + length * 1.5, length);
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
