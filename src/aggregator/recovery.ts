/** Restores partitions before their first sale: the totals that belong to the group's offsets. */

import type { Config } from "../config/config.ts";
import type { Totals } from "../domain/totals.ts";
import type { History } from "../history/history.ts";
import { type Admin, KafkaError } from "../kafka/kafka.ts";
import type { Log } from "../lib/log.ts";
import type { RoleContext } from "../role.ts";
import {
  historyAnew,
  historyContradiction,
  historyFrom,
  type RestoredHistory,
} from "../state/history-log.ts";
import { OwnedPartition } from "../state/owned-partition.ts";
import { LOG_CUT, STOPPED } from "../state/totals-log.ts";
import { dimensionsContradiction } from "./belonging/dimensions.ts";
import { contradictionOf, movedGroup } from "./belonging/laws.ts";
import { cannotGoOn } from "./belonging/moved.ts";
import { anewProblem, cutProblem, OriginSource } from "./belonging/origin.ts";
import { type Kept, keptOf } from "./kept.ts";
import { type Clients, type FoundPartition, Logs } from "./logs.ts";
import { availableOf } from "./stops/availability.ts";
import type { FailedTransaction } from "./stops/blame.ts";
import type { OnStop } from "./stops/stops.ts";
import type { Uncounted } from "./stops/uncounted.ts";

/**
 * Reads before a contradiction counts. One that passes was an answer without existing offsets
 * (KAFKA-20416), or a commit between our two questions by a new owner.
 */
const ATTEMPTS_MAX = 3;

export class Recovery {
  readonly #config: Config;
  readonly #whyNot: ReturnType<typeof cannotGoOn>;
  readonly #log: Log;
  readonly #admin: Admin;
  readonly #clock: RoleContext["clock"];
  readonly #logs: Logs;
  readonly #uncounted: Uncounted;
  /** Partitions that were lost or are in doubt, and may be restored soon. */
  readonly #kept = new Map<number, OwnedPartition>();
  /** Of the partitions above, those that this process has committed. */
  #ours: ReadonlySet<number> = new Set();
  readonly #source: OriginSource;

  /** `uncounted` hears which partitions cannot be restored, and how far a restore is. */
  constructor(context: RoleContext, clients: Clients, uncounted: Uncounted) {
    const { config, log } = context;
    this.#whyNot = cannotGoOn({
      config,
      log,
      admin: clients.admin,
      isOurs: (id) => this.#ours.has(id),
    });
    this.#config = config;
    this.#log = log;
    this.#uncounted = uncounted;
    this.#admin = clients.admin;
    this.#clock = context.clock;
    this.#source = new OriginSource(context, clients.admin);
    this.#logs = new Logs(context, clients, (percent) => uncounted.progress(percent));
  }

  /**
   * Returns the partitions, ready to fold. Stops a partition that cannot be read now; it is tried
   * again later. Refuses a partition whose totals contradict themselves or are of something else: a
   * stopped partition is better than a wrong total. A contradictory history starts again.
   * `isRetry`: they were stopped before, so the others do not wait long for them.
   * @throws KafkaError after a stop
   */
  async restore(
    partitions: readonly number[],
    { isRetry = false } = {},
  ): Promise<OwnedPartition[]> {
    this.#logs.isRetry = isRetry;
    const stop: OnStop = (ids, cause) => this.#uncounted.stop(ids, cause);
    let left = await availableOf(partitions, { config: this.#config, admin: this.#admin, stop });
    while (left.length > 0) {
      try {
        return await this.#restore(left);
      } catch (error) {
        if (!(error instanceof KafkaError) || error.code === STOPPED) throw error;
        const concerned = error.partitions ?? left;
        stop(concerned, { reason: error.message });
        left = left.filter((id) => !concerned.includes(id));
      }
    }
    return [];
  }

  async #restore(partitions: readonly number[]): Promise<OwnedPartition[]> {
    try {
      this.#uncounted.progress(0);
      const kept = [...this.#kept.values()];
      this.#ours = new Set(kept.filter(({ isInLogs }) => isInLogs).map(({ id }) => id));
      await this.#source.ask();
      const resumed = await this.#resume(partitions);
      const left = partitions.filter((id) => !resumed.some((partition) => partition.id === id));
      return [...resumed, ...(await this.#readAll(left))];
    } finally {
      this.#uncounted.progress(undefined);
    }
  }

  /**
   * Keeps the committed state for a restore that may come soon. Not after a transaction that found
   * a log cut or made anew: the offsets that memory knows are those of a log that is gone.
   */
  keep(partitions: Iterable<OwnedPartition>, failed?: FailedTransaction): void {
    if (failed?.error.code === LOG_CUT) return;
    for (const partition of partitions) this.#kept.set(partition.id, partition);
  }

  /**
   * Restores partitions from the kept state and later records, if both add up. Refuses none,
   * because the others get a full read.
   */
  async #resume(partitions: readonly number[]): Promise<OwnedPartition[]> {
    const kept = new Map<number, Kept>();
    const before = new Map(this.#kept);
    // Partitions that did not come back at once belong to other members by now.
    this.#kept.clear();
    for (const id of partitions) {
      const partition = before.get(id);
      const found = partition && keptOf(partition, this.#config);
      if (found) kept.set(id, found);
    }
    const resumed: OwnedPartition[] = [];
    const all = await this.#logs.lookAtRest(kept);
    const lows = await this.#lowsOf(all);
    for (const found of all) {
      const { partition, past, totals } = found;
      const { contradiction, moved, pastProblem } = this.#judged(found);
      if (contradiction ?? moved ?? pastProblem) continue;
      const history = past && historyFrom(past, totals);
      // Its log may be truncated, so a history read from the start may lack sales.
      if (history && history.state.unrecorded !== (past.bookkeeping?.unrecorded ?? 0)) continue;
      const owned = this.#owned(found, { history, lows, knowsEnds: true });
      if (history) history.refreshFrom = before.get(partition)?.history?.refreshFrom ?? 0;
      resumed.push(owned);
    }
    for (const { id } of resumed) kept.delete(id);
    const ids = resumed.map(({ id }) => id);
    this.#tellOf("Totals in memory go on; only later records were read.", ids);
    this.#tellOf("Totals in memory are out of date; all records are read.", [...kept.keys()]);
    return resumed;
  }

  #tellOf(message: string, partitions: readonly number[]): void {
    if (partitions.length > 0) this.#log.info(message, { partitions: partitions.join(",") });
  }

  async #readAll(partitions: readonly number[]): Promise<OwnedPartition[]> {
    const owned: OwnedPartition[] = [];
    let left = partitions;
    for (let look = 1; left.length > 0; look++) {
      const problems = new Map<number, string>();
      const all = await this.#logs.look(left);
      const lows = await this.#lowsOf(all);
      for (const found of all) {
        const { partition, offset, past, totals, bookkeeping } = found;
        const { contradiction, moved, pastProblem } = this.#judged(found);
        const passing = look < ATTEMPTS_MAX ? (moved ?? pastProblem) : undefined;
        const problem =
          contradiction ??
          passing ??
          (moved && bookkeeping
            ? await this.#whyNot(moved, { partition, offset, bookkeeping })
            : undefined);
        if (problem) {
          problems.set(partition, problem);
          continue;
        }
        const history = past && this.#historyOf(past, { partition, totals, pastProblem });
        // A history that starts again has not erased its old slots yet.
        owned.push(this.#owned(found, { history, lows, knowsEnds: !pastProblem }));
      }
      left = look < ATTEMPTS_MAX ? [...problems.keys()] : [];
      if (left.length === 0)
        for (const [id, problem] of problems) this.#uncounted.refuse(id, problem);
    }
    return owned;
  }

  /** What contradicts what, in all that was found of a partition. */
  #judged({ offset, past, dimensions, ...restored }: FoundPartition) {
    const { totals, bookkeeping } = restored;
    const config = this.#config;
    const { group = config.group, inputOffset = 0 } = bookkeeping ?? {};
    return {
      contradiction:
        contradictionOf(offset, restored, config, this.#source.origin) ??
        dimensionsContradiction(restored, dimensions, config),
      moved: bookkeeping && movedGroup(offset, bookkeeping, config),
      pastProblem: past && historyContradiction(past, { group, inputOffset, totals }),
    };
  }

  /** Where the input begins, for those of which nothing was counted yet. */
  async #lowsOf(all: readonly FoundPartition[]): Promise<ReadonlyMap<number, { low: number }>> {
    const fresh = all.flatMap(({ partition, bookkeeping }) => (bookkeeping ? [] : [partition]));
    if (fresh.length === 0) return new Map();
    return await this.#admin.allWatermarks(this.#config.inputTopic, fresh);
  }

  /** `knowsEnds`: memory will hold all that stands in the logs. */
  #owned(
    { partition, past, totals, dimensions, bookkeeping, end }: FoundPartition,
    of: {
      history: History | undefined;
      lows: ReadonlyMap<number, { low: number }>;
      knowsEnds: boolean;
    },
  ): OwnedPartition {
    const from = bookkeeping ?? (of.lows.get(partition)?.low as number);
    const all = dimensions.map(({ end }) => end);
    const known = { output: end, history: past?.end ?? 0, dimensions: all };
    const ends = of.knowsEnds ? known : undefined;
    const places = { ends, origin: this.#source.origin, tail: end };
    this.#uncounted.restored(partition);
    const { history } = of;
    return new OwnedPartition(partition, { totals, dimensions, history, from, ...places });
  }

  /** Restores what is left of history, and logs what is missing. */
  #historyOf(
    past: RestoredHistory,
    of: { partition: number; totals: Totals; pastProblem: string | undefined },
  ): History {
    const { partition, totals, pastProblem } = of;
    const history = pastProblem ? historyAnew(past, totals) : historyFrom(past, totals);
    const { unrecorded } = history.state;
    if (pastProblem) {
      this.#log.error(`The history of partition ${partition} starts again: ${pastProblem}.`, {
        partition,
        unrecorded,
      });
    } else if (past.problem || unrecorded > (past.bookkeeping?.unrecorded ?? 0)) {
      const reason = past.problem ?? "history was off for a time, or its log was truncated";
      this.#log.warning(`The history of partition ${partition} lacks sales: ${reason}.`, {
        partition,
        unrecorded,
      });
    }
    return history;
  }

  /**
   * Moves a partition past records that retention removed before they were read, and counts them.
   * If its log is not the one that was read so far, refuses the partition and returns false. Stops
   * the partition and returns false when Kafka does not answer. `cutAt`: see `ConsumerEvent`.
   */
  async skipRemoved(partition: OwnedPartition, cutAt?: number): Promise<boolean> {
    const ask = () => this.#admin.watermarks(this.#config.inputTopic, partition.id);
    const marks = await this.#source
      .ask()
      .then(ask)
      .catch((error: unknown) => {
        if (!(error instanceof KafkaError)) throw error;
        this.#uncounted.stop([partition.id], { reason: error.message });
      });
    if (!marks) return false;
    const { low, high } = marks;
    const problem =
      anewProblem(partition.origin, this.#source.origin, this.#config) ??
      cutProblem(partition, { cutAt, high }, this.#config);
    if (problem) {
      this.#uncounted.refuse(partition.id, problem);
      return false;
    }
    if (partition.position >= low) return true;
    const removed = low - partition.position;
    this.#log.error("Retention removed input before it was read. No total contains it.", {
      partition: partition.id,
      records: removed,
    });
    partition.skipTo(low, this.#clock.date());
    return true;
  }

  /** Asks now and then what the input is, and returns who was restored from another topic. */
  anew(partitions: ReadonlyMap<number, OwnedPartition>): number[] {
    this.#source.tick();
    return [...partitions.values()].filter((one) => this.#source.isOther(one)).map(({ id }) => id);
  }
}
