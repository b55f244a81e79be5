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
  /** What befell processes, and where: see `Result`. */
  readonly disasters: string[] = [];
  /** The story of the schedule; only kept when somebody wants to read it. */
  readonly story: string[] | undefined;
  /** Of everything traced: equal when two runs were the same. */
  traceHash = 0;
  /** Called whenever a log has new records or markers. */
  readonly #waiting = new Set<() => void>();

  constructor(seed: number, { tells = false } = {}) {
    this.random = new Random(seed);
    this.faults = new Faults(this.random);
    this.story = tells ? [] : undefined;
  }

  trace(what: string, ...details: readonly (string | number)[]): void {
    let hash = Math.imul(this.traceHash ^ (this.time.now * 1000), 0x01000193);
    for (const part of [what, ...details]) {
      const text = typeof part === "string" ? part : part.toString(36);
      for (let i = 0; i < text.length; i++) {
        hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      }
    }
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
