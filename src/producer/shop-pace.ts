/** The pace of a made-up shop: a record is due whenever the shop sells. */

import type { Clock } from "../lib/clock.ts";
import type { SalePace } from "./rate-limit.ts";
import type { Shop } from "./shop.ts";

/** The longest wait at a time, so that a stop is noticed. */
const WAIT_MS_MAX = 200;
/**
 * The most time to catch up with after a stall. What a shop would have sold while the machine slept
 * is not sold.
 */
const BURST_MS_MAX = 60_000;

export class ShopPace implements SalePace {
  readonly #shop: Shop;
  readonly #clock: Pick<Clock, "date" | "sleep">;
  readonly #signal: AbortSignal;
  /** Sales up to this time were due before, epoch milliseconds. */
  #untilMs: number;
  #day: number;
  #times: readonly number[];

  /** `fromMs`: the time after which sales are due, epoch milliseconds. */
  constructor(
    shop: Shop,
    fromMs: number,
    { clock, signal }: { clock: Pick<Clock, "date" | "sleep">; signal: AbortSignal },
  ) {
    this.#shop = shop;
    this.#clock = clock;
    this.#signal = signal;
    this.#untilMs = fromMs;
    this.#day = shop.dayOf(fromMs);
    this.#times = shop.timesOf(this.#day);
  }

  /** Waits until records are due and returns their number: 1 to `most`; 0 only after a stop. */
  async wait(most: number): Promise<number> {
    while (!this.#signal.aborted) {
      const due = this.#due(this.#clock.date().getTime());
      if (due > 0) return Math.min(due, most);
      await this.#clock.sleep(WAIT_MS_MAX, this.#signal);
    }
    return 0;
  }

  /** All that was due is sent, or given up. */
  sent(): void {}

  #due(now: number): number {
    // The clock may have been set, in either direction.
    const isFarAhead = this.#untilMs - now > BURST_MS_MAX;
    const from = isFarAhead ? now : Math.max(this.#untilMs, now - BURST_MS_MAX);
    if (now < from) return 0;
    const day = this.#shop.dayOf(now);
    if (day !== this.#day) {
      this.#day = day;
      this.#times = this.#shop.timesOf(day);
    }
    this.#untilMs = now;
    return this.#times.filter((time) => time > from && time <= now).length;
  }
}
