/** What topics have refused for its size: how small records must be, and until when. */

import type { Clock } from "../lib/clock.ts";

/** More of them mean that single small records are refused: nothing smaller is left to try. */
export const REFUSALS_MAX = 12;
/**
 * A topic's limit can be raised. After so long without a refusal, and with a commit, one of them is
 * forgotten: a topic that still refuses costs one transaction a minute that is aborted.
 */
const FORGOTTEN_AFTER_MS = 60_000;

export class Refusals {
  readonly #clock: Pick<Clock, "now">;
  readonly #topics = new Map<string, { count: number; changedAt: number }>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** How often `topic` has refused what it was sent, and that is not forgotten; at least 0. */
  of(topic: string): number {
    return this.#topics.get(topic)?.count ?? 0;
  }

  /** Of the topic with the most of them. */
  get most(): number {
    return Math.max(0, ...[...this.#topics.values()].map(({ count }) => count));
  }

  /** A topic that refuses single small records too; undefined = none. */
  get hopeless(): string | undefined {
    return [...this.#topics].find(([, { count }]) => count > REFUSALS_MAX)?.[0];
  }

  /** `topic` has refused records of a transaction. */
  note(topic: string): void {
    this.#topics.set(topic, { count: this.of(topic) + 1, changedAt: this.#clock.now() });
  }

  /** A transaction was committed: there is progress, and old refusals may be forgotten. */
  committed(): void {
    const now = this.#clock.now();
    for (const [topic, { count, changedAt }] of this.#topics) {
      if (now - changedAt < FORGOTTEN_AFTER_MS) continue;
      if (count > 1) this.#topics.set(topic, { count: count - 1, changedAt: now });
      else this.#topics.delete(topic);
    }
  }
}
