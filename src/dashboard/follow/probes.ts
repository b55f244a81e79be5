/** Asks Kafka beside other work: one question at a time, and silent after the end. */

import type { Clock } from "../../lib/clock.ts";

/** The time from one question for the ends of a topic to the next. "As of" moves by it. */
export const PROBE_INTERVAL_MS = 1_000;

export interface ProbeOptions {
  clock: Pick<Clock, "now">;
  ask: () => Promise<void>;
  onFailure: (error: unknown) => void;
}

export class Probes {
  readonly #options: ProbeOptions;
  #current: Promise<void> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isOver = false;

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** The open question. */
  get current(): Promise<void> | undefined {
    return this.#current;
  }

  /** Asks, unless the last question is still open or younger than `intervalMs`. */
  request(intervalMs: number): void {
    const { clock, ask, onFailure } = this.#options;
    if (this.#isOver || this.#current || clock.now() - this.#askedAt < intervalMs) return;
    this.#askedAt = clock.now();
    this.#current = ask()
      // After the end its clients are closed, which is not a failure of Kafka.
      .catch((error) => {
        if (!this.#isOver) onFailure(error);
      })
      .finally(() => {
        this.#current = undefined;
      });
  }

  /** Asks nothing more and reports no failure. Call this before the clients are closed. */
  end(): void {
    this.#isOver = true;
  }
}
