/**
 * Time as every role sees it: a seam, so that tests can run hours of faults in seconds.
 *
 * A duration is a difference of `now`. The time of day is for people, and for comparison with times
 * in records: somebody may set it at any moment, by hours.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { pause } from "./wait.ts";

export interface Clock {
  /** Milliseconds since some moment; never goes backwards. */
  now(): number;
  /** The time of day. */
  date(): Date;
  /** Less when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A moment by both clocks: how long ago it was, and what time of day was read then. */
export interface Moment {
  /** By `Clock.now`, milliseconds. */
  readonly at: number;
  readonly date: Date;
}

export function momentOf(clock: Pick<Clock, "now" | "date">): Moment {
  return { at: clock.now(), date: clock.date() };
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (ms, signal) => (signal ? pause(ms, signal) : sleep(ms)),
};
