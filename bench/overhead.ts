/**
 * What exactly-once costs in throughput. The aggregator has no mode without transactions, so a
 * backlog is folded twice: with a transaction every 100 ms, and at an interval longer than the fold
 * takes, so that after the first sales nothing is committed until it is over. Both end when the
 * process has nothing left to do.
 */

import { onKafka } from "./arena.ts";
import { countBacklog } from "./backlog.ts";
import { count, cpuOf, rateOf, spreadText, times } from "./contest.ts";
import { cpuSeconds, peakMemoryBytes } from "./measure.ts";
import { salesboard } from "./subjects/salesboard.ts";
import type { Round, Subject, Task } from "./subjects/subject.ts";

const SIZES = { full: { sales: 5_000_000, rounds: 5 }, short: { sales: 200_000, rounds: 1 } };
const SHARE_MIN = 0.97;
const IDLE_MS = 300;
/** Of a whole IDLE_MS: what an aggregator without sales uses, and no more. */
const IDLE_CPU_SECONDS_MAX = 0.03;
/** So much it uses before it can be called idle again: it has begun. */
const BEGUN_CPU_SECONDS = 0.04;
const FOLD_MS_MAX = 180_000;

const often = salesboard({ name: "a transaction every 100 ms" });
// Longer than the fold takes.
const once = salesboard({ name: "a transaction every 7 s", more: ["--commit-interval", "7s"] });

export const measureOverhead = onKafka(
  "Throughput with and without transactions",
  async (arena, options) => {
    const { sales } = SIZES[options.mode];
    const results = await countBacklog(
      arena,
      { ...SIZES[options.mode], ...options },
      {
        [once.name]: (task) => fold(once, task),
        [often.name]: (task) => fold(often, task),
      },
    );
    const share = rateOf(results, often.name).median / rateOf(results, once.name).median;
    return {
      columns: [`${count(sales)} sales`, "sales/s", "CPU-s per million"],
      rows: [once, often].map(({ name }) => [
        name,
        spreadText(rateOf(results, name), 0),
        spreadText(cpuOf(results, name)),
      ]),
      goals: [
        {
          what: "throughput with transactions, of that without",
          goal: `at least ${times(SHARE_MIN)}`,
          measured: times(share),
          met: share >= SHARE_MIN,
        },
      ],
      data: Object.fromEntries(results),
      skipped: [],
    };
  },
);

async function fold(subject: Subject, task: Task): Promise<Round> {
  const running = await subject.start(task);
  try {
    const { seconds, cpu } = await untilIdle(running.pid);
    return {
      cpuPerMillion: (cpu / task.sales) * 1e6,
      salesPerSecond: task.sales / seconds,
      memoryBytesMax: peakMemoryBytes(running.pid),
      // The guard: all sales are in them.
      totals: await running.totals(),
    };
  } finally {
    await running.kill();
  }
}

/** How long a process works from now on, and what it uses, until it is idle. */
async function untilIdle(pid: number): Promise<{ seconds: number; cpu: number }> {
  const samples = [{ at: performance.now(), cpu: cpuSeconds(pid) }];
  const [first] = samples as [{ at: number; cpu: number }];
  for (;;) {
    await Bun.sleep(10);
    const now = { at: performance.now(), cpu: cpuSeconds(pid) };
    samples.push(now);
    const before = samples.findLast(({ at }) => at <= now.at - IDLE_MS);
    const hasBegun = before && before.cpu - first.cpu >= BEGUN_CPU_SECONDS;
    if (hasBegun && now.cpu - before.cpu <= IDLE_CPU_SECONDS_MAX) {
      return { seconds: (before.at - first.at) / 1000, cpu: before.cpu - first.cpu };
    }
    if (now.at - first.at > FOLD_MS_MAX) throw new Error("The aggregator never became idle.");
  }
}
