/**
 * Restores partitions before their first sale is folded: finds the group's offsets, reads the
 * totals for these offsets from the output topic, and checks that both belong together.
 */

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
import { type Restored, STOPPED } from "../state/totals-log.ts";
import { type Kept, keptOf } from "./kept.ts";
import { contradictionOf, startOver } from "./laws.ts";
import { type Clients, Logs } from "./logs.ts";
import { availableOf } from "./stops/availability.ts";
import { type Cause, Stops, stopSentence } from "./stops/stops.ts";

/**
 * Reads before a contradiction counts. One that passes was an answer without existing offsets
 * (KAFKA-20416), or a commit between our two questions by another instance that now owns the
 * partition.
 */
const ATTEMPTS_MAX = 3;

export class Recovery {
  readonly #config: Config;
  readonly #log: Log;
  readonly #admin: Admin;
  readonly #logs: Logs;
  readonly #report: RoleContext["report"];
  /** Partitions that are stopped alone for now. */
  readonly stops: Stops;
  readonly #refused = new Set<number>();
  /** Partitions that were lost or are in doubt, and may be restored soon. */
  readonly #kept = new Map<number, OwnedPartition>();
  /** The progress of a restore; undefined = no restore is running. */
  #restoredPercent: number | undefined;

  constructor(context: RoleContext, clients: Clients) {
    this.stops = new Stops(context.clock);
    this.#config = context.config;
    this.#log = context.log;
    this.#report = context.report;
    this.#admin = clients.admin;
    this.#logs = new Logs(context, clients, (percent) => {
      this.#restoredPercent = percent;
      this.tell();
    });
  }

  /**
   * Returns the partitions, ready to fold. Stops a partition that cannot be read now; it is tried
   * again later, and the others do not wait for it. Refuses a partition whose offsets and totals
   * contradict each other: logs an error and leaves the partition out, because a stopped partition
   * is better than a wrong total. A contradictory history starts again.
   * @throws KafkaError after a stop
   */
  async restore(partitions: readonly number[]): Promise<OwnedPartition[]> {
    const stop = (ids: readonly number[], cause: Cause) => this.stop(ids, cause);
    let left = await availableOf(partitions, { config: this.#config, admin: this.#admin, stop });
    while (left.length > 0) {
      try {
        return await this.#restore(left);
      } catch (error) {
        if (!(error instanceof KafkaError) || error.code === STOPPED) throw error;
        const concerned = error.partitions ?? left;
        this.stop(concerned, { reason: error.message });
        left = left.filter((id) => !concerned.includes(id));
      }
    }
    return [];
  }

  async #restore(partitions: readonly number[]): Promise<OwnedPartition[]> {
    try {
      this.#restoredPercent = 0;
      this.tell();
      const resumed = await this.#resume(partitions);
      const left = partitions.filter((id) => !resumed.some((partition) => partition.id === id));
      return [...resumed, ...(await this.#readAll(left))];
    } finally {
      this.#restoredPercent = undefined;
      this.tell();
    }
  }

  /** Notes that partitions are not counted for now. Logs each new cause once. */
  stop(partitions: Iterable<number>, cause: Cause): void {
    const news = this.stops.add(partitions, cause);
    if (news.length > 0) {
      this.#log.warning(stopSentence(news, cause.reason), { partitions: news.join(",") });
    }
    this.tell();
  }

  /** Keeps the committed state for a restore that may come soon. Drops the open state. */
  keep(partitions: Iterable<OwnedPartition>): void {
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
    for (const { partition, offset, past, ...restored } of await this.#logs.lookAtRest(kept)) {
      const { totals, bookkeeping } = restored;
      const pastProblem = past && this.#pastContradiction(past, restored);
      if (contradictionOf(offset, restored, this.#config) ?? pastProblem) continue;
      const history = past && historyFrom(past, totals);
      // Its log may be truncated, so a history read from the start may lack sales.
      if (history && history.state.unrecorded !== (past.bookkeeping?.unrecorded ?? 0)) continue;
      const from = bookkeeping ?? (await this.#firstOffset(partition));
      const ends = { output: restored.end, history: past?.end ?? 0 };
      const owned = new OwnedPartition(partition, { totals, history, from, ends });
      owned.refreshFrom = before.get(partition)?.refreshFrom ?? 0;
      if (history) history.refreshFrom = before.get(partition)?.history?.refreshFrom ?? 0;
      resumed.push(owned);
      this.#refused.delete(partition);
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
      for (const { partition, offset, past, ...restored } of await this.#logs.look(left)) {
        const { totals, bookkeeping } = restored;
        const pastProblem = past && this.#pastContradiction(past, restored);
        const problem =
          contradictionOf(offset, restored, this.#config) ??
          (look < ATTEMPTS_MAX ? pastProblem : undefined);
        if (problem) {
          problems.set(partition, problem);
          continue;
        }
        const from = bookkeeping ?? (await this.#firstOffset(partition));
        const history = past && this.#historyOf(past, { partition, totals, pastProblem });
        // A history that starts again has not erased its old slots yet.
        const ends = pastProblem ? undefined : { output: restored.end, history: past?.end ?? 0 };
        owned.push(new OwnedPartition(partition, { totals, history, from, ends }));
        this.#refused.delete(partition);
      }
      left = look < ATTEMPTS_MAX ? [...problems.keys()] : [];
      if (left.length === 0) for (const problem of problems) this.#refuse(...problem);
    }
    return owned;
  }

  #pastContradiction(past: RestoredHistory, restored: Restored): string | undefined {
    const { totals, bookkeeping } = restored;
    const { group } = this.#config;
    return historyContradiction(past, {
      group,
      inputOffset: bookkeeping?.inputOffset ?? 0,
      totals,
    });
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

  /** Reports what is not counted at the moment, and why. */
  tell(): void {
    const refused = [...this.#refused];
    this.#report({
      figures: {
        salesboard_aggregator_partitions_refused: refused.length,
        salesboard_aggregator_partitions_stopped: this.stops.waiting.length,
      },
      counting: {
        refused,
        stopped: this.stops.sentences,
        restoredPercent: this.#restoredPercent,
      },
    });
  }

  /**
   * Moves a partition past records that retention removed before they were read, and counts them.
   * If the position is past the end of the topic, refuses the partition and returns false. Stops
   * the partition and returns false when Kafka does not say where the topic ends.
   */
  async skipRemoved(partition: OwnedPartition): Promise<boolean> {
    const { inputTopic } = this.#config;
    const asked = this.#admin.watermarks(inputTopic, partition.id).catch((error: unknown) => {
      if (!(error instanceof KafkaError)) throw error;
      this.stop([partition.id], { reason: error.message });
    });
    const marks = await asked;
    if (!marks) return false;
    const { low, high } = marks;
    if (partition.position > high) {
      this.#refuse(
        partition.id,
        `the group has read up to offset ${partition.position}, but the input ends at ${high}: ` +
          `was the topic deleted and created again? If so, ${startOver(this.#config)}`,
      );
      return false;
    }
    if (partition.position >= low) return true;
    const removed = low - partition.position;
    this.#log.error("Retention removed input before it was read. No total contains it.", {
      partition: partition.id,
      records: removed,
    });
    partition.skipped += BigInt(removed);
    partition.position = low;
    return true;
  }

  /** Forgets refused partitions that belong to others now. */
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.#refused.delete(partition);
    this.stops.forget(partitions);
    this.tell();
  }

  #refuse(partition: number, problem: string): void {
    this.#refused.add(partition);
    this.tell();
    this.#log.error(`Cannot aggregate partition ${partition}: ${problem}.`, { partition });
  }

  async #firstOffset(partition: number): Promise<number> {
    return (await this.#admin.watermarks(this.#config.inputTopic, partition)).low;
  }
}
