/** Folds the records of a poll into the totals and the history of their partitions. */

import { dayText } from "../domain/day.ts";
import { OUTSIDE } from "../domain/days.ts";
import { NOTHING } from "../domain/exact.ts";
import type { Totals } from "../domain/totals.ts";
import { eventSecond } from "../history/rings.ts";
import { type RecordBatch, SaleSums } from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { LocalDays } from "../mapping/exact/local-days.ts";
import { inputJudge, inputSchemas, judgedRecord } from "../mapping/input-judge.ts";
import { InputProgram } from "../mapping/input-program.ts";
import type { AwaitedSchema } from "../mapping/model/awaited.ts";
import { type Judge, NO_VALUE, type SaleLine, sumsOfLine } from "../mapping/model/judgement.ts";
import type { RoleContext } from "../role.ts";
import type { OwnedPartition } from "../state/owned-partition.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { OddTimes } from "./odd-times.ts";

/** Rows of one poll: products and values of dimensions, with history each second of one. */
const SUMS_ROWS_MAX = 16_384;
/**
 * How far a sale may be ahead of our clock. Such a sale moves the rings, and the finest ring, of 15
 * minutes, must still reach back to now. Kafka's own limit is an hour
 * (`message.timestamp.after.max.ms`).
 */
const AHEAD_SECONDS_MAX = 300;

const encoder = new TextEncoder();

export class Fold {
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #deadLetters: DeadLetters;
  readonly #clock: Clock;
  readonly #judge: Judge;
  readonly #topic: string;
  readonly #program: InputProgram;
  readonly #sums: SaleSums;
  readonly #oddTimes: OddTimes;
  readonly #days: LocalDays;
  readonly #log: Log;
  /** The change of the time zone is logged. */
  #isZoneTold = false;
  /** Partitions that wait for a schema: their records are left alone. */
  readonly held = new Map<number, AwaitedSchema>();

  constructor(
    partitions: ReadonlyMap<number, OwnedPartition>,
    deadLetters: DeadLetters,
    context: Pick<RoleContext, "clock" | "config" | "log" | "report">,
  ) {
    const { clock, config } = context;
    this.#log = context.log;
    this.#days = new LocalDays(config.timeZone);
    this.#oddTimes = new OddTimes(context);
    this.#partitions = partitions;
    this.#deadLetters = deadLetters;
    this.#clock = clock;
    this.#topic = config.inputTopic;
    const schemas = inputSchemas(config);
    this.#judge = inputJudge(config, schemas);
    this.#program = new InputProgram(config, { topic: this.#topic, now: clock.date(), schemas });
    this.#sums = new SaleSums(SUMS_ROWS_MAX, { isBySecond: config.history === "on" });
  }

  /**
   * The sums for the next poll. Only unusual records, and new products with unusual names, come
   * outside of them. The fast path adds up nothing of a partition without an index.
   */
  sums(): SaleSums {
    const known = new Map<number, readonly ArrayBuffer[]>();
    for (const { id, totals, dimensions } of this.#partitions.values()) {
      const memories = [totals, ...dimensions].map(({ products }) => {
        products.makeRoom();
        return products.memory;
      });
      known.set(id, memories);
    }
    this.#sums.known = known;
    this.#sums.program = this.#program.memory;
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
    this.#setTerms(secondMax);
    this.#addSums(secondMax);
    for (let i = 0; i < batch.count; i++) {
      const partition = this.#partitions.get(batch.partitions[i] as number);
      if (partition && !this.held.has(partition.id))
        this.#judgeRecord(batch, i, { partition, secondMax });
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
    const { counted, filtered, untimed, leaderEpochs } = this.#sums;
    let offsets = 0;
    for (let i = 0; i < advances; i++) {
      const [first, next] = [firstOffsets[i] as number, nextOffsets[i] as number];
      offsets += next - first;
      const id = advancedPartitions[i] as number;
      const partition = this.#partitions.get(id);
      if (!partition || this.held.has(id)) continue;
      const epoch = leaderEpochs[i] as number;
      partition.advance(first, next, epoch < 0 ? undefined : epoch);
      partition.counted += BigInt(counted[i] as number);
      partition.filtered += BigInt(filtered[i] as number);
      partition.untimed += BigInt(untimed[i] as number);
    }
    return offsets;
  }

  /** A sale after this time, epoch seconds, has a wrong time. */
  #secondMax(): number {
    return Math.floor(this.#clock.date().getTime() / 1_000) + AHEAD_SECONDS_MAX;
  }

  /** Tells the partitions the zone of their days and the latest one that a sale may have. */
  #setTerms(secondMax: number): void {
    const { zone } = this.#days;
    const today = this.#days.dayOf(secondMax);
    for (const { id, totals, dimensions, history } of this.#partitions.values()) {
      const terms = { zone, today, isTimed: history !== undefined };
      for (const one of [totals, ...dimensions]) one.days.terms = terms;
      const before = totals.days.state?.zone;
      if (before === undefined || before === zone || this.#isZoneTold || !history) continue;
      this.#isZoneTold = true;
      this.#log.warning(
        `The days of partition ${id} go on in the time zone ${zone}; those so far are of ${before}.`,
        { partition: id, since: dayText(today) },
      );
    }
  }

  /** The day of a line at `second`, epoch seconds. */
  #dayOf(second: number, secondMax: number): number {
    if (second < 0 || second > secondMax) return OUTSIDE;
    return Math.max(OUTSIDE, this.#days.dayOf(second));
  }

  #addSums(secondMax: number): void {
    const { products, quantities, amounts, seconds, sales, returns } = this.#sums;
    const { count: rows } = this.#sums;
    for (let i = 0; i < rows; i++) {
      const partition = this.#partitions.get(this.#sums.partitionOf(i));
      // A partition that waits since an earlier poll reads these records again. One that will wait
      // for a record of this poll has only records before that one in the sums.
      if (!partition || this.held.has(partition.id)) continue;
      // A row of a dimension repeats lines that history and odd times have by product.
      const dimension = this.#sums.dimensionOf(i);
      const history = dimension === 0 ? partition.history : undefined;
      const totals =
        dimension === 0 ? partition.totals : (partition.dimensions[dimension - 1] as Totals);
      const [id, second] = [products[i] as number, seconds[i] as number];
      const [quantity, amount] = [quantities[i] as number, amounts[i] as number];
      const [sold, returned] = [sales[i] as number, returns[i] as number];
      const day = partition.history ? this.#dayOf(second, secondMax) : OUTSIDE;
      if (history) this.#oddTimes.counted(second, sold + returned);
      if (returned > 0) {
        const counts = { sales: BigInt(sold), returns: BigInt(returned) };
        const sums = { quantity: BigInt(quantity), revenue: BigInt(amount), ...counts };
        totals.applyLarge(id, sums);
        totals.days.apply(day, id, sums);
        history?.applyLarge({ second, id, ...sums }, secondMax);
        continue;
      }
      const row = { id, sales: sold, quantity, amount, second };
      totals.apply(row);
      totals.days.apply(day, id, { ...NOTHING, quantity, revenue: amount, sales: sold });
      history?.apply(row, secondMax);
    }
  }

  /** Judges a record that the fast path declined. The record counts wholly or not at all. */
  #judgeRecord(
    batch: RecordBatch,
    i: number,
    { partition, secondMax }: { partition: OwnedPartition; secondMax: number },
  ): void {
    const judgement = this.#judge.judge(judgedRecord(batch, i, this.#topic));
    if (judgement.kind === "awaiting") {
      this.held.set(partition.id, judgement.schema);
      partition.returnTo(batch.offsets[i] as number);
    } else if (judgement.kind === "filtered") partition.filtered++;
    else if (judgement.kind === "deadLetter") {
      this.#deadLetters.add(batch, i, judgement.reason);
      partition.deadLetters++;
    } else {
      const recordedAt = batch.timestamps[i] as number;
      for (const line of judgement.lines) {
        const second = eventSecond(line.timestamp, recordedAt);
        const day = partition.history ? this.#dayOf(second, secondMax) : OUTSIDE;
        addLine(line, { partition, second, day, secondMax });
        this.#oddTimes.counted(second, 1);
        this.#oddTimes.carried(line.timestamp, recordedAt);
      }
      partition.counted++;
      partition.untimed += BigInt(judgement.untimed);
    }
  }
}

/** A time after `secondMax`, epoch seconds as `second`, is wrong. */
function addLine(
  line: SaleLine,
  of: { partition: OwnedPartition; second: number; day: number; secondMax: number },
): void {
  const { totals, dimensions, history } = of.partition;
  const id = totals.products.findOrAdd(encoder.encode(line.product));
  const sums = sumsOfLine(line);
  totals.applyLarge(id, sums);
  totals.days.apply(of.day, id, sums);
  history?.applyLarge({ second: of.second, id, ...sums }, of.secondMax);
  for (const [i, values] of dimensions.entries()) {
    const value = values.products.findOrAdd(encoder.encode(line.by?.[i] ?? NO_VALUE));
    values.applyLarge(value, sums);
    values.days.apply(of.day, value, sums);
  }
}
