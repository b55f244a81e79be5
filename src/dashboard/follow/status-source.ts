/** Combines the status of the numbers: their freshness, and their problems. */

import type { Role } from "../../config/config.ts";
import type { Clock, Moment } from "../../lib/clock.ts";
import type { Stats } from "../../role.ts";
import type { Status } from "../model/status.ts";
import type { BacklogLike } from "./backlog.ts";
import type { DemoPast } from "./demo-past.ts";
import type { Follower } from "./follow.ts";
import { inTopic, type Stall, sinceOf, stallSentences, withoutOwner } from "./stall.ts";

/** A restart or a change of leaders passes sooner, and is not worth a word on the page. */
const PASSING_MS_MAX = 5_000;

export class StatusSource {
  readonly #follower: Pick<Follower, "status" | "reasons">;
  readonly #backlog: BacklogLike;
  readonly #clock: Pick<Clock, "now">;
  readonly #past: Pick<DemoPast, "isFilling" | "sent"> | undefined;
  /** All that each worker has ever reported. */
  readonly #reports = new Map<string, Stats>();
  readonly #ownTrouble: () => string | undefined;
  /** Since when something has kept the aggregator from counting, by `Clock.now`. */
  #hinderedAt: number | undefined;

  constructor(
    follower: Pick<Follower, "status" | "reasons">,
    backlog: BacklogLike,
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

  /** Takes the report of another role of this process, or of the aggregator of an input topic. */
  report(stats: Stats, role: Role = "aggregator"): void {
    const worker = `${role} ${stats.topic ?? ""}`;
    this.#reports.set(worker, { ...this.#reports.get(worker), ...stats });
    if (stats.pastRecords !== undefined) this.#past?.sent(stats.pastRecords);
    if (this.#hindrances.length === 0) this.#hinderedAt = undefined;
    else this.#hinderedAt ??= this.#clock.now();
  }

  /** What the workers say, each sentence once, and with the input topic if there are several. */
  #said(pick: (stats: Stats) => readonly string[]): string[] {
    const sentences = [...this.#reports.values()].flatMap((stats) => {
      return pick(stats).map((sentence) => inTopic(stats.topic, sentence));
    });
    return [...new Set(sentences)];
  }

  /** What keeps the roles of this process from their work. */
  get #hindrances(): string[] {
    // These name their worker.
    const troubles = [...this.#reports.values()].flatMap(({ trouble }) => trouble || []);
    const late = this.#said(({ late }) => (late ? [late] : []));
    return [...troubles, ...late, ...this.#said(({ counting }) => counting?.stopped ?? [])];
  }

  get #waits(): string[] {
    return this.#said(({ waits = [] }) => waits);
  }

  /** The hindrances that do not pass by themselves, or hold up sales. */
  get #causes(): string[] {
    if (this.#hinderedAt === undefined) return [];
    const ageMs = this.#clock.now() - this.#hinderedAt;
    return ageMs >= PASSING_MS_MAX || this.#backlog.stall ? this.#hindrances : [];
  }

  get status(): Status {
    const status = this.#follower.status;
    // Of a topic whose committed totals are not read, a backlog knows none.
    const stall = this.#stall;
    const { strangers } = this.#backlog;
    const blindness = status.state === "live" ? this.#backlog.blindness : undefined;
    const topics = this.#uncounted;
    const isStale = status.state === "stale" || strangers.length > 0;
    const notices = [
      ...status.notices,
      ...strangers,
      ...topics.sentences,
      ...this.#refusal,
      ...this.#waits,
      ...(stall ? this.#sentencesOf(stall) : []),
      ...(stall || isStale ? this.#trouble : []),
      ...this.#causes,
      ...(blindness ? [blindness] : []),
      ...topics.notes,
      ...this.#said(({ dangers = [] }) => dangers),
      ...this.#said(({ oddTimes = [] }) => oddTimes),
    ];
    return {
      ...status,
      notices,
      asOf: notAfter(notAfter(status.asOf, stall && sinceOf(stall)), topics.since),
      state: status.state === "live" ? this.#stateOf(stall) : status.state,
    };
  }

  /** Once all is read. Totals of something else are wrong, whatever else waits. */
  #stateOf(stall: Stall | undefined): Status["state"] {
    if (this.#backlog.strangers.length > 0) return "stale";
    // Before it is live for the first time a page shows no numbers, and no rate is measured.
    if (this.#past?.isFilling || this.#backlog.arrears === "asking") return "restoring";
    return stall || this.#uncounted.sentences.length > 0 ? "behind" : "live";
  }

  /** Why the numbers cannot be trusted; empty when they can. */
  get reasons(): string[] {
    const stall = this.#stall;
    const uncounted = stall ? this.#sentencesOf(stall) : [];
    const isStale = this.#follower.reasons.length + this.#backlog.strangers.length > 0;
    const filling = this.#past?.isFilling ? ["The demo's past is not counted yet."] : [];
    const isAsking = this.#backlog.arrears === "asking";
    const asking = isAsking ? ["It is not known yet whether sales wait in the input."] : [];
    return [
      ...this.#follower.reasons,
      ...filling,
      ...asking,
      ...this.#backlog.strangers,
      ...this.#uncounted.sentences,
      ...this.#refusal,
      ...this.#waits,
      ...uncounted,
      ...(stall || isStale ? this.#trouble : []),
      ...this.#causes,
    ];
  }

  /** Topics that are not on the board, and the time since which it lacks their sales. */
  get #uncounted() {
    const all = [...this.#reports.values()].flatMap(({ uncounted }) => uncounted ?? []);
    const present = all.filter(({ sentences }) => sentences.length > 0);
    const since = present.length > 0 ? Math.min(...present.map((each) => each.since)) : undefined;
    const [sentences, notes] = [all.flatMap((of) => of.sentences), all.flatMap((of) => of.notes)];
    return { sentences, notes, since };
  }

  /**
   * Sales that wait. Those that are counted late are worth a word when brokers are the cause, or
   * when others stand still. Those from before the board are, until they are on it.
   */
  get #stall(): Stall | undefined {
    const { arrears, late, stall } = this.#backlog;
    const isWrong = this.#trouble.length > 0 || stall !== undefined;
    const told = isWrong ? late : undefined;
    return told ?? (arrears === "asking" ? undefined : arrears);
  }

  /** What brokers hold against our clients. It says why something stands still, if it does. */
  get #trouble(): string[] {
    const hindrances = [...this.#reports.values()].flatMap(({ hindrance }) => hindrance || []);
    const clauses = hindrances.length > 0 ? hindrances : [this.#ownTrouble() ?? ""];
    return [...new Set(clauses)].flatMap((clause) => (clause ? [`${clause}.`] : []));
  }

  get #refusal(): string[] {
    return this.#said(({ counting }) => counting?.refused ?? []);
  }

  /** How far the aggregators of this process are with a restore. */
  get #restores(): string[] {
    return this.#said(({ counting }) => {
      const percent = counting?.restoredPercent;
      if (percent === undefined) return [];
      return [`The aggregator is restoring its totals from Kafka: ${percent} % is read.`];
    });
  }

  /**
   * It is known here why nothing is counted. That says more than who owns the partitions: it may be
   * the aggregator of this process.
   */
  get isExplained(): boolean {
    const known = [...this.#refusal, ...this.#waits, ...this.#trouble, ...this.#hindrances];
    return known.length + this.#restores.length > 0;
  }

  #sentencesOf(stall: Stall): string[] {
    return [...stallSentences(this.isExplained ? withoutOwner(stall) : stall), ...this.#restores];
  }
}

/** The moment, or the given time of day if that is earlier, by the same clock. */
function notAfter(moment: Moment | undefined, time = Number.POSITIVE_INFINITY) {
  if (!moment) return undefined;
  const aheadMs = moment.date.getTime() - time;
  return aheadMs <= 0 ? moment : { at: moment.at - aheadMs, date: new Date(time) };
}
