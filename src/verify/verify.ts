/**
 * Checks that every total is the sum of its sales. Reads the whole input again with the judge,
 * without the fast path, and compares the sums with the output topic. Memory grows only with the
 * number of products.
 */

import type { Config } from "../config/config.ts";
import { linesIn } from "../domain/sums.ts";
import { eventSecond } from "../history/rings.ts";
import { type ConsumerEvent, type Kafka, RecordBatch } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import { arrivalWithin, judgeWhenReady } from "../mapping/awaiting.ts";
import { inputJudge, judgedRecord } from "../mapping/input-judge.ts";
import {
  type FinalJudgement,
  type Judge,
  NO_VALUE,
  sumsOfLine,
} from "../mapping/model/judgement.ts";
import { OwnedPartition } from "../state/owned-partition.ts";
import { type ClaimedInput, type Difference, differencesOf, lacksInput } from "./compare.ts";
import { refuseForeign } from "./foreign.ts";
import { type CheckedHistory, checkHistory } from "./recount.ts";
import { DaysRecount } from "./recount-days.ts";
import { DimensionRecount } from "./recount-dimension.ts";
import { claimedInputs } from "./spans.ts";
import { notesOf, problemOf } from "./standing.ts";
import { unreachableError } from "./unreachable.ts";

const BATCH_RECORDS_MAX = 16_384;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
const POLL_WAIT_MS = 100;
/** The input counts as unreadable after this time without a record. */
const SILENCE_MS_MAX = 60_000;
/** Differences in the list; all are counted. */
const DIFFERENCES_LISTED_MAX = 20;

const encoder = new TextEncoder();

export interface Verification {
  /** Nothing in the totals contradicts the input that is left, and each partition was compared. */
  equal: boolean;
  /** Partitions of the input or the output, whichever has more. */
  partitions: number;
  records: number;
  sales: number;
  returns: number;
  products: number;
  /** Records that are not about a sale. */
  filtered: number;
  deadLetters: number;
  /** Compared slots of history. */
  slots: number;
  /** Compared days of products, and of values of dimensions. */
  days: number;
  /** Values of all dimensions of the mapping. */
  values: number;
  /** The first `DIFFERENCES_LISTED_MAX` differences. */
  differences: Difference[];
  differencesTotal: number;
  /**
   * Partitions of which input is gone: lines in the totals that cannot be checked. `compacted`: the
   * topic keeps only the last record of each key, also behind `firstOffset`.
   */
  incomplete: { partition: number; firstOffset: number; sales: number; compacted?: true }[];
  /** Sentences about partitions that cannot be right, and what to do. */
  problems: string[];
  /** Sentences that leave the totals right: about a moved offset, or input that is gone. */
  notes: string[];
  seconds: number;
}

/**
 * Verifies the totals as they are now. An aggregator may keep running. `progress` hears how many
 * records are read, and of how many.
 * @throws SalesboardError with status 69 when the brokers no longer answer
 */
export async function verify(options: {
  kafka: Kafka;
  config: Config;
  progress(records: number, of: number): void;
}): Promise<Verification> {
  const startedAt = performance.now();
  const { kafka, config } = options;
  const admin = kafka.admin();
  const consumer = kafka.groupConsumer({ topic: config.inputTopic, group: config.group });
  try {
    const spans = await claimedInputs({ kafka, config, admin, consumer });
    await refuseForeign(spans, { admin, config });
    const verifier = new Verifier(options, spans);
    for (const span of spans) await verifier.check(span, problemOf(span, config));
    return verifier.result((performance.now() - startedAt) / 1000);
  } catch (cause) {
    throw await unreachableError(cause, { admin, config });
  } finally {
    await Promise.allSettled([consumer.close(), admin.close()]);
  }
}

/** What else is summed up from a partition's input. */
interface Recounts {
  history: CheckedHistory | undefined;
  days: DaysRecount | undefined;
  dimensions: readonly DimensionRecount[];
}

class Verifier {
  readonly #options: Parameters<typeof verify>[0];
  readonly #recordsTotal: number;
  readonly #batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });
  readonly #names = new Set<string>();
  readonly #values = new Set<string>();
  readonly #result: Verification = {
    equal: true,
    partitions: 0,
    records: 0,
    sales: 0,
    returns: 0,
    products: 0,
    filtered: 0,
    deadLetters: 0,
    slots: 0,
    days: 0,
    values: 0,
    differences: [],
    differencesTotal: 0,
    incomplete: [],
    problems: [],
    notes: [],
    seconds: 0,
  };

  readonly #judge: Judge;

  constructor(options: Parameters<typeof verify>[0], spans: readonly ClaimedInput[]) {
    this.#options = options;
    this.#judge = inputJudge(options.config);
    this.#result.notes = notesOf(spans, options.config);
    this.#recordsTotal = spans.reduce(
      (sum, { from, to, high }) => sum + Math.max(0, Math.min(to, high) - from),
      0,
    );
  }

  /** `problem`: why a comparison would say less than this sentence does. */
  async check(span: ClaimedInput, problem?: string): Promise<void> {
    if (problem !== undefined) {
      this.#result.partitions++;
      this.#result.equal = false;
      this.#result.problems.push(problem);
      return;
    }
    const history = checkHistory(span);
    const days = DaysRecount.of(span);
    const dimensions = span.dimensions.map((one) => new DimensionRecount(span, one));
    const recomputed = await this.#fold(span, { history, days, dimensions });
    const result = this.#result;
    result.slots += history?.slots ?? 0;
    result.days += [days?.count ?? 0, ...dimensions.map(({ days }) => days)].reduce(add);
    for (const [i, { names }] of dimensions.entries()) {
      for (const name of names) this.#values.add(`${i}/${name}`);
    }
    const products = recomputed.totals.products.count;
    const differences = [
      ...differencesOf(span, recomputed),
      ...(days?.differences() ?? []),
      ...dimensions.flatMap((dimension) => dimension.differences()),
      ...(history?.problems ?? []),
      ...(history?.recount.differences({ products, ...span, isRemoved: lacksInput(span) }) ?? []),
    ];
    result.partitions++;
    result.sales += Number(recomputed.totals.sales);
    result.returns += Number(recomputed.totals.returns);
    result.filtered += Number(recomputed.filtered);
    result.deadLetters += Number(recomputed.deadLetters);
    const removed = Number(linesIn(span.restored.totals) - linesIn(recomputed.totals));
    if (lacksInput(span) && removed > 0) {
      const { partition, from: firstOffset } = span;
      const compacted = span.isCompacted ? { compacted: true as const } : {};
      result.incomplete.push({ partition, firstOffset, sales: removed, ...compacted });
    }
    if (differences.length > 0) result.equal = false;
    result.differencesTotal += differences.length;
    const room = DIFFERENCES_LISTED_MAX - result.differences.length;
    result.differences.push(...differences.slice(0, room));
  }

  result(seconds: number): Verification {
    const [products, values] = [this.#names.size, this.#values.size];
    return { ...this.#result, products, values, seconds };
  }

  /** Sums up a span without the fast path, so that a fault of the fast path shows. */
  async #fold(span: ClaimedInput, recounts: Recounts): Promise<OwnedPartition> {
    const { kafka, config, progress } = this.#options;
    const { partition: id, from, high } = span;
    // A running aggregator can commit between our reads of totals and history.
    const ends = [recounts.history?.to ?? 0, ...recounts.dimensions.map(({ to }) => to)];
    const to = Math.min(Math.max(span.to, ...ends), high);
    const partition = new OwnedPartition(id, { from });
    const reader = kafka.reader({ topic: config.inputTopic });
    let heardAt = performance.now();
    try {
      if (from < to) await reader.assign([{ partition: id, offset: from }]);
      while (partition.position < to) {
        const events = await reader.poll(this.#batch, POLL_WAIT_MS);
        for (let i = 0; i < this.#batch.count; i++) {
          const verdict = this.#judge.judge(judgedRecord(this.#batch, i, config.inputTopic));
          const awaited = verdict.kind === "awaiting" ? await this.#awaitSchema(i) : verdict;
          this.#add(i, awaited, { partition, span, ...recounts });
        }
        for (const event of events) react(event, partition);
        progress(this.#result.records, this.#recordsTotal);
        if (this.#batch.count > 0) heardAt = performance.now();
        if (performance.now() - heardAt > SILENCE_MS_MAX) {
          throw new SalesboardError(
            `Cannot verify: partition ${id} of ${config.inputTopic} could not be read up to ` +
              `offset ${to}; no record arrived after offset ${partition.position}.`,
          );
        }
      }
    } finally {
      await reader.close();
    }
    partition.seal();
    for (let i = 0; i < partition.totals.products.count; i++) {
      this.#names.add(partition.totals.products.name(i));
    }
    return partition;
  }

  #awaitSchema(i: number): Promise<FinalJudgement> {
    const { inputTopic, startupTimeoutMs } = this.#options.config;
    const record = judgedRecord(this.#batch, i, inputTopic);
    return judgeWhenReady(this.#judge, record, (schema) => arrivalWithin(schema, startupTimeoutMs));
  }

  #add(
    i: number,
    judgement: FinalJudgement,
    of: { partition: OwnedPartition; span: ClaimedInput } & Recounts,
  ): void {
    const { partition, span, history, days, dimensions } = of;
    const offset = this.#batch.offsets[i] as number;
    partition.position = offset + 1;
    const isInTotals = offset < span.to;
    if (isInTotals) this.#result.records++;
    if (judgement.kind !== "counted") {
      if (isInTotals && judgement.kind === "filtered") partition.filtered++;
      else if (isInTotals) partition.deadLetters++;
      return;
    }
    if (isInTotals) partition.counted++;
    const recordedAt = this.#batch.timestamps[i] as number;
    for (const line of judgement.lines) {
      const sums = sumsOfLine(line);
      const second = eventSecond(line.timestamp, recordedAt);
      if (history && offset < history.to) history.recount.add(second, line.product, sums);
      for (const [k, dimension] of dimensions.entries()) {
        dimension.add(offset, { second, value: line.by?.[k] ?? NO_VALUE, sums });
      }
      if (!isInTotals) continue;
      days?.add(second, line.product, sums);
      const id = partition.totals.products.findOrAdd(encoder.encode(line.product));
      partition.totals.applyLarge(id, sums);
    }
  }
}

function add(one: number, other: number): number {
  return one + other;
}

function react(event: ConsumerEvent, partition: OwnedPartition): void {
  // The end offset counts control records, which readers do not see.
  if (event.type === "end") partition.position = Math.max(partition.position, event.offset);
  if (event.type === "error" && event.error.verdict === "fatal") throw event.error;
  if (event.type === "outOfRange") {
    throw new SalesboardError(
      `Cannot verify: retention removed input of partition ${partition.id} during the run. Run verify again.`,
    );
  }
}
