/** Topics whose own topics could not be made: when each is tried again, and why it failed. */

import type { UncountedTopic } from "./found-topics.ts";

/** Doubles with each failure. */
const PAUSE_MS_MIN = 5_000;
const PAUSE_MS_MAX = 30_000;

export class FailedTopics {
  readonly #failures = new Map<string, { text: string; pauseMs: number; until: number }>();
  readonly #now: () => number;

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  has(topic: string): boolean {
    return this.#failures.has(topic);
  }

  /** What was noted last, while it is too early for another try. */
  early(topic: string): UncountedTopic | undefined {
    const failure = this.#failures.get(topic);
    if (!failure) return undefined;
    // Longer than any pause: the clock was set back.
    const restMs = failure.until - this.#now();
    if (restMs <= 0 || restMs > PAUSE_MS_MAX) return undefined;
    return { topic, text: failure.text };
  }

  /** `text`: a sentence that says why. */
  note({ topic, text }: UncountedTopic): void {
    const before = this.#failures.get(topic)?.pauseMs;
    const pauseMs = before === undefined ? PAUSE_MS_MIN : Math.min(2 * before, PAUSE_MS_MAX);
    this.#failures.set(topic, { text, pauseMs, until: this.#now() + pauseMs });
  }

  forget(topic: string): void {
    this.#failures.delete(topic);
  }

  /** Forgets all topics that are not among `names`, those that there are. */
  keepOnly(names: readonly string[]): void {
    const there = new Set(names);
    for (const topic of this.#failures.keys()) if (!there.has(topic)) this.forget(topic);
  }
}
