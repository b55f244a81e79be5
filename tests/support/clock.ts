/** A clock that tests move, and moments of it. */

import type { Clock, Moment } from "../../src/lib/clock.ts";

/** Stands still until it is told what happens. */
export class TestClock implements Clock {
  #now = 0;
  #dateMs: number;

  constructor(dateMs = Date.UTC(2026, 10, 24, 12)) {
    this.#dateMs = dateMs;
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#dateMs);
  }

  /** Time passes. */
  pass(ms: number): void {
    this.#now += ms;
    this.#dateMs += ms;
  }

  /** Somebody sets the time of day by so much: no time passes. */
  step(ms: number): void {
    this.#dateMs += ms;
  }

  async sleep(ms: number): Promise<void> {
    this.pass(ms);
    // Who sleeps again and again must leave room for others.
    await Bun.sleep(0);
  }
}

/** At this time of day, on a machine that was started with the epoch. */
export function momentAt(ms: number): Moment {
  return { at: ms, date: new Date(ms) };
}
