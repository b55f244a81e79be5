/** Measures the recent sales per second. */

/** The time over which the rate is measured, milliseconds. */
const RATE_WINDOW_MS = 10_000;
/** Nobody can read a rate that changes more than once a second. */
const RATE_SAMPLE_MS = 1000;
/** Sales per second over the last `RATE_WINDOW_MS`. */
export class RateMeter {
  /** At most one sample for each `RATE_SAMPLE_MS` of the window, and the last one before. */
  readonly #samples: { at: number; sales: bigint }[] = [];
  #rate = 0;
  #view: object | undefined;

  /**
   * `now` in milliseconds of a monotonic clock. `view`: whose sales. What another one begins with
   * was sold whenever, and is not counted now.
   */
  measure(now: number, sales: bigint, view: object = this): number {
    const samples = this.#samples;
    const last = samples.at(-1);
    if (last && this.#view !== view) {
      const more = sales - last.sales;
      for (const sample of samples) sample.sales += more;
    }
    this.#view = view;
    if (last && now - last.at < RATE_SAMPLE_MS) return this.#rate;
    samples.push({ at: now, sales });
    while ((samples[1]?.at ?? now) <= now - RATE_WINDOW_MS) samples.shift();
    const first = samples[0] ?? { at: now, sales };
    const seconds = Math.max(now - first.at, RATE_SAMPLE_MS) / 1000;
    this.#rate = Math.max(0, Math.round((Number(sales - first.sales) / seconds) * 10) / 10);
    return this.#rate;
  }
}
