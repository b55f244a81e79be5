/** Measures how much a figure grew in a window, with a bounded number of samples. */

/** Samples in a window, so that a day costs no more than two minutes. */
const SAMPLES_PER_WINDOW = 120;
/** Figures are sampled once a second at most. */
const STEP_MS_MIN = 1_000;
/** The share of a step that a sample may come early, because timers are not exact. */
const EARLY = 0.1;
/** Steps by which a sample may be older than the start of the window. */
const STEPS_LATE_MAX = 2;

export interface Growth {
  readonly growth: bigint;
  /** The time since the sample at the start of the window; at least the window. */
  readonly elapsedMs: number;
}

/**
 * Holds at most 136 samples of about 50 bytes: 120 steps, a tenth more because samples may come
 * early, and the ends. Growth is measured over the window plus at most two steps (2 s, or a
 * sixtieth of the window), and not at all if the start of the window is unknown.
 */
export class GrowthWindow {
  readonly #windowMs: number;
  readonly #stepMs: number;
  readonly #samples: { readonly at: number; readonly value: bigint }[] = [];
  #lines = 0n;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#stepMs = Math.max(STEP_MS_MIN, windowMs / SAMPLES_PER_WINDOW);
  }

  /** The number of samples, for tests of the bound. */
  get size(): number {
    return this.#samples.length;
  }

  /**
   * Takes `value`, the figure at `now`, in milliseconds of a monotonic clock. Returns its growth;
   * undefined until a whole window has passed, and while the figure at its start is unknown.
   * `lines` are those that the figure is the sum of: with fewer lines than before the totals were
   * restored, so the window starts again. A figure that went down by returns goes on.
   */
  observe(now: number, value: bigint, lines = value): Growth | undefined {
    const samples = this.#samples;
    if (lines < this.#lines) samples.length = 0;
    this.#lines = lines;
    const start = now - this.#windowMs;
    const lastAt = samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    if (now - lastAt >= this.#stepMs * (1 - EARLY)) samples.push({ at: now, value });
    while ((samples[1]?.at ?? now) <= start) samples.shift();
    const base = samples[0];
    if (!base || base.at > start) return undefined;
    if (base.at < start - STEPS_LATE_MAX * this.#stepMs) return undefined;
    return { growth: value - base.value, elapsedMs: Math.round(now - base.at) };
  }
}
