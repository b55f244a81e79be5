/**
 * What an instance does before it folds the first sale of a partition: it finds out how far the
 * group is, reads the totals of that point back from the output topic, and checks that both belong
 * together.
 */

import type { Config } from "../config/config.ts";
import { isNothing } from "../domain/sums.ts";
import type { Totals } from "../domain/totals.ts";
import type { History } from "../history/history.ts";
import { type Admin, type Consumer, type Kafka, KafkaError } from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { mappingFingerprint } from "../mapping/input-judge.ts";
import type { RoleContext } from "../role.ts";
import {
  historyAnew,
  historyContradiction,
  historyFrom,
  type RestoredHistory,
  readHistory,
} from "../state/history-log.ts";
import { OwnedPartition } from "../state/owned-partition.ts";
import { lastWriters, type Restored, readOutput } from "../state/totals-log.ts";
import { lawBroken } from "../wire/bookkeeping.ts";

/**
 * How often a contradiction is looked at. One that passes was none: an answer without the offsets
 * that exist (KAFKA-20416), or another instance that owns the partition by now and has committed
 * between our two questions.
 */
const ATTEMPTS_MAX = 3;

interface CommittedOffset {
  partition: number;
  offset: number | null;
}

interface FoundPartition extends Restored, CommittedOffset {
  /** Undefined: none is kept. */
  past: RestoredHistory | undefined;
}

export class Recovery {
  readonly #config: Config;
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  /** Ends what these transactional ids left undecided, each found on the partition beside it. */
  readonly #release: (writers: ReadonlyMap<string, number>) => Promise<void>;
  readonly #report: RoleContext["report"];
  /** The fingerprint of the mapping that is given. */
  readonly #mapping: string;
  readonly #refused = new Set<number>();

  constructor(
    context: RoleContext,
    clients: {
      consumer: Consumer;
      admin: Admin;
      release: (writers: ReadonlyMap<string, number>) => Promise<void>;
    },
  ) {
    this.#config = context.config;
    this.#mapping = mappingFingerprint(context.config);
    this.#kafka = context.kafka;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#report = context.report;
    this.#consumer = clients.consumer;
    this.#admin = clients.admin;
    this.#release = clients.release;
  }

  /**
   * The partitions, ready to fold. One whose offsets and totals contradict each other is refused:
   * it is left out and an error is logged, for a partition that stands still is better than a wrong
   * total. A history that contradicts them begins anew.
   * @throws KafkaError when Kafka does not answer within the bounds
   */
  async restore(partitions: readonly number[]): Promise<OwnedPartition[]> {
    if (partitions.length === 0) return [];
    await this.#ensureOutputPartitions(partitions);
    const owned: OwnedPartition[] = [];
    let left = partitions;
    for (let look = 1; left.length > 0; look++) {
      const problems = new Map<number, string>();
      for (const { partition, offset, past, ...restored } of await this.#look(left)) {
        const { totals, bookkeeping } = restored;
        const pastProblem = past && this.#pastContradiction(past, restored);
        const problem =
          this.#contradiction(offset, restored) ?? (look < ATTEMPTS_MAX ? pastProblem : undefined);
        if (problem) {
          problems.set(partition, problem);
          continue;
        }
        const from = bookkeeping ?? (await this.#firstOffset(partition));
        const history = past && this.#historyOf(past, { partition, totals, pastProblem });
        owned.push(new OwnedPartition(partition, { totals, history, from }));
        this.#refused.delete(partition);
      }
      left = look < ATTEMPTS_MAX ? [...problems.keys()] : [];
      if (left.length === 0) for (const problem of problems) this.#refuse(...problem);
    }
    this.#report({ salesboard_aggregator_partitions_refused: this.#refused.size });
    return owned;
  }

  async #look(partitions: readonly number[]): Promise<FoundPartition[]> {
    // The committed offsets first: the answer waits for transactions that are still deciding, so
    // that afterwards the totals of that point stand below the high watermark.
    const committed = await this.#committed(partitions);
    const output = await readOutput(this.#outputs(partitions));
    const past = await this.#readHistory(output);
    return committed.map(({ partition, offset }) => ({
      ...(output.get(partition) as Restored),
      partition,
      offset,
      past: past?.get(partition),
    }));
  }

  async #readHistory(output: ReadonlyMap<number, Restored>) {
    const { history, historyTopic: topic } = this.#config;
    if (history === "off") return undefined;
    const totals = new Map([...output].map(([partition, { totals }]) => [partition, totals]));
    return readHistory({ ...this.#outputs([...output.keys()]), topic }, totals);
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

  /** What can be had of it; what cannot is said. */
  #historyOf(
    past: RestoredHistory,
    of: { partition: number; totals: Totals; pastProblem: string | undefined },
  ): History {
    const { partition, totals, pastProblem } = of;
    const history = pastProblem ? historyAnew(past, totals) : historyFrom(past, totals);
    const { unrecorded } = history.state;
    if (pastProblem) {
      this.#log.error(`The history of partition ${partition} begins anew: ${pastProblem}.`, {
        partition,
        unrecorded,
      });
    } else if (past.problem || unrecorded > (past.bookkeeping?.unrecorded ?? 0)) {
      const reason = past.problem ?? "it was not kept meanwhile, or its log was cut";
      this.#log.warning(`The history of partition ${partition} lacks sales: ${reason}.`, {
        partition,
        unrecorded,
      });
    }
    return history;
  }

  #outputs(partitions: readonly number[]) {
    const [kafka, clock, admin] = [this.#kafka, this.#clock, this.#admin];
    return { kafka, clock, admin, topic: this.#config.outputTopic, partitions };
  }

  /**
   * Kafka 4.3.1 can lose the marker of a transaction that runs out of time while its broker starts.
   * Offsets that nobody decides hold the answer up for ever; whoever sent them stands in the
   * output, if only in what was aborted.
   */
  async #committed(partitions: readonly number[]): Promise<CommittedOffset[]> {
    try {
      return await this.#consumer.committed(partitions);
    } catch (error) {
      if (!(error instanceof KafkaError) || error.code !== "_TIMED_OUT") throw error;
      const writers = await lastWriters(this.#outputs(partitions));
      this.#log.warning("Ending what is pending of earlier transactions.", {
        reason: error.message,
        writers: [...writers.keys()].join(","),
      });
      await this.#release(writers);
      return this.#consumer.committed(partitions);
    }
  }

  /**
   * Moves a partition past records that retention removed before they were read, and counts them.
   * False, with the partition refused, when the position is beyond the end of the topic instead.
   */
  async skipRemoved(partition: OwnedPartition): Promise<boolean> {
    const { low, high } = await this.#admin.watermarks(this.#config.inputTopic, partition.id);
    if (partition.position > high) {
      this.#refuse(
        partition.id,
        `the group has read up to offset ${partition.position}, but the input ends at ${high}: ` +
          `was the topic deleted and created again?`,
      );
      return false;
    }
    if (partition.position >= low) return true;
    const removed = low - partition.position;
    this.#log.error("Input was removed by retention before it was read; it is in no total.", {
      partition: partition.id,
      records: removed,
    });
    partition.skipped += BigInt(removed);
    partition.position = low;
    return true;
  }

  /** They are somebody else's now, and so is whatever was wrong with them. */
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.#refused.delete(partition);
    this.#report({ salesboard_aggregator_partitions_refused: this.#refused.size });
  }

  /** Why the group's offset and what the output topic holds cannot both be right. */
  #contradiction(offset: number | null, restored: Restored): string | undefined {
    const { totals, bookkeeping, problem } = restored;
    if (problem) return problem;
    const { group, outputTopic } = this.#config;
    const held = totals.sales;
    if (!bookkeeping) {
      if (!isNothing(totals)) {
        return `${outputTopic} holds totals of ${held} sales that no aggregator noted`;
      }
      if (offset === null) return undefined;
      return `group ${group} has read up to offset ${offset}, but ${outputTopic} holds no totals`;
    }
    if (bookkeeping.group !== group) {
      return `the totals in ${outputTopic} belong to group ${bookkeeping.group}, not to ${group}`;
    }
    if (bookkeeping.mapping !== this.#mapping) {
      return (
        `the totals in ${outputTopic} were counted with the mapping ${bookkeeping.mapping}, and ` +
        `the present mapping is ${this.#mapping}: totals of two mappings do not add up. Run with ` +
        "the former mapping, or with another --output-topic and another --group"
      );
    }
    if (offset !== bookkeeping.inputOffset) {
      const stands = offset === null ? "has no offset" : `stands at offset ${offset}`;
      return `group ${group} ${stands}, but the totals go up to ${bookkeeping.inputOffset}`;
    }
    if (held !== bookkeeping.sales) {
      return `${outputTopic} holds totals of ${held} sales, but ${bookkeeping.sales} were counted`;
    }
    if (totals.returns !== bookkeeping.returns) {
      return (
        `${outputTopic} holds totals of ${totals.returns} returns, but ${bookkeeping.returns} ` +
        "were counted"
      );
    }
    return lawBroken(bookkeeping);
  }

  #refuse(partition: number, problem: string): void {
    this.#refused.add(partition);
    this.#report({ salesboard_aggregator_partitions_refused: this.#refused.size });
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
