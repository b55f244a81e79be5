/** Spreads records evenly over time. */

import { setTimeout as sleep } from "node:timers/promises";

/** The shortest wait. A fast rate sends small groups at this interval, which looks smooth. */
const TICK_MS = 20;
/** The longest wait at a time, so that a stop is noticed. */
const WAIT_MS_MAX = 200;
/** The most time to catch up after a stall. */
const BURST_MS_MAX = 1_000;

/** Says when the next records are due. */
export interface SalePace {
  /** Waits until records are due and returns their number: 1 to `most`; 0 only after a stop. */
  wait(most: number): Promise<number>;
  sent(records: number): void;
}

export class RateLimit implements SalePace {
  readonly #perMs: number;
  readonly #signal: AbortSignal;
  #dueFrom = performance.now();
  #sent = 0;

  /** `rate` in records per second; 0 = as fast as possible. */
  constructor(rate: number, signal: AbortSignal) {
    this.#perMs = rate / 1000;
    this.#signal = signal;
  }

  /** Waits until records are due and returns their number: 1 to `most`; 0 only after a stop. */
  async wait(most: number): Promise<number> {
    if (this.#perMs === 0) return most;
    while (!this.#signal.aborted) {
      const behindMs = performance.now() - this.#dueFrom - this.#sent / this.#perMs;
      if (behindMs > BURST_MS_MAX) this.#dueFrom += behindMs - BURST_MS_MAX;
      const due = Math.floor(behindMs * this.#perMs);
      if (due >= 1) return Math.min(due, most);
      const nextMs = 1 / this.#perMs - behindMs;
      await sleep(Math.min(Math.max(nextMs, TICK_MS), WAIT_MS_MAX));
    }
    return 0;
  }

  sent(records: number): void {
    this.#sent += records;
  }
}
