/** Counts the records that topics refuse because of their size, and forgets old refusals. */

import type { Clock } from "../../lib/clock.ts";

/** A topic with more refusals refuses even single small records: nothing smaller can be tried. */
export const REFUSALS_MAX = 12;
/**
 * The wait before a commit forgets one refusal, because the limit of a topic can be raised. A topic
 * that still refuses costs one aborted transaction a minute.
 */
const FORGOTTEN_AFTER_MS = 60_000;

export class Refusals {
  readonly #clock: Pick<Clock, "now">;
  readonly #topics = new Map<string, { count: number; changedAt: number }>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** The refusals of `topic` that are not forgotten; at least 0. */
  of(topic: string): number {
    return this.#topics.get(topic)?.count ?? 0;
  }

  /** The refusals of the topic that has the most. */
  get most(): number {
    return Math.max(0, ...[...this.#topics.values()].map(({ count }) => count));
  }

  /** A topic that refuses even single small records; undefined = there is none. */
  get hopeless(): string | undefined {
    return [...this.#topics].find(([, { count }]) => count > REFUSALS_MAX)?.[0];
  }

  /** Counts a refusal: `topic` refused records of a transaction. */
  note(topic: string): void {
    this.#topics.set(topic, { count: this.of(topic) + 1, changedAt: this.#clock.now() });
  }

  /** Call after each commit. Forgets one refusal of each topic that was quiet for a minute. */
  committed(): void {
    const now = this.#clock.now();
    for (const [topic, { count, changedAt }] of this.#topics) {
      if (now - changedAt < FORGOTTEN_AFTER_MS) continue;
      if (count > 1) this.#topics.set(topic, { count: count - 1, changedAt: now });
      else this.#topics.delete(topic);
    }
  }
}
