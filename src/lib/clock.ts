/** Time as the aggregator sees it: a seam, so that tests can run hours of faults in seconds. */

import { setTimeout as sleep } from "node:timers/promises";

export interface Clock {
  /** Milliseconds since some moment; never goes backwards. */
  now(): number;
  /** The time of day. */
  date(): Date;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (ms) => sleep(ms),
};
