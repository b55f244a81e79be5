/**
 * What the graph draws: the figures of each slot of the window, as decimals in strings, for no
 * figure is rounded before it becomes a pixel. The server sends all of them, then those that
 * change.
 */

/** @typedef {{x: number, y: number}} Point */
/**
 * @typedef {object} Whole
 * @property {number} start of the oldest slot, epoch seconds
 * @property {number} step seconds of a slot
 * @property {number?} since when anything is known, epoch seconds
 * @property {string[]} products
 * @property {string[][]} lines of all, of the rest, and of each product, the oldest slot first
 * @property {{start: number, step: number, all: string[]}} before the same time before
 */
/** @typedef {{slots: [start: number, ...figures: string[]][]}} Changes */

export class Series {
  /** @type {string[]} */
  products = [];
  step = 1;
  count = 0;
  /** Start of the latest slot, epoch seconds. */
  end = 0;
  since = Number.POSITIVE_INFINITY;
  /** Until when the figures are complete, epoch seconds. */
  #known = Number.POSITIVE_INFINITY;
  /** Rings: the slot of second s stands at s / step modulo their length. @type {string[][]} */
  #lines = [];
  /** @type {Whole["before"]} */
  #before = { start: 0, step: 1, all: [] };

  /** @param {Whole | Changes} message the data of a `history` message */
  take(message) {
    if ("slots" in message) {
      for (const [start, ...figures] of message.slots) this.#put(start, figures);
      return;
    }
    this.products = message.products;
    this.step = message.step;
    this.count = message.lines[0]?.length ?? 0;
    this.end = message.start + (this.count - 1) * this.step;
    this.since = message.since ?? Number.POSITIVE_INFINITY;
    this.#lines = message.lines.map(() => Array(this.count).fill("0"));
    this.#before = message.before;
    for (let i = 0; i < this.count; i++) {
      const place = this.#place(message.start + i * this.step);
      for (const [at, line] of this.#lines.entries()) line[place] = message.lines[at]?.[i] ?? "0";
    }
  }

  /**
   * Moves on; nothing was sold until somebody says so. Both in epoch seconds.
   * @param {number} now @param {number} known until when the figures are complete
   */
  advance(now, known = this.#known) {
    this.#known = known;
    if (this.count === 0) return;
    const latest = Math.floor(now / this.step) * this.step;
    const first = Math.max(this.end, latest - this.count * this.step) + this.step;
    for (let start = first; start <= latest; start += this.step) {
      for (const line of this.#lines) line[this.#place(start)] = "0";
    }
    this.end = Math.max(this.end, latest);
  }

  /** Start of the oldest slot, epoch seconds. */
  get start() {
    return this.end - (this.count - 1) * this.step;
  }

  /** From where on there is something to show: all of the window, unless history is young. */
  get first() {
    const least = this.end - ((this.count - 1) * this.step) / 15;
    return Math.max(this.start, Math.min(this.since, least));
  }

  /** Figures of a slot: of all, of the rest, and of each product. @param {number} start */
  at(start) {
    return this.#lines.map((line) => line[this.#place(start)] ?? "0");
  }

  /**
   * Points of each product, of the rest, and of all; above `pointsMax` each is the mean of some
   * slots. Without the latest slot, which is not over; nothing where nothing is known, for a line
   * at zero would say that nothing was sold.
   * @param {number} from @param {number} to epoch seconds @param {number} pointsMax
   * @returns {Point[][]} times in epoch milliseconds
   */
  points(from, to, pointsMax) {
    const size = Math.max(1, Math.ceil((to - from) / this.step / pointsMax)) * this.step;
    // Aligned to whole means, or each of them would change while it moves to the left.
    const first = Math.ceil(Math.max(from, this.start, this.since - size) / size) * size;
    const last = Math.min(to, Math.min(this.end, this.#known) - size);
    const [all = [], rest = [], ...products] = this.#lines.map((line) => {
      const points = [];
      for (let x = first; x <= last; x += size)
        points.push({ x: x * 1000, y: this.#mean(line, x, size) });
      return points;
    });
    return [...products, rest, all];
  }

  /** The same time before, as if it were now; as far as it is known. @returns {Point[]} */
  ghost() {
    const { start, step, all } = this.#before;
    const shift = this.count * this.step;
    return all.flatMap((figure, i) => {
      const from = start + i * step;
      if (from < this.since) return [];
      return { x: (from + step / 2 + shift) * 1000, y: (Number(figure) * this.step) / step };
    });
  }

  /** @param {number} start @param {string[]} figures */
  #put(start, figures) {
    this.advance(start);
    if (start < this.start) return;
    this.since = Math.min(this.since, start);
    for (const [i, figure] of figures.entries()) {
      const line = this.#lines[i];
      if (line) line[this.#place(start)] = figure;
    }
  }

  /** @param {number} start */
  #place(start) {
    return (start / this.step) % this.count;
  }

  /** @param {string[]} line @param {number} start @param {number} size */
  #mean(line, start, size) {
    let sum = 0;
    for (let at = start; at < start + size; at += this.step) sum += Number(line[this.#place(at)]);
    return (sum * this.step) / size;
  }
}
