/** Where the numbers come from, in one answer: how fresh they are, and what is wrong with them. */

import type { Moment } from "../../lib/clock.ts";
import type { Stats } from "../../role.ts";
import type { Status } from "../model/status.ts";
import type { Backlog, Stall } from "./backlog.ts";
import type { Follower } from "./follow.ts";

/** The aggregator's gauge of partitions whose totals and offsets contradict each other. */
const REFUSED = "salesboard_aggregator_partitions_refused";

export class Source {
  readonly #follower: Pick<Follower, "status" | "reasons">;
  readonly #backlog: Pick<Backlog, "stall">;
  #refused = 0;

  constructor(follower: Pick<Follower, "status" | "reasons">, backlog: Pick<Backlog, "stall">) {
    this.#follower = follower;
    this.#backlog = backlog;
  }

  /** What another role of this process reports. */
  report(stats: Stats): void {
    this.#refused = stats[REFUSED] ?? this.#refused;
  }

  get status(): Status {
    const status = this.#follower.status;
    // Who does not know what is committed cannot say what is not counted.
    const stall = status.state === "live" ? this.#backlog.stall : undefined;
    return {
      ...status,
      asOf: notAfter(status.asOf, this.#backlog.stall?.since),
      state: stall ? "behind" : status.state,
      notices: [...status.notices, ...this.#refusal, ...(stall ? [sentenceOf(stall)] : [])],
    };
  }

  /** Why the dashboard is not ready; empty when it is. */
  get reasons(): string[] {
    return [...this.#follower.reasons, ...this.#refusal];
  }

  get #refusal(): string[] {
    if (this.#refused === 0) return [];
    const partitions = `${this.#refused} partition${this.#refused === 1 ? "" : "s"}`;
    return [
      `The aggregator refuses ${partitions}, for totals and offsets contradict each other; its log says which.`,
    ];
  }
}

/** The moment, or the earlier one of this time of day, by the same clock. */
function notAfter(moment: Moment | undefined, time = Number.POSITIVE_INFINITY) {
  if (!moment) return undefined;
  const aheadMs = moment.date.getTime() - time;
  return aheadMs <= 0 ? moment : { at: moment.at - aheadMs, date: new Date(time) };
}

function sentenceOf({ since, waiting }: Stall): string {
  const ids = [...waiting.keys()].join(", ");
  const records = [...waiting.values()].reduce((sum, count) => sum + count, 0);
  const wait = records === 1 ? "1 record waits" : `${records} records wait`;
  const time = new Date(since).toISOString();
  return `No sale has been counted since ${time}, though ${wait} in the input (partition ${ids}).`;
}
