/**
 * What the graph draws: the latest totals, and the revenue of each second since the page opened.
 * The stream carries absolute totals; revenue is what they grew by. Amounts stay integers
 * (millionths) up to the one subtraction whose result becomes a pixel.
 */

export const secondsMax = 15 * 60;
const secondsMin = 60;
/** Products whose past is kept by second; the past of others is part of the rest. */
const trackedMax = 20;

/** @typedef {{product: string, totalQuantity: string, totalPrice: string, micros: bigint}} Entry */
/** @typedef {{x: number, y: number}} Point */

export class Series {
  /** @type {Map<string, Entry>} */
  entries = new Map();
  /** Rings: second s stands at s modulo their length; NaN = not known. */
  #all = new Float64Array(secondsMax).fill(Number.NaN);
  /** @type {Map<string, Float64Array>} */
  #tracked = new Map();
  #first;
  #last;
  #isLive = false;
  /** The next totals are a snapshot: where they stand, and not what was just sold. */
  #isFirst = true;

  /** @param {number} second now, epoch seconds */
  constructor(second) {
    this.#first = second;
    this.#last = second;
  }

  /** Moves on to `second`. One without sales is 0, one without a live stream a gap. @param {number} second */
  advance(second) {
    for (let s = Math.max(this.#last, second - secondsMax) + 1; s <= second; s++) {
      for (const ring of [this.#all, ...this.#tracked.values()]) {
        ring[s % secondsMax] = this.#isLive ? 0 : Number.NaN;
      }
    }
    this.#last = Math.max(this.#last, second);
  }

  /** @param {number} second @param {boolean} isLive whether the server's own numbers are live */
  beat(second, isLive) {
    this.advance(second);
    this.#isLive = isLive;
  }

  /**
   * The stream broke: from here on nothing is known until the next snapshot.
   * @param {number} second
   */
  lose(second) {
    this.beat(second, false);
    this.#isFirst = true;
  }

  /** @param {number} second @param {string} text the data of a `totals` message */
  take(second, text) {
    this.advance(second);
    if (this.#isFirst) this.entries.clear();
    const changed = JSON.parse(text, asWritten);
    const slot = this.#last % secondsMax;
    for (const entry of changed) {
      const micros = toMicros(entry.totalPrice ?? "0");
      const grown = Number(micros - (this.entries.get(entry.product)?.micros ?? 0n)) / 1e6;
      // Totals that a restore has lowered are no sales taken back.
      const growth = Math.max(0, grown);
      if (entry.sales === "0") this.entries.delete(entry.product);
      else this.entries.set(entry.product, { ...entry, micros });
      if (this.#isFirst) continue;
      for (const ring of [this.#all, this.#tracked.get(entry.product)]) {
        if (ring) ring[slot] = (ring[slot] ?? 0) + growth;
      }
    }
    this.#isFirst = false;
  }

  /**
   * Points of each of `products` and, last, of the rest. Above `pointsMax`, each is a mean of seconds.
   * @param {string[]} products
   * @param {number} pointsMax
   * @returns {{series: Point[][], min: number, max: number}} times in epoch milliseconds
   */
  points(products, pointsMax) {
    this.#track(products);
    const end = this.#last;
    const seconds = Math.min(Math.max(end - this.#first, secondsMin), secondsMax - 10);
    const step = Math.ceil(seconds / pointsMax);
    const rings = products.map((product) => this.#tracked.get(product) ?? this.#all);
    /** @type {Point[][]} */
    const series = [...rings, this.#all].map(() => []);
    // Aligned to whole steps, or each mean would change while it moves to the left.
    const start = Math.ceil(Math.max(this.#first + 1, end - step - seconds) / step) * step;
    for (let at = start; at + step <= end; at += step) {
      const all = mean(this.#all, at, step);
      const parts = rings.map((ring) => (Number.isNaN(all) ? all : mean(ring, at, step)));
      const rest = parts.reduce((sum, part) => sum - part, all);
      for (const [i, y] of [...parts, Math.max(0, rest)].entries()) {
        series[i]?.push({ x: at * 1000, y });
      }
    }
    const max = end - step;
    return { series, min: (max - seconds) * 1000, max: max * 1000 };
  }

  /** @param {string[]} products */
  #track(products) {
    for (const product of products) {
      if (!this.#tracked.has(product)) this.#tracked.set(product, new Float64Array(secondsMax));
    }
    for (const product of this.#tracked.keys()) {
      if (this.#tracked.size <= trackedMax) break;
      if (!products.includes(product)) this.#tracked.delete(product);
    }
  }
}

/** Numbers as they stand in the text: a quantity may have more digits than a float. */
const asWritten = /** @type {(key: string, value: unknown) => unknown} */ (
  (/** @type {string} */ _key, /** @type {unknown} */ value, /** @type {any} */ context) =>
    typeof value === "number" ? (context?.source ?? String(value)) : value
);

/** @param {string} amount such as "20999.58" */
function toMicros(amount) {
  const [whole = "0", decimals = ""] = amount.split(".");
  return BigInt(whole + decimals.padEnd(6, "0"));
}

/** @param {Float64Array} ring @param {number} start @param {number} count */
function mean(ring, start, count) {
  let sum = 0;
  for (let s = start; s < start + count; s++) sum += ring[s % secondsMax] ?? 0;
  return sum / count;
}
