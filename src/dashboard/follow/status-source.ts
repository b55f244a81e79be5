/** Combines the status of the numbers: their freshness, and their problems. */

import type { Moment } from "../../lib/clock.ts";
import type { Counting, Stats } from "../../role.ts";
import type { Status } from "../model/status.ts";
import type { Backlog, Stall } from "./backlog.ts";
import type { Follower } from "./follow.ts";

export class StatusSource {
  readonly #follower: Pick<Follower, "status" | "reasons">;
  readonly #backlog: Pick<Backlog, "stall">;
  #counting: Counting = { refused: [], restoredPercent: undefined };
  #waits: readonly string[] = [];
  #oddTimes: readonly string[] = [];
  #dangers: readonly string[] = [];

  constructor(follower: Pick<Follower, "status" | "reasons">, backlog: Pick<Backlog, "stall">) {
    this.#follower = follower;
    this.#backlog = backlog;
  }

  /** Takes the report of another role of this process. */
  report(stats: Stats): void {
    this.#counting = stats.counting ?? this.#counting;
    this.#waits = stats.waits ?? this.#waits;
    this.#oddTimes = stats.oddTimes ?? this.#oddTimes;
    this.#dangers = stats.dangers ?? this.#dangers;
  }

  get status(): Status {
    const status = this.#follower.status;
    // Without the committed totals we cannot know what is not counted.
    const stall = status.state === "live" ? this.#backlog.stall : undefined;
    return {
      ...status,
      asOf: notAfter(status.asOf, this.#backlog.stall?.since),
      state: stall ? "behind" : status.state,
      notices: [
        ...status.notices,
        ...this.#refusal,
        ...this.#waits,
        ...(stall ? this.#sentencesOf(stall) : []),
        ...this.#dangers,
        ...this.#oddTimes,
      ],
    };
  }

  /** Why the numbers cannot be trusted; empty when they can. */
  get reasons(): string[] {
    const { stall } = this.#backlog;
    const uncounted = stall ? this.#sentencesOf(stall) : [];
    return [...this.#follower.reasons, ...this.#refusal, ...this.#waits, ...uncounted];
  }

  get #refusal(): string[] {
    const { refused } = this.#counting;
    if (refused.length === 0) return [];
    const partitions = `${refused.length} partition${refused.length === 1 ? "" : "s"}`;
    return [
      `The aggregator has stopped ${partitions} because totals and offsets disagree. See its log.`,
    ];
  }

  #sentencesOf(stall: Stall): string[] {
    const { restoredPercent } = this.#counting;
    if (restoredPercent === undefined) return [sentenceOf(stall)];
    const restore = `The aggregator is restoring its totals from Kafka: ${restoredPercent} % is read.`;
    return [sentenceOf(stall), restore];
  }
}

/** The moment, or the given time of day if that is earlier, by the same clock. */
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
