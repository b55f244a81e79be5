/**
 * The data of the graph: the figures of each slot in the window. The server sends all of them, then
 * changes. Figures are added up as integers of millionths, because none is rounded before it
 * becomes a pixel.
 */

/** @typedef {import("./zone.js").Zone} Zone */
/** @typedef {{start: number, step: number, all: string[]}} Before the period before */
/**
 * `lines`: all products, the rest, and each product, the oldest slot first. `start`, and `since`,
 * before which nothing is known, are epoch seconds. `step` is the length of a slot in seconds.
 * @typedef {{start: number, step: number, since: number?, products: string[], lines: string[][],
 *   before: Before}} Whole
 */
/** @typedef {{slots: [start: number, ...figures: string[]][]}} Changes */
/**
 * A span of time, in epoch seconds, with the sum of each product, of the rest and of all, in
 * millionths. `before`: all, at the same place of the period before; undefined if unknown. Slots of
 * that period that are longer than the span count in proportion.
 * `isWhole`: the span is over, and all of it is known.
 * @typedef {{start: number, end: number, isWhole: boolean, sums: bigint[],
 *   before: bigint | undefined}} Bar
 */

const decimals = 6;

export class Series {
  /** @type {string[]} */
  products = [];
  step = 1;
  count = 0;
  /** The start of the latest slot, epoch seconds. */
  end = 0;
  since = Number.POSITIVE_INFINITY;
  #now = 0;
  /** The figures are complete up to this time, epoch seconds. */
  #known = Number.POSITIVE_INFINITY;
  /** Slots by start; a slot without sales is missing. @type {Map<number, bigint[]>} */
  #slots = new Map();
  #lines = 0;
  /** @type {{start: number, step: number, all: bigint[]}} */
  #before = { start: 0, step: 1, all: [] };

  /** @param {Whole | Changes} message the data of a `history` message */
  take(message) {
    if ("slots" in message) {
      for (const [start, ...figures] of message.slots) {
        if (start < this.start) continue;
        this.since = Math.min(this.since, start);
        // Includes slots of a fast clock, which are drawn when their time comes.
        this.#slots.set(start, figures.map(micros));
      }
      return;
    }
    const { start, lines, since, before, step, products } = message;
    Object.assign(this, { products, step });
    this.#before = { ...before, all: before.all.map(micros) };
    this.since = since ?? Number.POSITIVE_INFINITY;
    this.#lines = lines.length;
    this.count = lines[0]?.length ?? 0;
    this.end = start + (this.count - 1) * step;
    this.#slots.clear();
    for (let i = 0; i < this.count; i++) {
      this.#slots.set(
        start + i * step,
        lines.map((line) => micros(line[i] ?? "0")),
      );
    }
  }

  /**
   * Moves the window on. New slots are empty until a message fills them. Both in epoch seconds.
   * @param {number} now @param {number} known until when the figures are complete
   */
  advance(now, known = this.#known) {
    this.#now = now;
    this.#known = known;
    if (this.count === 0) return;
    this.end = Math.max(this.end, Math.floor(now / this.step) * this.step);
    for (const start of this.#slots.keys()) if (start < this.start) this.#slots.delete(start);
  }

  /** The start of the oldest slot, epoch seconds. */
  get start() {
    return this.end - (this.count - 1) * this.step;
  }

  /** The start of the visible range: the whole window, unless history is younger. */
  get first() {
    const least = this.end - ((this.count - 1) * this.step) / 15;
    return Math.max(this.start, Math.min(this.since, least));
  }

  /** The length of a slot of the period before, in seconds. */
  get beforeStep() {
    return this.#before.step;
  }

  /** The latest time that is drawn: nothing is known of what comes after. */
  get last() {
    return Math.min(Math.max(this.#now, this.end), this.#known);
  }

  /**
   * The bars of a range, the oldest first, each `length` seconds long by the clocks of `zone`. The
   * one that is not over is there, and one in which history begins. There is none of a time of
   * which nothing is known, because an empty bar would say that nothing was sold.
   * @param {number} from @param {number} to epoch seconds @param {number} length @param {Zone} zone
   * @returns {Bar[]}
   */
  bars(from, to, length, zone) {
    /** @type {Bar[]} */
    const bars = [];
    let start = this.firstBar(from, length, zone);
    while (start < to && start <= this.last) {
      const end = zone.next(start, length);
      if (end > this.since) {
        const isWhole = start >= this.since && end <= this.last;
        bars.push({ start, end, isWhole, ...this.#sums(start, end) });
      }
      start = end;
    }
    return bars;
  }

  /**
   * The start of the bar at `from`, or of the first that the window does not cut: a part of a bar
   * would be too small, and shrink.
   * @param {number} from @param {number} length @param {Zone} zone
   */
  firstBar(from, length, zone) {
    return Math.max(zone.floor(from, length), zone.ceil(this.start, length));
  }

  /** @param {number} start @param {number} end */
  #sums(start, end) {
    const sums = Array.from({ length: this.#lines }, () => 0n);
    const first = Math.ceil(start / this.step) * this.step;
    for (let at = first; at < end; at += this.step) {
      for (const [i, figure] of (this.#slots.get(at) ?? []).entries()) {
        sums[i] = (sums[i] ?? 0n) + figure;
      }
    }
    const [all = 0n, rest = 0n, ...products] = sums;
    return { sums: [...products, rest, all], before: this.#sumBefore(start, end) };
  }

  /**
   * What was sold in the period before, at the same place in it.
   * @param {number} start @param {number} end
   */
  #sumBefore(start, end) {
    const { start: first, step, all } = this.#before;
    const shift = this.count * this.step;
    const [from, to] = [start - shift, end - shift];
    if (from < Math.max(first, this.since) || to > first + all.length * step) return undefined;
    let sum = 0n;
    for (let i = Math.floor((from - first) / step); first + i * step < to; i++) {
      const at = first + i * step;
      const seconds = Math.min(to, at + step) - Math.max(from, at);
      sum += ((all[i] ?? 0n) * BigInt(seconds)) / BigInt(step);
    }
    return sum;
  }
}

/** Millionths of a decimal number. @param {string} text with at most six decimals */
function micros(text) {
  const [whole = "0", decimal = ""] = text.split(".");
  return BigInt(whole + decimal.padEnd(decimals, "0"));
}

/** The decimal number of millionths. @param {bigint} value */
export function decimalOf(value) {
  const digits = String(value < 0n ? -value : value).padStart(decimals + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
