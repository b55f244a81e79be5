/** Virtual time: nothing waits, and the same timers fire in the same order on every run. */

import { drainMicrotasks } from "bun:jsc";
import type { Clock } from "../../src/lib/clock.ts";

/** What every clock says at the start. */
export const START_MS = 1_790_000_000_000;

interface Timer {
  at: number;
  sequence: number;
  run: () => void;
}

export class VirtualTime {
  now = 0;
  /** A binary heap, earliest first; of two at the same time the one set first. */
  readonly #timers: Timer[] = [];
  #sequence = 0;

  later(ms: number, run: () => void): void {
    const timer = { at: this.now + Math.max(0, ms), sequence: this.#sequence++, run };
    const timers = this.#timers;
    let at = timers.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, timers[parent] as Timer)) break;
      timers[at] = timers[parent] as Timer;
      at = parent;
    }
    timers[at] = timer;
  }

  /** Runs the next timer and all that follows from it; false when there is none. */
  step(): boolean {
    const next = this.#pop();
    if (!next) return false;
    this.now = next.at;
    next.run();
    drainMicrotasks();
    return true;
  }

  #pop(): Timer | undefined {
    const timers = this.#timers;
    const first = timers[0];
    const last = timers.pop();
    if (!last || timers.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= timers.length) break;
      const right = timers[child + 1];
      if (right && isBefore(right, timers[child] as Timer)) child++;
      if (!isBefore(timers[child] as Timer, last)) break;
      timers[at] = timers[child] as Timer;
      at = child;
    }
    timers[at] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

/**
 * A process of the simulated machine. One that was killed never runs again: its promises do not
 * settle. One that is paused does everything later, as after SIGSTOP and SIGCONT.
 */
export class SimulatedProcess implements Clock {
  readonly name: string;
  readonly time: VirtualTime;
  #state: "running" | "paused" | "killed" = "running";
  #postponed: (() => void)[] = [];

  constructor(name: string, time: VirtualTime) {
    this.name = name;
    this.time = time;
  }

  get killed(): boolean {
    return this.#state === "killed";
  }

  get paused(): boolean {
    return this.#state === "paused";
  }

  now(): number {
    return this.time.now;
  }

  date(): Date {
    return new Date(START_MS + this.time.now);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.later(ms, resolve));
  }

  later(ms: number, run: () => void): void {
    this.time.later(ms, () => this.do(run));
  }

  do(run: () => void): void {
    if (this.#state === "running") run();
    else if (this.#state === "paused") this.#postponed.push(run);
  }

  kill(): void {
    this.#state = "killed";
    this.#postponed = [];
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    // One timer each: whatever waited still happens one after the other.
    for (const run of this.#postponed.splice(0)) this.later(0, run);
  }
}
