/** When a running count was first seen to reach a number: one track for each stage of the way. */

export class Track {
  readonly #counts: number[] = [];
  readonly #times: number[] = [];

  /** `count` never falls; `at` in epoch milliseconds. */
  note(count: number, at: number): void {
    if (count <= (this.#counts.at(-1) ?? 0)) return;
    this.#counts.push(count);
    this.#times.push(at);
  }

  get last(): number {
    return this.#counts.at(-1) ?? 0;
  }

  /** When `count` or more was there; undefined = not yet. */
  at(count: number): number | undefined {
    let low = 0;
    let high = this.#counts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#counts[middle] as number) < count) low = middle + 1;
      else high = middle;
    }
    return this.#times[low];
  }
}

/**
 * Epoch milliseconds with fractions, as `Date.now()` has them without: so that times of several
 * processes of one machine can be subtracted.
 */
export function epochClock(): () => number {
  const edges = Array.from({ length: 10 }, () => {
    const tick = Date.now();
    while (Date.now() === tick);
    return Date.now() - performance.now();
  });
  // Whoever was interrupted after the tick saw it too late: the latest origin is the right one.
  const origin = Math.max(...edges);
  return () => origin + performance.now();
}
