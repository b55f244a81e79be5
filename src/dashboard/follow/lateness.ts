/** Knows which sales are counted late, although counting goes on. */

import type { Moment } from "../../lib/clock.ts";
import type { Stall } from "./stall.ts";

/** An end of an input partition, and when it was asked for. */
interface Goal {
  readonly high: number;
  readonly asked: Moment;
}

interface InputMark {
  /** The next offset to count. */
  readonly next: number;
  readonly high: number;
}

export class Lateness {
  readonly #goals = new Map<number, Goal>();
  readonly #places = new Map<number, InputMark>();

  /** `isEmpty`: nothing but marks of transactions waits. */
  note(partition: number, place: InputMark, of: { asked: Moment; isEmpty: boolean }): void {
    const { next, high } = place;
    const goal = this.#goals.get(partition);
    this.#places.set(partition, place);
    if (goal && next < goal.high && !of.isEmpty) return;
    this.#goals.set(partition, { high, asked: of.asked });
  }

  clear(): void {
    this.#goals.clear();
    this.#places.clear();
  }

  /**
   * Sales that were in the input for so long and are not counted yet; undefined = none. `but`: of
   * these partitions more is known.
   */
  after(ms: number, now: number, but?: ReadonlyMap<number, unknown>): Stall | undefined {
    const late = [...this.#goals].filter(([partition, { high, asked }]) => {
      if (but?.has(partition)) return false;
      return now - asked.at >= ms && (this.#places.get(partition)?.next ?? high) < high;
    });
    if (late.length === 0) return undefined;
    const waiting = late.map(([partition, goal]): [number, number] => {
      const { next, high } = this.#places.get(partition) ?? { next: 0, high: goal.high };
      return [partition, high - next];
    });
    const since = Math.min(...late.map(([, { asked }]) => asked.date.getTime()));
    return { since, waiting: new Map(waiting), isSlow: true };
  }
}
