/** Decides when to publish boards: as soon as something changed, and not too often. */

/** More boards cost every open page, and no eye sees them. */
const PER_SECOND_MAX = 10;
const INTERVAL_MS = 1000 / PER_SECOND_MAX;
/**
 * How early a board may be. Transactions come at the interval of boards, but not to the
 * millisecond. If one that is early had to wait, all later ones would wait too.
 */
const EARLY_MS = INTERVAL_MS;
/** A longer wait is worth leaving out a board. */
const LATE_MS = INTERVAL_MS / 4;
/** The next transaction, if there is one, comes within this time. */
const NEXT_MS = INTERVAL_MS + LATE_MS;
/**
 * How much of the time boards may take. To send one to thousands of pages takes longer than the
 * interval on a slow machine, and then pages that come back would wait for their first answer.
 */
const SHARE_MAX = 2 / 3;

/** The clock and the timer. */
export interface Timers {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Runs `act` in `ms`. Returns a function that cancels it. */
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
 * Acts after each request: at once if the limit allows, else as soon as it does, and only once for
 * all requests until then. `act` says whether it did anything; only then it counts.
 *
 * Transactions can come exactly as often as boards may. A single additional board would then delay
 * every later one, for minutes. So a board that would have to wait is left out: the next request
 * takes its place, and from then on all boards are on time again.
 */
export class PublishTimer {
  readonly #act: () => boolean;
  readonly #timers: Timers;
  /** The times of the last `PER_SECOND_MAX` boards, oldest first. */
  readonly #actedAt: number[] = [];
  /** The turn of the next board. */
  #dueAt = Number.NEGATIVE_INFINITY;
  /** Until then, the time belongs to everything else. */
  #restsUntil = Number.NEGATIVE_INFINITY;
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

  /** Requests a board that can wait. Does nothing while other requests are frequent enough. */
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
    return Math.max(this.#dueAt - EARLY_MS, tenth, this.#restsUntil);
  }

  #run(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const startedAt = this.#timers.now();
    if (!this.#act()) return;
    const now = this.#timers.now();
    this.#restsUntil = now + (now - startedAt) * (1 / SHARE_MAX - 1);
    this.#dueAt = Math.max(this.#dueAt, now) + INTERVAL_MS;
    this.#actedAt.push(now);
    if (this.#actedAt.length > PER_SECOND_MAX) this.#actedAt.shift();
  }
}
