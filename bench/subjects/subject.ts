/** What every contestant is to the bench: a program that turns a topic of sales into totals. */

import type { Arena } from "../arena.ts";
import { cpuSeconds, peakMemoryBytes } from "../measure.ts";
import type { Totals } from "./totals.ts";

const CATCH_UP_MS_MAX = 900_000;
/** Between two looks at what is committed: short beside the seconds that are measured. */
const LOOK_INTERVAL_MS = 10;

export interface Task {
  arena: Arena;
  topic: string;
  partitions: number;
  /** How many sales the topic holds, or will. */
  sales: number;
  /** How many sales each record has; 1 by default. */
  linesOfRecord?: number;
  /** What its records are, for peers, which know two kinds; "flat" by default. */
  records?: RecordKind;
}

export type RecordKind = "flat" | "till";

export interface Subject {
  readonly name: string;
  /** Why it cannot run here, if so. */
  readonly missing?: string | undefined;
  /**
   * Starts it on the subject's core, as a consumer group and with an output of its own, from the
   * first sale on. Resolves when it has its partitions and is about to read.
   */
  start(task: Task): Promise<Running>;
}

export interface Running {
  readonly pid: number;
  /** Seconds of processor time so far, when it is more than that one process. */
  cpuSeconds?(): number;
  /** How many sales are in what it has committed. */
  committed(): Promise<number>;
  /** Whether partitions were taken from it since it started. */
  rebalanced(): boolean;
  /** Its totals, for which it may end; undefined where reading them takes too long. */
  totals(): Promise<Totals | undefined>;
  /** Ends it at once. Idempotent. */
  kill(): Promise<void>;
}

export interface Round {
  /** From the first record to the last commit. */
  cpuPerMillion: number;
  salesPerSecond: number;
  memoryBytesMax: number;
  /** Missing of those that keep none. */
  totals?: Totals | undefined;
}

/** Something else than the contestant decided the figures of this turn. */
export class DisturbedTurn extends Error {
  override readonly name = "DisturbedTurn";
}

/** One turn of one contestant. */
export type Turn = () => Promise<Round>;

/**
 * From the assignment of the partitions to the commit of the last of the sales that wait already.
 * @throws DisturbedTurn when the contestant was rebalanced while it counted
 */
export async function catchUp(subject: Subject, task: Task): Promise<Round> {
  const running = await subject.start(task);
  try {
    const used = () => running.cpuSeconds?.() ?? cpuSeconds(running.pid);
    const before = used();
    const startedAt = performance.now();
    await untilCommitted(subject, running, task.sales);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = used() - before;
    const memoryBytesMax = peakMemoryBytes(running.pid);
    if (running.rebalanced()) {
      throw new DisturbedTurn(`${subject.name} was rebalanced while it counted`);
    }
    return {
      cpuPerMillion: (cpu / task.sales) * 1e6,
      salesPerSecond: task.sales / seconds,
      memoryBytesMax,
      totals: await running.totals(),
    };
  } finally {
    await running.kill();
  }
}

export async function untilCommitted(
  { name }: Subject,
  running: Running,
  sales: number,
): Promise<void> {
  const giveUpAt = performance.now() + CATCH_UP_MS_MAX;
  for (;;) {
    const committed = await running.committed();
    if (committed === sales) return;
    if (committed > sales) throw new Error(`${name} counted ${committed} of ${sales} sales.`);
    if (performance.now() > giveUpAt) {
      throw new Error(`${name} counted no more than ${committed} of ${sales} sales.`);
    }
    await Bun.sleep(LOOK_INTERVAL_MS);
  }
}
