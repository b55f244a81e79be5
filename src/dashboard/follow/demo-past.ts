/**
 * Knows whether the past that the demo made up at its start is counted. Until then its pages show
 * no numbers: months of sales that are counted within seconds would look like a rush of now, to the
 * speedometer and to alerts.
 */

import type { Config } from "../../config/config.ts";
import type { Clock } from "../../lib/clock.ts";
import type { SalesView } from "../model/view.ts";

/** Then the pages show what there is, because the past may never be counted as a whole. */
const FILLING_MS_MAX = 60_000;

export class DemoPast {
  readonly #view: Pick<SalesView, "partition">;
  readonly #clock: Pick<Clock, "now">;
  readonly #partitions: number;
  readonly #endsAt: number;
  #records = Number.POSITIVE_INFINITY;
  #isFilling: boolean;

  constructor(options: {
    config: Pick<Config, "demoPast" | "partitions">;
    view: Pick<SalesView, "partition">;
    clock: Pick<Clock, "now">;
  }) {
    const { config, view, clock } = options;
    this.#view = view;
    this.#clock = clock;
    this.#partitions = config.partitions;
    this.#endsAt = clock.now() + FILLING_MS_MAX;
    this.#isFilling = config.demoPast > 0;
  }

  /** The producer has sent the past, of so many records. */
  sent(records: number): void {
    this.#records = records;
  }

  /** False for good once it was. */
  get isFilling(): boolean {
    const isOver = () => this.#counted >= this.#records || this.#clock.now() >= this.#endsAt;
    if (this.#isFilling && isOver()) this.#isFilling = false;
    return this.#isFilling;
  }

  /** Records of the input that are counted. They begin with the past. */
  get #counted(): number {
    let records = 0;
    for (let id = 0; id < this.#partitions; id++) {
      records += this.#view.partition(id).bookkeeping?.inputOffset ?? 0;
    }
    return records;
  }
}
