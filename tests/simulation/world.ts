/** What everything in one schedule shares: time, chance, faults, and a record of what happened. */

import { VirtualTime } from "./clock.ts";
import { Faults } from "./faults.ts";
import { Random } from "./random.ts";

export class World {
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly faults: Faults;
  /** What must never happen, and did. */
  readonly violations: string[] = [];
  /** What the schedule has met, such as "crash before EndTxn": see `coverage.ts`. */
  readonly met = new Set<string>();
  /** The story of the schedule; only kept when somebody wants to read it. */
  readonly story: string[] | undefined;
  /** Of everything traced: equal when two runs were the same. */
  traceHash = 0;
  /** Called whenever a log has changed. */
  readonly #waiting = new Set<() => void>();

  constructor(seed: number, { tells = false } = {}) {
    this.random = new Random(seed);
    this.faults = new Faults(this.random, this.met);
    this.story = tells ? [] : undefined;
  }

  trace(what: string, ...details: readonly (string | number)[]): void {
    let hash = hashed(this.traceHash ^ (this.time.now * 1000), what);
    for (const part of details) hash = hashed(hash, part);
    this.traceHash = hash >>> 0;
    this.story?.push(`${this.time.now.toFixed(2).padStart(9)} ${what} ${details.join(" ")}`);
  }

  violate(what: string): void {
    this.trace("VIOLATION", what);
    this.violations.push(what);
  }

  logsChanged(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Calls `wake` at each change of any log. */
  onLogs(wake: () => void): void {
    this.#waiting.add(wake);
  }

  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}

/** FNV-1a. */
function hashed(before: number, part: string | number): number {
  const prime = 0x01000193;
  if (typeof part === "number") return Math.imul(before ^ part, prime);
  let hash = before;
  for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), prime);
  return hash;
}
