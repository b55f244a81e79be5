/**
 * The data of the graph: the figures of each slot in the window. The server sends all of them, then
 * changes. Figures are decimal strings, because none is rounded before it becomes a pixel.
 */

/** @typedef {{x: number, y: number}} Point epoch milliseconds, and the figure per second */
/** @typedef {{start: number, step: number, all: string[]}} Before the period before */
/**
 * `lines`: all products, the rest, and each product, the oldest slot first. `start`, and `since`,
 * before which nothing is known, are epoch seconds. `step` is the length of a slot in seconds.
 * @typedef {{start: number, step: number, since: number?, products: string[], lines: string[][],
 *   before: Before}} Whole
 */
/** @typedef {{slots: [start: number, ...figures: string[]][]}} Changes */

export class Series {
  /** @type {string[]} */
  products = [];
  step = 1;
  count = 0;
  /** The start of the latest slot, epoch seconds. */
  end = 0;
  since = Number.POSITIVE_INFINITY;
  /** The figures are complete up to this time, epoch seconds. */
  #known = Number.POSITIVE_INFINITY;
  /** Slots by start; a slot without sales is missing. @type {Map<number, string[]>} */
  #slots = new Map();
  #lines = 0;
  /** @type {Before} */
  #before = { start: 0, step: 1, all: [] };

  /** @param {Whole | Changes} message the data of a `history` message */
  take(message) {
    if ("slots" in message) {
      for (const [start, ...figures] of message.slots) {
        if (start < this.start) continue;
        this.since = Math.min(this.since, start);
        // Includes slots of a fast clock, which are drawn when their time comes.
        this.#slots.set(start, figures);
      }
      return;
    }
    const { start, lines, since, ...rest } = message;
    Object.assign(this, { products: rest.products, step: rest.step });
    this.#before = rest.before;
    this.since = since ?? Number.POSITIVE_INFINITY;
    this.#lines = lines.length;
    this.count = lines[0]?.length ?? 0;
    this.end = start + (this.count - 1) * this.step;
    this.#slots.clear();
    for (let i = 0; i < this.count; i++) {
      this.#slots.set(
        start + i * this.step,
        lines.map((line) => line[i] ?? "0"),
      );
    }
  }

  /**
   * Moves the window on. New slots are empty until a message fills them. Both in epoch seconds.
   * @param {number} now @param {number} known until when the figures are complete
   */
  advance(now, known = this.#known) {
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

  /**
   * The points of each product, of the rest and of all. Above `pointsMax` a point is the mean of
   * several slots. Leaves out the latest slot, which is not over, and times of which nothing is
   * known, because a line at zero would say that nothing was sold.
   * @param {number} from @param {number} to epoch seconds @param {number} pointsMax
   */
  points(from, to, pointsMax) {
    const size = Math.max(1, Math.ceil((to - from) / this.step / pointsMax)) * this.step;
    // Aligns the means, or each would change while it moves to the left.
    const first = Math.ceil(Math.max(from, this.start, this.since - size) / size) * size;
    const last = Math.min(to, Math.min(this.end, this.#known) - size);
    const lines = Array.from({ length: this.#lines }, () => /** @type {Point[]} */ ([]));
    for (let x = first; x <= last; x += size) {
      for (const [i, line] of lines.entries())
        line.push({ x: x * 1000, y: this.#mean(i, x, size) });
    }
    const [all = [], rest = [], ...products] = lines;
    return [...products, rest, all];
  }

  /** The known part of the period before, moved to now. @returns {Point[]} */
  ghost() {
    const { start, step, all } = this.#before;
    const shift = this.count * this.step;
    return all.flatMap((figure, i) => {
      const from = start + i * step;
      if (from < this.since) return [];
      return { x: (from + step / 2 + shift) * 1000, y: (Number(figure) * this.step) / step };
    });
  }

  /** @param {number} line @param {number} start @param {number} size */
  #mean(line, start, size) {
    let sum = 0;
    for (let at = start; at < start + size; at += this.step) {
      sum += Number(this.#slots.get(at)?.[line] ?? 0);
    }
    return (sum * this.step) / size;
  }
}
