/** Combines the status of the numbers: their freshness, and their problems. */

import type { Role } from "../../config/config.ts";
import type { Clock, Moment } from "../../lib/clock.ts";
import type { Counting, Stats } from "../../role.ts";
import type { Status } from "../model/status.ts";
import type { Backlog } from "./backlog.ts";
import type { DemoPast } from "./demo-past.ts";
import type { Follower } from "./follow.ts";
import { type Stall, stallSentences } from "./stall.ts";

/** A restart or a change of leaders passes sooner, and is not worth a word on the page. */
const PASSING_MS_MAX = 5_000;

export class StatusSource {
  readonly #follower: Pick<Follower, "status" | "reasons">;
  readonly #backlog: Pick<Backlog, "stall" | "late" | "blindness" | "strangers">;
  readonly #clock: Pick<Clock, "now">;
  readonly #past: Pick<DemoPast, "isFilling" | "sent"> | undefined;
  #counting: Counting = { refused: [], stopped: [], restoredPercent: undefined };
  #waits: readonly string[] = [];
  #oddTimes: readonly string[] = [];
  #dangers: readonly string[] = [];
  readonly #ownTrouble: () => string | undefined;
  /** What brokers hold against the clients of the aggregator; empty = nothing. */
  #hindrance = "";
  /** Why the aggregator waits for Kafka; empty = it does not. */
  #late = "";
  /** Why roles of this process have failed. */
  readonly #troubles = new Map<Role, string>();
  /** Since when something has kept the aggregator from counting, by `Clock.now`. */
  #hinderedAt: number | undefined;

  constructor(
    follower: Pick<Follower, "status" | "reasons">,
    backlog: Pick<Backlog, "stall" | "late" | "blindness" | "strangers">,
    clock: Pick<Clock, "now">,
    of: {
      past?: Pick<DemoPast, "isFilling" | "sent"> | undefined;
      /** What brokers hold against the clients of the dashboard, as a clause. */
      trouble?: (() => string | undefined) | undefined;
    } = {},
  ) {
    this.#follower = follower;
    this.#backlog = backlog;
    this.#clock = clock;
    this.#past = of.past;
    this.#ownTrouble = of.trouble ?? (() => undefined);
  }

  /** Takes the report of another role of this process. */
  report(stats: Stats, role: Role = "aggregator"): void {
    const { counting = this.#counting, waits = this.#waits, trouble } = stats;
    this.#counting = counting;
    this.#waits = waits;
    this.#oddTimes = stats.oddTimes ?? this.#oddTimes;
    this.#dangers = stats.dangers ?? this.#dangers;
    this.#late = stats.late ?? this.#late;
    this.#hindrance = stats.hindrance ?? this.#hindrance;
    if (stats.pastRecords !== undefined) this.#past?.sent(stats.pastRecords);
    if (trouble) this.#troubles.set(role, trouble);
    else if (trouble !== undefined) this.#troubles.delete(role);
    if (this.#hindrances.length === 0) this.#hinderedAt = undefined;
    else this.#hinderedAt ??= this.#clock.now();
  }

  /** What keeps the roles of this process from their work. */
  get #hindrances(): string[] {
    const late = this.#late === "" ? [] : [this.#late];
    return [...this.#troubles.values(), ...late, ...this.#counting.stopped];
  }

  /** The hindrances that do not pass by themselves, or hold up sales. */
  get #causes(): string[] {
    if (this.#hinderedAt === undefined) return [];
    const ageMs = this.#clock.now() - this.#hinderedAt;
    return ageMs >= PASSING_MS_MAX || this.#backlog.stall ? this.#hindrances : [];
  }

  get status(): Status {
    const status = this.#follower.status;
    // Without the committed totals we cannot know what is not counted.
    const stall = status.state === "live" ? this.#stall : undefined;
    const { strangers } = this.#backlog;
    const state = strangers.length > 0 && status.state === "live" ? "stale" : status.state;
    const blindness = status.state === "live" ? this.#backlog.blindness : undefined;
    const notices = [
      ...status.notices,
      ...strangers,
      ...this.#refusal,
      ...this.#waits,
      ...(stall ? this.#sentencesOf(stall) : []),
      ...(stall || status.state === "stale" ? this.#trouble : []),
      ...this.#causes,
      ...(blindness ? [blindness] : []),
      ...this.#dangers,
      ...this.#oddTimes,
    ];
    return {
      ...status,
      notices,
      asOf: notAfter(status.asOf, this.#stall?.since),
      // Before it is live for the first time a page shows no numbers, and no rate is measured.
      state: this.#past?.isFilling && state === "live" ? "restoring" : stall ? "behind" : state,
    };
  }

  /** Why the numbers cannot be trusted; empty when they can. */
  get reasons(): string[] {
    const stall = this.#stall;
    const uncounted = stall ? this.#sentencesOf(stall) : [];
    const isStale = this.#follower.reasons.length > 0;
    const filling = this.#past?.isFilling ? ["The demo's past is not counted yet."] : [];
    return [
      ...this.#follower.reasons,
      ...filling,
      ...this.#backlog.strangers,
      ...this.#refusal,
      ...this.#waits,
      ...uncounted,
      ...(stall || isStale ? this.#trouble : []),
      ...this.#causes,
    ];
  }

  /** Sales that wait. Those that are counted late are worth a word when brokers are the cause. */
  get #stall(): Stall | undefined {
    return this.#backlog.stall ?? (this.#trouble.length > 0 ? this.#backlog.late : undefined);
  }

  /** What brokers hold against our clients. It says why something stands still, if it does. */
  get #trouble(): string[] {
    const clause = this.#hindrance || this.#ownTrouble();
    return clause ? [`${clause}.`] : [];
  }

  get #refusal(): string[] {
    const { refused } = this.#counting;
    if (refused.length === 0) return [];
    const partitions = `${refused.length} partition${refused.length === 1 ? "" : "s"}`;
    return [
      `The aggregator refuses ${partitions} because the totals belong to something else, or ` +
        "contradict their bookkeeping. Its log says which, and what to do.",
    ];
  }

  #sentencesOf(stall: Stall): string[] {
    const { restoredPercent } = this.#counting;
    // What is known here of the own aggregator says more than who owns the partitions.
    const known = [...this.#refusal, ...this.#waits, ...this.#trouble, ...this.#hindrances];
    if (restoredPercent === undefined) {
      return stallSentences(known.length > 0 ? { ...stall, owner: undefined } : stall);
    }
    const restore = `The aggregator is restoring its totals from Kafka: ${restoredPercent} % is read.`;
    return [...stallSentences({ ...stall, owner: undefined }), restore];
  }
}

/** The moment, or the given time of day if that is earlier, by the same clock. */
function notAfter(moment: Moment | undefined, time = Number.POSITIVE_INFINITY) {
  if (!moment) return undefined;
  const aheadMs = moment.date.getTime() - time;
  return aheadMs <= 0 ? moment : { at: moment.at - aheadMs, date: new Date(time) };
}
