/**
 * Whether the totals by a dimension hold the records that the totals of products hold. One
 * transaction writes both, so a difference that stays was made by an aggregator without the rule.
 */

import type { Clock } from "../../lib/clock.ts";
import type { SalesView } from "../model/view.ts";

/** Two topics are read by two readers, and a transaction ends in each partition at its own time. */
const DIFFERENCE_MS_MAX = 10_000;

type Offsets = Pick<SalesView, "partition">;

/** Records of an input partition that the dimension lacks. */
interface Gap {
  /** The next offset that the dimension lacks. */
  readonly from: number;
  /** Since when, by `Clock.now`. */
  readonly since: number;
}

export class Agreement {
  readonly #name: string;
  readonly #views: { readonly products: Offsets; readonly values: Offsets };
  readonly #clock: Pick<Clock, "now">;
  readonly #gaps = new Map<number, Gap>();

  /** `name`: of the dimension. */
  constructor(
    name: string,
    views: { readonly products: Offsets; readonly values: Offsets },
    clock: Pick<Clock, "now">,
  ) {
    this.#name = name;
    this.#views = views;
    this.#clock = clock;
  }

  /** What is wrong, as sentences; none if nothing is. `partitions`: of the topics. Ask often. */
  problems(partitions: number): string[] {
    const now = this.#clock.now();
    const lacking: number[] = [];
    for (let id = 0; id < partitions; id++) {
      const [from, end] = [offsetOf(this.#views.values, id), offsetOf(this.#views.products, id)];
      const known = this.#gaps.get(id);
      if (from >= end) this.#gaps.delete(id);
      else if (known?.from !== from) this.#gaps.set(id, { from, since: now });
      else if (now - known.since > DIFFERENCE_MS_MAX) lacking.push(id);
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
