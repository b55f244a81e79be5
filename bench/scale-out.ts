/**
 * More processes in one group, on the one core of the subject: what it costs to share the work. How
 * much more they count together shows only where each has a core of its own.
 */

import { executablePath } from "../tests/support/executable.ts";
import { type Arena, onKafka } from "./arena.ts";
import { count, spreadText, times } from "./contest.ts";
import { cpuSeconds, spreadOf } from "./measure.ts";
import { feed } from "./sales.ts";
import type { BenchOptions } from "./section.ts";
import { committedBy } from "./subjects/committed.ts";
import { SubjectProcess } from "./subjects/process.ts";

const PARTITIONS = 4;
const PROCESSES = [1, 2, 4] as const;
const SIZES = {
  full: { sales: 2_000_000, rate: 200_000, rounds: 3 },
  short: { sales: 30_000, rate: 20_000, rounds: 1 },
};
/** Members that join hand partitions over in two steps. */
const SETTLED_MS = 4_000;
const COMMITTED_MS_MAX = 180_000;
const LOOK_INTERVAL_MS = 20;
/** What stands in the log when partitions come or go. */
const REBALANCED = "Partitions ";

export const measureScaleOut = onKafka("Processes in one group", async (arena, options) => {
  const { sales, rate, rounds } = SIZES[options.mode];
  const results = new Map<number, number[]>(PROCESSES.map((processes) => [processes, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const processes of PROCESSES) {
      const cpu = await run(arena, options, processes);
      results.get(processes)?.push(cpu);
      options.progress(
        `round ${round} of ${rounds}: ${processes}: ${cpu.toFixed(2)} CPU-s per million`,
      );
    }
  }
  const spreads = [...results].map(([processes, cpu]) => ({ processes, cpu: spreadOf(cpu) }));
  const one = spreads[0]?.cpu.median ?? Number.NaN;
  return {
    columns: [`processes, ${count(rate)} sales/s`, "CPU-s per million, all together", "of one"],
    rows: spreads.map(({ processes, cpu }) => [
      count(processes),
      spreadText(cpu),
      times(cpu.median / one),
    ]),
    goals: [],
    data: { sales, rate, cpuPerMillion: Object.fromEntries(results) },
    skipped: [],
  };
});

/** CPU-seconds per million sales, of all processes together. */
async function run(arena: Arena, { mode }: BenchOptions, processes: number): Promise<number> {
  const { sales, rate } = SIZES[mode];
  const topic = await arena.createTopic("sales", PARTITIONS);
  const group = await arena.createTopic("totals", PARTITIONS);
  const offsets = committedBy(group, { arena, topic, partitions: PARTITIONS, sales });
  const members: SubjectProcess[] = [];
  try {
    for (let i = 0; i < processes; i++) members.push(startMember(arena, topic, group));
    for (const member of members) await member.until("Partitions assigned.");
    const cpu = () => members.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
    const rebalances = () => members.reduce((sum, member) => sum + member.count(REBALANCED), 0);
    for (let seen = -1; seen !== rebalances(); ) {
      seen = rebalances();
      await Bun.sleep(SETTLED_MS);
    }
    const before = { cpu: cpu(), rebalances: rebalances() };
    await feed(arena, topic, { sales, rate });
    const giveUpAt = performance.now() + COMMITTED_MS_MAX;
    while ((await offsets.sum()) < sales) {
      if (performance.now() > giveUpAt) throw new Error(`${processes} processes fell behind.`);
      await Bun.sleep(LOOK_INTERVAL_MS);
    }
    if (rebalances() !== before.rebalances) throw new Error("The group was rebalanced meanwhile.");
    return ((cpu() - before.cpu) / sales) * 1e6;
  } finally {
    await Promise.all(members.map((member) => member.kill()));
    await offsets.close();
  }
}

function startMember(arena: Arena, topic: string, group: string): SubjectProcess {
  return new SubjectProcess(arena, () => [
    ...[executablePath, "aggregate", "--brokers", arena.broker.brokers, "--group", group],
    ...["--input-topic", topic, "--output-topic", group],
  ]);
}
