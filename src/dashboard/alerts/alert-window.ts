/** How much a figure has grown in the last minutes, from a bounded number of samples. */

/** Samples in a window, so that one of a day costs no more than one of two minutes. */
const SAMPLES_PER_WINDOW = 120;
/** Figures are looked at once a second. */
const STEP_MS_MIN = 1_000;
/** A timer is not exact: a sample may come so much before its turn, of a step. */
const EARLY = 0.1;
/** A sample is too old for the start of the window when it is older by more steps. */
const STEPS_LATE_MAX = 2;

export interface Growth {
  readonly growth: bigint;
  /** From the sample at the start of the window until now; at least the window. */
  readonly elapsedMs: number;
}

/**
 * At most 136 samples (120 steps, a tenth more often than meant, and the ends) of some 50 bytes.
 * Growth is measured over the window and at most two steps more (2 s, or a sixtieth of the window),
 * and not at all where nothing is known of the window's start.
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

  /** Samples kept, for tests of the bound. */
  get size(): number {
    return this.#samples.length;
  }

  /**
   * The figure is `value` at `now`, milliseconds of a clock that never goes backwards. Returns its
   * growth; undefined before a whole window was seen, and while its start lies in a time of which
   * nothing is known. `lines` are those that the figure is the sum of: where they have become fewer
   * the totals have been restored, and the figure begins anew. Returns lower a figure lawfully.
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
