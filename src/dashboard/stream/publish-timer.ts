/** When boards are published: as soon as there is something to show, and not too often. */

/** An eye sees no more, and more would cost every open page. */
const PER_SECOND_MAX = 10;
const INTERVAL_MS = 1000 / PER_SECOND_MAX;
/**
 * How much earlier than its turn one may come. Transactions are as far apart as boards, but not to
 * the millisecond: one that comes early must not wait, or all that follow would.
 */
const EARLY_MS = INTERVAL_MS;
/** A longer wait is worth to be got rid of. */
const LATE_MS = INTERVAL_MS / 4;
/** The next transaction comes sooner than that, if there is one. */
const NEXT_MS = INTERVAL_MS + LATE_MS;

/** Time, as far as the pace needs it. */
export interface Timers {
  /** Milliseconds since some moment; never goes backwards. */
  now(): number;
  /** Runs `act` in `ms`; returns how to prevent that. */
  later(ms: number, act: () => void): () => void;
}

const systemTimers: Timers = {
  now: () => performance.now(),
  later: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Acts after each request: at once if it may, else as soon as it may, once for all requests
 * meanwhile. `act` says whether it did anything; only that counts.
 *
 * Transactions can come just as often as boards may. Then a single board more, for whatever reason,
 * would make all that follow wait for their turns, for minutes. So one that would have to wait is
 * left out: the next request is served in its place, and from then on all are in time again.
 */
export class PublishTimer {
  readonly #act: () => boolean;
  readonly #timers: Timers;
  /** The last `PER_SECOND_MAX` times, oldest first. */
  readonly #actedAt: number[] = [];
  /** The turn of the next one. */
  #dueAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(act: () => boolean, timers = systemTimers) {
    this.#act = act;
    this.#timers = timers;
  }

  request(): void {
    const waitMs = this.#freeAt - this.#timers.now();
    if (waitMs <= 0) {
      this.#run();
    } else if (!this.#cancel) {
      const ms = waitMs > LATE_MS ? Math.max(waitMs, NEXT_MS) : waitMs;
      this.#cancel = this.#timers.later(Math.ceil(ms), () => this.#run());
    }
  }

  /** For what can wait: nothing while others request often enough. */
  requestAfter(quietMs: number): void {
    const lastAt = this.#actedAt.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (this.#timers.now() - lastAt >= quietMs) this.request();
  }

  stop(): void {
    this.#cancel?.();
  }

  get #freeAt(): number {
    const isFull = this.#actedAt.length === PER_SECOND_MAX;
    const tenth = isFull ? (this.#actedAt[0] as number) + 1000 : Number.NEGATIVE_INFINITY;
    return Math.max(this.#dueAt - EARLY_MS, tenth);
  }

  #run(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (!this.#act()) return;
    const now = this.#timers.now();
    this.#dueAt = Math.max(this.#dueAt, now) + INTERVAL_MS;
    this.#actedAt.push(now);
    if (this.#actedAt.length > PER_SECOND_MAX) this.#actedAt.shift();
  }
}
