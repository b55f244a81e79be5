/**
 * What an instance does before it folds the first sale of a partition: it finds out how far the
 * group is, reads the totals of that point back from the output topic, and checks that both belong
 * together.
 */

import type { Clock } from "../clock.ts";
import {
  type Bookkeeping,
  decodeBookkeeping,
  decodeTotalRecord,
  isBookkeepingKey,
  NotATotalError,
} from "../codec.ts";
import type { Config } from "../config.ts";
import { type Admin, type Consumer, type Kafka, KafkaError, RecordBatch } from "../kafka/kafka.ts";
import type { Log } from "../log.ts";
import { Totals } from "../totals.ts";
import type { RoleContext } from "../worker.ts";
import { OwnedPartition } from "./partition.ts";

/**
 * Longest restore. Longer than a dead owner's transaction can stay open (its time-out), and well
 * below `max.poll.interval.ms`, for the group is not polled meanwhile.
 */
const RESTORE_MS_MAX = 120_000;
const POLL_WAIT_MS = 100;
const BATCH_RECORDS_MAX = 4_096;
const BATCH_BYTES_MAX = 1024 * 1024;

/**
 * How often a contradiction is looked at. One that passes was none: an answer without the offsets
 * that exist (KAFKA-20416), or another instance that owns the partition by now and has committed
 * between our two questions.
 */
const LOOKS_MAX = 3;

/** The code of a restore that took too long: a transaction holds it up, or brokers are away. */
export const NOT_REACHED = "_NOT_REACHED";

interface CommittedOffset {
  partition: number;
  offset: number | null;
}

/** What the output topic says of a partition. */
export interface Restored {
  /** A record that no Salesboard wrote: nothing can be said of this partition. */
  problem: string | undefined;
  totals: Totals;
  bookkeeping: Bookkeeping | undefined;
}

export class Recovery {
  readonly #config: Config;
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #report: RoleContext["report"];
  readonly #refused = new Set<number>();

  constructor(context: RoleContext, clients: { consumer: Consumer; admin: Admin }) {
    this.#config = context.config;
    this.#kafka = context.kafka;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#report = context.report;
    this.#consumer = clients.consumer;
    this.#admin = clients.admin;
  }

  /**
   * The partitions, ready to fold. One whose offsets and totals contradict each other is refused:
   * it is left out and an error is logged, for a partition that stands still is better than a wrong
   * total.
   * @throws KafkaError when Kafka does not answer within the bounds
   */
  async restore(partitions: readonly number[]): Promise<OwnedPartition[]> {
    if (partitions.length === 0) return [];
    await this.#ensureOutputPartitions(partitions);
    const owned: OwnedPartition[] = [];
    let left = partitions;
    for (let look = 1; left.length > 0; look++) {
      const problems = new Map<number, string>();
      for (const { partition, offset, ...restored } of await this.#look(left)) {
        const problem = this.#contradiction(offset, restored);
        if (problem) {
          problems.set(partition, problem);
          continue;
        }
        const { totals, bookkeeping } = restored;
        const from = bookkeeping ?? (await this.#firstOffset(partition));
        owned.push(new OwnedPartition(partition, { totals, from }));
        this.#refused.delete(partition);
      }
      left = look < LOOKS_MAX ? [...problems.keys()] : [];
      if (left.length === 0) for (const problem of problems) this.#refuse(...problem);
    }
    this.#report({ salesboard_aggregator_partitions_refused: this.#refused.size });
    return owned;
  }

  async #look(partitions: readonly number[]): Promise<(Restored & CommittedOffset)[]> {
    // The committed offsets first: the answer waits for transactions that are still deciding, so
    // that afterwards the totals of that point stand below the high watermark.
    const committed = await this.#consumer.committed(partitions);
    const output = await readOutput({
      kafka: this.#kafka,
      clock: this.#clock,
      admin: this.#admin,
      topic: this.#config.outputTopic,
      partitions,
    });
    return committed.map((each) => ({ ...each, ...(output.get(each.partition) as Restored) }));
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
      if (held > 0n) return `${outputTopic} holds totals of ${held} sales that no aggregator noted`;
      if (offset === null) return undefined;
      return `group ${group} has read up to offset ${offset}, but ${outputTopic} holds no totals`;
    }
    if (bookkeeping.group !== group) {
      return `the totals in ${outputTopic} belong to group ${bookkeeping.group}, not to ${group}`;
    }
    if (offset !== bookkeeping.inputOffset) {
      const stands = offset === null ? "has no offset" : `stands at offset ${offset}`;
      return `group ${group} ${stands}, but the totals go up to ${bookkeeping.inputOffset}`;
    }
    if (held !== bookkeeping.sales) {
      return `${outputTopic} holds totals of ${held} sales, but ${bookkeeping.sales} were counted`;
    }
    const counted = recordsCounted(bookkeeping);
    if (counted > bookkeeping.inputOffset) {
      return `${counted} records were counted, but there are ${offset} before offset ${offset}`;
    }
    return undefined;
  }

  #refuse(partition: number, problem: string): void {
    this.#refused.add(partition);
    this.#report({ salesboard_aggregator_partitions_refused: this.#refused.size });
    this.#log.error(`Cannot aggregate partition ${partition}: ${problem}.`, { partition });
  }

  async #ensureOutputPartitions(partitions: readonly number[]): Promise<void> {
    const needed = Math.max(...partitions) + 1;
    const { outputTopic } = this.#config;
    const described = await this.#admin.describeTopic(outputTopic);
    if (described && described.partitions < needed) {
      await this.#admin.addPartitions(outputTopic, needed);
    }
  }

  async #firstOffset(partition: number): Promise<number> {
    return (await this.#admin.watermarks(this.#config.inputTopic, partition)).low;
  }
}

/**
 * Reads partitions of the output topic to the high watermark of this moment. A committed reader
 * stops at the last stable offset, which an open transaction can hold below committed totals, so it
 * is waited for (KAFKA-10167). Positions are compared, not offsets of records: the last offset can
 * be a control record.
 */
export async function readOutput({
  kafka,
  clock,
  admin,
  topic,
  partitions,
}: {
  kafka: Kafka;
  clock: Clock;
  admin: Admin;
  topic: string;
  partitions: readonly number[];
}): Promise<Map<number, Restored>> {
  const giveUpAt = clock.now() + RESTORE_MS_MAX;
  const output = new Map<number, Restored>();
  const open = new Map<number, number>();
  const start = [];
  for (const partition of partitions) {
    const { low, high } = await admin.watermarks(topic, partition);
    output.set(partition, {
      problem: undefined,
      totals: new Totals(),
      bookkeeping: undefined,
    });
    if (high > low) {
      open.set(partition, high);
      start.push({ partition, offset: low });
    }
  }
  const batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });
  const reader = kafka.reader({ topic });
  try {
    if (start.length > 0) await reader.assign(start);
    while (open.size > 0) {
      if (clock.now() > giveUpAt) throw notReached(topic, open);
      const events = await reader.poll(batch, POLL_WAIT_MS);
      for (let i = 0; i < batch.count; i++) {
        const partition = batch.partitions[i] as number;
        // Behind its end another transaction begins, of which this may be half.
        if (!open.has(partition)) continue;
        applyRecord(output.get(partition) as Restored, batch, i);
      }
      for (const event of events) {
        if (event.type === "error" && event.error.verdict === "fatal") throw event.error;
        if (event.type === "outOfRange") throw cut(topic, event.partition);
        if (event.type !== "end") continue;
        if (event.offset >= (open.get(event.partition) ?? 0)) open.delete(event.partition);
      }
    }
  } finally {
    await reader.close();
  }
  return output;
}

/** At most as many as there are offsets: each has one record or none. */
export function recordsCounted({ sales, deadLetters, skipped }: Bookkeeping): bigint {
  return sales + deadLetters + skipped;
}

function applyRecord(restored: Restored, batch: RecordBatch, i: number): void {
  const key = batch.key(i);
  const value = batch.value(i);
  if (key === null) return;
  try {
    if (isBookkeepingKey(key)) {
      restored.bookkeeping = value === null ? undefined : decodeBookkeeping(value);
    } else restored.totals.restore(key, decodeTotalRecord(key, value).total);
  } catch (error) {
    if (!(error instanceof NotATotalError)) throw error;
    restored.problem ??= `at offset ${batch.offsets[i]} of the output topic: ${error.message}`;
  }
}

function notReached(topic: string, open: ReadonlyMap<number, number>): KafkaError {
  const ends = [...open].map(([partition, high]) => `${partition} to ${high}`).join(", ");
  return new KafkaError(
    `Cannot restore totals: ${topic} was not read to its high watermarks (partition ${ends}) ` +
      `within ${RESTORE_MS_MAX / 1000} s`,
    { code: NOT_REACHED, verdict: "fatal" },
  );
}

function cut(topic: string, partition: number): KafkaError {
  return new KafkaError(
    `Cannot restore totals: the log of ${topic}, partition ${partition}, was cut while it was read`,
    { code: "_LOG_CUT", verdict: "fatal" },
  );
}
