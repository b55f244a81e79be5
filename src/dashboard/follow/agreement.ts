/**
 * Whether the totals by a dimension hold the records that the totals of products hold. One
 * transaction writes both, so a difference that stays was made by an aggregator without the rule.
 */

import type { Clock } from "../../lib/clock.ts";
import type { SalesView } from "../model/view.ts";

/** Two topics are read by two readers, and a transaction ends in each partition at its own time. */
const DIFFERENCE_MS_MAX = 10_000;

type Offsets = Pick<SalesView, "partition">;

interface Views {
  readonly products: Offsets & Pick<SalesView, "board">;
  readonly values: Offsets;
}

/** Records of an input partition that the dimension lacks. */
interface Gap {
  /** The next offset that the dimension lacks. */
  readonly from: number;
  /** Since when, by `Clock.now`. */
  readonly since: number;
}

export class Agreement {
  readonly #name: string;
  readonly #views: Views;
  readonly #clock: Pick<Clock, "now">;
  readonly #gaps = new Map<number, Gap>();
  /** The next offset of each partition at which both were the same. */
  readonly #agreed = new Map<number, number>();

  /** `name`: of the dimension. */
  constructor(name: string, views: Views, clock: Pick<Clock, "now">) {
    this.#name = name;
    this.#views = views;
    this.#clock = clock;
  }

  /** What is wrong, as sentences; none if nothing is. `partitions`: of the topics. Ask often. */
  problems(partitions: number): string[] {
    const now = this.#clock.now();
    const lacking: number[] = [];
    // Before its first board, the products may be further than what is read of them.
    const isRead = this.#views.products.board.isComplete;
    for (let id = 0; id < partitions; id++) {
      const [from, end] = [offsetOf(this.#views.values, id), offsetOf(this.#views.products, id)];
      if (from >= end) {
        this.#gaps.delete(id);
        if (isRead) this.#agreed.set(id, from);
        continue;
      }
      const known = this.#gaps.get(id);
      const gap = known?.from === from ? known : { from, since: now };
      this.#gaps.set(id, gap);
      // Time mends neither a topic that was never written to, nor one that has lost records.
      const isLost = isRead && from < (this.#agreed.get(id) ?? 1);
      if (isLost || now - gap.since > DIFFERENCE_MS_MAX) lacking.push(id);
    }
    if (lacking.length === 0) return [];
    return [
      `The totals by ${this.#name} lack records of partition ${lacking.join(", ")} that the totals ` +
        "of products hold. Give every aggregator the same mapping.",
    ];
  }
}

/** The next offset to count. */
function offsetOf(view: Offsets, partition: number): number {
  return view.partition(partition).bookkeeping?.inputOffset ?? 0;
}
