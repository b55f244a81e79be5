/**
 * Restores partitions before their first sale is folded: finds the group's offsets, reads the
 * totals for these offsets from the output topic, and checks that both belong together.
 */

import type { Config } from "../config/config.ts";
import type { Totals } from "../domain/totals.ts";
import type { History } from "../history/history.ts";
import type { Admin } from "../kafka/kafka.ts";
import type { Log } from "../lib/log.ts";
import type { RoleContext } from "../role.ts";
import {
  historyAnew,
  historyContradiction,
  historyFrom,
  type RestoredHistory,
} from "../state/history-log.ts";
import { OwnedPartition } from "../state/owned-partition.ts";
import type { Restored } from "../state/totals-log.ts";
import { type Kept, keptOf } from "./kept.ts";
import { contradictionOf, startOver } from "./laws.ts";
import { type Clients, Logs } from "./logs.ts";

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
  readonly #refused = new Set<number>();
  /** Partitions that were lost or are in doubt, and may be restored soon. */
  readonly #kept = new Map<number, OwnedPartition>();
  /** The progress of a restore; undefined = no restore is running. */
  #restoredPercent: number | undefined;

  constructor(context: RoleContext, clients: Clients) {
    this.#config = context.config;
    this.#log = context.log;
    this.#report = context.report;
    this.#admin = clients.admin;
    this.#logs = new Logs(context, clients, (percent) => {
      this.#restoredPercent = percent;
      this.#tell();
    });
  }

  /**
   * Returns the partitions, ready to fold. Refuses a partition whose offsets and totals contradict
   * each other: logs an error and leaves the partition out, because a stopped partition is better
   * than a wrong total. A contradictory history starts again.
   * @throws KafkaError when Kafka does not answer within the bounds, or after a stop
   */
  async restore(partitions: readonly number[]): Promise<OwnedPartition[]> {
    if (partitions.length === 0) return [];
    await this.#ensureOutputPartitions(partitions);
    try {
      this.#restoredPercent = 0;
      this.#tell();
      const resumed = await this.#resume(partitions);
      const left = partitions.filter((id) => !resumed.some((partition) => partition.id === id));
      return [...resumed, ...(await this.#readAll(left))];
    } finally {
      this.#restoredPercent = undefined;
      this.#tell();
    }
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

  #tell(): void {
    const refused = [...this.#refused];
    this.#report({
      figures: { salesboard_aggregator_partitions_refused: refused.length },
      counting: { refused, restoredPercent: this.#restoredPercent },
    });
  }

  /**
   * Moves a partition past records that retention removed before they were read, and counts them.
   * If the position is past the end of the topic, refuses the partition and returns false.
   */
  async skipRemoved(partition: OwnedPartition): Promise<boolean> {
    const { low, high } = await this.#admin.watermarks(this.#config.inputTopic, partition.id);
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
    this.#tell();
  }

  #refuse(partition: number, problem: string): void {
    this.#refused.add(partition);
    this.#tell();
    this.#log.error(`Cannot aggregate partition ${partition}: ${problem}.`, { partition });
  }

  async #ensureOutputPartitions(partitions: readonly number[]): Promise<void> {
    const needed = Math.max(...partitions) + 1;
    const { outputTopic, history, historyTopic } = this.#config;
    for (const topic of history === "on" ? [outputTopic, historyTopic] : [outputTopic]) {
      const described = await this.#admin.describeTopic(topic);
      if (described && described.partitions < needed) {
        await this.#admin.addPartitions(topic, needed);
      }
    }
  }

  async #firstOffset(partition: number): Promise<number> {
    return (await this.#admin.watermarks(this.#config.inputTopic, partition)).low;
  }
}
