/** Folds the records of a poll into the totals and the history of their partitions. */

import { MICROS_PER_UNIT } from "../domain/money.ts";
import { eventSecond } from "../history/rings.ts";
import { type RecordBatch, SaleSums } from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import { inputJudge, judgedRecord } from "../mapping/input-judge.ts";
import { type Judge, type SaleLine, sumsOfLine } from "../mapping/model/judgement.ts";
import type { RoleContext } from "../role.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { OddTimes } from "./odd-times.ts";

/** Rows of one poll: products, and with history each second of a product. */
const SUMS_ROWS_MAX = 16_384;
/**
 * How far a sale may be ahead of our clock. Such a sale moves the rings, and the finest ring, of 15
 * minutes, must still reach back to now. Kafka's own limit is an hour
 * (`message.timestamp.after.max.ms`).
 */
const AHEAD_SECONDS_MAX = 300;
/** So many units fit a number of millionths. */
const SMALL_UNITS_MAX = Math.floor(Number.MAX_SAFE_INTEGER / Number(MICROS_PER_UNIT));

const encoder = new TextEncoder();

export class Fold {
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #deadLetters: DeadLetters;
  readonly #clock: Clock;
  readonly #judge: Judge;
  readonly #topic: string;
  readonly #hasFastPath: boolean;
  readonly #sums: SaleSums;
  readonly #oddTimes: OddTimes;

  constructor(
    partitions: ReadonlyMap<number, OwnedPartition>,
    deadLetters: DeadLetters,
    context: Pick<RoleContext, "clock" | "config" | "log" | "report">,
  ) {
    const { clock, config } = context;
    this.#oddTimes = new OddTimes(context);
    this.#partitions = partitions;
    this.#deadLetters = deadLetters;
    this.#clock = clock;
    this.#judge = inputJudge(config);
    this.#topic = config.inputTopic;
    // The fast path knows the flat sale alone.
    this.#hasFastPath = config.mapping === undefined;
    this.#sums = new SaleSums(SUMS_ROWS_MAX, { isBySecond: config.history === "on" });
  }

  /**
   * The sums for the next poll. Only new products and unusual records come outside of them. The
   * fast path adds up nothing of a partition without known products.
   */
  sums(): SaleSums {
    const known = new Map<number, ArrayBuffer>();
    const partitions = this.#hasFastPath ? this.#partitions.values() : [];
    for (const { id, totals } of partitions) known.set(id, totals.products.memory);
    this.#sums.known = known;
    return this.#sums;
  }

  /**
   * Every record advances the position of its partition, and is counted, filtered or a dead letter.
   * Skips records of a partition that was given up after the fetch: the new owner folds them.
   * Returns by how many offsets the partitions advanced.
   * @throws Error for records that were folded before
   */
  apply(batch: RecordBatch): number {
    const offsets = this.#advance();
    const secondMax = this.#secondMax();
    this.#addSums(secondMax);
    for (let i = 0; i < batch.count; i++) {
      const partition = this.#partitions.get(batch.partitions[i] as number);
      if (partition) this.#judgeRecord(batch, i, { partition, secondMax });
    }
    this.#oddTimes.tell();
    return offsets;
  }

  /** The last poll took all available records. */
  hasCaughtUp(batch: RecordBatch): boolean {
    return !batch.isHalfFull && !this.#sums.isHalfFull;
  }

  #advance(): number {
    const { advances, advancedPartitions, firstOffsets, nextOffsets } = this.#sums;
    let offsets = 0;
    for (let i = 0; i < advances; i++) {
      const [first, next] = [firstOffsets[i] as number, nextOffsets[i] as number];
      this.#partitions.get(advancedPartitions[i] as number)?.advance(first, next);
      offsets += next - first;
    }
    return offsets;
  }

  /** A sale after this time, epoch seconds, has a wrong time. */
  #secondMax(): number {
    return Math.floor(this.#clock.date().getTime() / 1_000) + AHEAD_SECONDS_MAX;
  }

  #addSums(secondMax: number): void {
    const { partitions, products, sales, quantities, amounts, seconds } = this.#sums;
    const { count: rows } = this.#sums;
    for (let i = 0; i < rows; i++) {
      const partition = this.#partitions.get(partitions[i] as number);
      if (!partition) continue;
      const [id, second] = [products[i] as number, seconds[i] as number];
      const [units, amount, count] = [quantities[i], amounts[i], sales[i]] as [
        number,
        number,
        number,
      ];
      partition.counted += BigInt(count);
      if (partition.history) this.#oddTimes.counted(second, count);
      if (units > SMALL_UNITS_MAX) {
        const quantity = BigInt(units) * MICROS_PER_UNIT;
        const sums = { quantity, revenue: BigInt(amount), sales: BigInt(count), returns: 0n };
        partition.totals.applyLarge(id, sums);
        partition.history?.applyLarge({ second, id, ...sums }, secondMax);
        continue;
      }
      const row = { id, sales: count, quantity: units * Number(MICROS_PER_UNIT), amount, second };
      partition.totals.apply(row);
      partition.history?.apply(row, secondMax);
    }
  }

  /** Judges a record that the fast path declined. The record counts wholly or not at all. */
  #judgeRecord(
    batch: RecordBatch,
    i: number,
    { partition, secondMax }: { partition: OwnedPartition; secondMax: number },
  ): void {
    const judgement = this.#judge.judge(judgedRecord(batch, i, this.#topic));
    if (judgement.kind === "filtered") partition.filtered++;
    else if (judgement.kind === "deadLetter") {
      this.#deadLetters.add(batch, i, judgement.reason);
      partition.deadLetters++;
    } else {
      const recordedAt = batch.timestamps[i] as number;
      for (const line of judgement.lines) {
        addLine(line, { partition, recordedAt, secondMax });
        this.#oddTimes.counted(eventSecond(line.timestamp, recordedAt), 1);
        this.#oddTimes.carried(line.timestamp, recordedAt);
      }
      partition.counted++;
      partition.untimed += BigInt(judgement.untimed);
    }
  }
}

/**
 * `recordedAt`: the record's timestamp, epoch milliseconds. A time after `secondMax`, epoch seconds,
 * is wrong.
 */
function addLine(
  line: SaleLine,
  of: { partition: OwnedPartition; recordedAt: number; secondMax: number },
): void {
  const { totals, history } = of.partition;
  const id = totals.products.findOrAdd(encoder.encode(line.product));
  const sums = sumsOfLine(line);
  totals.applyLarge(id, sums);
  const second = eventSecond(line.timestamp, of.recordedAt);
  history?.applyLarge({ second, id, ...sums }, of.secondMax);
}
