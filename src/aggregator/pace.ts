/** When the loop commits, and how long it may wait for sales. */

import type { Config } from "../config/config.ts";
import type { Consumer, RecordBatch } from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import { commitIntervalsMs } from "../lib/timeouts.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Fold } from "./fold.ts";

/** The longest wait for a sale, and so the time to notice a stop. */
const POLL_WAIT_MS_MAX = 100;
/** How often the loop checks whether an overdue commit has ended. */
const COMMIT_POLL_WAIT_MS = 2;
/** A slower flow fits into the consumer's queue while the loop waits. */
const TRICKLE_OFFSETS_PER_MS = 200;
/** So long before a commit the brokers are asked once more for what came since the last answer. */
const LAST_LOOK_MS = 15;
/** Fewer offsets are worth a longer interval: less than 40 a second get the longest. */
const FEW_OFFSETS = 20;

export class Pace {
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #deadLetters: DeadLetters;
  readonly #fold: Fold;
  readonly #consumer: Pick<Consumer, "rest">;
  #commitStartedAt = Number.NEGATIVE_INFINITY;
  #gatheredAt = 0;
  /** Offsets that the next transaction holds; those of partitions that were lost count too. */
  #offsets = 0;
  /** The rate at which they came between the last two transactions. */
  #offsetsPerMs = 0;

  constructor(
    { config, clock }: { config: Config; clock: Clock },
    of: {
      partitions: ReadonlyMap<number, OwnedPartition>;
      deadLetters: DeadLetters;
      fold: Fold;
      consumer: Pick<Consumer, "rest">;
    },
  ) {
    this.#config = config;
    this.#clock = clock;
    this.#partitions = of.partitions;
    this.#deadLetters = of.deadLetters;
    this.#fold = of.fold;
    this.#consumer = of.consumer;
  }

  commitStarted(): void {
    const now = this.#clock.now();
    this.#offsetsPerMs = this.#offsets / (now - this.#commitStartedAt);
    this.#commitStartedAt = now;
    this.#offsets = 0;
  }

  /** What a poll has brought, before anything is due because of it. */
  counted(offsets: number): number {
    this.#offsets += offsets;
    return offsets;
  }

  get isDirty(): boolean {
    for (const partition of this.#partitions.values()) if (partition.moved) return true;
    return false;
  }

  /** A transaction is due once the interval since the last one is over; at once after idleness. */
  get isDue(): boolean {
    if (!this.isDirty) return false;
    return this.#untilDueMs() <= 0 || this.#deadLetters.full;
  }

  pollWaitMs({ isCommitting }: { isCommitting: boolean }): number {
    if (!this.isDirty) return POLL_WAIT_MS_MAX;
    if (this.#deadLetters.full) return 0;
    const atLeast = isCommitting ? COMMIT_POLL_WAIT_MS : 0;
    return Math.round(Math.min(Math.max(this.#untilDueMs(), atLeast), POLL_WAIT_MS_MAX));
  }

  /**
   * Lets a trickle of sales gather until the next commit, here and at the brokers. Nobody sees the
   * sales before, and a fetch and a poll for each of them would cost more than all the rest.
   */
  async gather(offsets: number, batch: RecordBatch): Promise<void> {
    const elapsedMs = Math.max(this.#clock.now() - this.#gatheredAt, 1);
    const isSlow = offsets < TRICKLE_OFFSETS_PER_MS * elapsedMs;
    const isTrickle = isSlow && this.#fold.hasCaughtUp(batch);
    if (isTrickle && this.isDirty && !this.#deadLetters.full) {
      const untilNeededMs = Math.min(this.#untilDueMs(), this.#untilManyMs());
      const restMs = Math.floor(untilNeededMs - LAST_LOOK_MS);
      if (restMs > 0) this.#consumer.rest(restMs);
      const wait = Math.min(untilNeededMs, POLL_WAIT_MS_MAX);
      if (wait > 0) await this.#clock.sleep(wait);
    }
    this.#gatheredAt = this.#clock.now();
  }

  /** Until the shorter interval applies, if as many come as before; no end once it applies. */
  #untilManyMs(): number {
    const missing = FEW_OFFSETS - this.#offsets;
    return missing > 0 ? missing / this.#offsetsPerMs : Number.POSITIVE_INFINITY;
  }

  #untilDueMs(): number {
    const { few, many } = commitIntervalsMs;
    const intervalMs = this.#config.commitIntervalMs ?? (this.#offsets < FEW_OFFSETS ? few : many);
    return this.#commitStartedAt + intervalMs - this.#clock.now();
  }
}
