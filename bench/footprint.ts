/**
 * Memory over time, at twenty sales a second: the demo, an aggregator and a dashboard alone on a
 * real Kafka, with history. `--minutes 60` shows an hour.
 */

import { executablePath } from "../tests/support/executable.ts";
import { type Arena, onKafka } from "./arena.ts";
import { feed } from "./sales.ts";
import type { BenchOptions, Goal } from "./section.ts";
import { SubjectProcess } from "./subjects/process.ts";
import { memoryKb } from "./tools/processes.ts";

const PARTITIONS = 4;
const RATE = 20;
const SHORT_MINUTES = 0.1;
const SAMPLES = 6;

/** Each with the most it may hold, MB. */
const DEMO = { name: "the demo, with its past", mbMax: 130 };
const PLAIN_DEMO = { name: `the demo, --rate ${RATE}`, mbMax: 130 };
const AGGREGATOR = { name: "aggregator alone", mbMax: 70 };
const DASHBOARD = { name: "dashboard alone", mbMax: 80 };

interface Watched {
  readonly name: string;
  readonly mbMax: number;
  readonly process: SubjectProcess;
  /** Resident memory at equal distances. */
  readonly kb: number[];
}

export const measureFootprint = onKafka("Memory over time", async (arena, options) => {
  const minutes = options.mode === "full" ? options.minutes : SHORT_MINUTES;
  const watched = await watch(arena, options, minutes);
  const inMb = (kb: number) => (kb / 1024).toFixed(0);
  const goals = watched.map(({ name, mbMax, kb }): Goal => {
    const [half = 0, last = 0] = [kb[SAMPLES / 2 - 1], kb.at(-1)];
    const growth = `${last < half ? "−" : "+"}${inMb(Math.abs(last - half))}`;
    return {
      figure: "F8",
      what: `memory after ${minutes} minutes: ${name}`,
      goal: `at most ${mbMax} MB, flat`,
      measured: `${inMb(last)} MB (${growth} since half the time)`,
      met: last <= mbMax * 1024,
    };
  });
  return {
    columns: [
      "resident memory, MB",
      ...Array.from({ length: SAMPLES }, (_, i) => {
        return `${((minutes * (i + 1)) / SAMPLES).toFixed(1)} min`;
      }),
    ],
    rows: watched.map(({ name, kb }) => [name, ...kb.map(inMb)]),
    goals,
    data: watched.map(({ name, kb }) => ({ name, kb })),
    skipped: [],
  };
});

async function watch(
  arena: Arena,
  { progress }: BenchOptions,
  minutes: number,
): Promise<readonly Watched[]> {
  const topic = await arena.createTopic("sales", PARTITIONS);
  const output = await arena.createTopic("totals", PARTITIONS);
  const names = ["--group", output, "--output-topic", output];
  const shared = ["--brokers", arena.broker.brokers, "--input-topic", topic, ...names];
  const start = (what: Pick<Watched, "name" | "mbMax">, ...args: string[]): Watched => {
    const process = new SubjectProcess(arena, () => [executablePath, ...args]);
    return { ...what, process, kb: [] };
  };
  const aggregator = start(AGGREGATOR, "aggregate", ...shared);
  const watched = [
    start(DEMO, "--port", "0"),
    start(PLAIN_DEMO, "--port", "0", "--rate", String(RATE)),
    aggregator,
    start(DASHBOARD, "serve", ...shared, "--port", "0"),
  ];
  try {
    await aggregator.process.until("Partitions assigned.");
    const fed = feed(arena, topic, { sales: Math.ceil(RATE * minutes * 60), rate: RATE });
    // Should it fail, the await below says so.
    fed.catch(() => {});
    for (let i = 1; i <= SAMPLES; i++) {
      await Bun.sleep((minutes * 60_000) / SAMPLES);
      for (const { process, kb } of watched) kb.push(memoryKb(process.pid).rss);
      const mb = watched.map(({ kb }) => Math.round((kb.at(-1) ?? 0) / 1024));
      progress(`${i} of ${SAMPLES}: ${mb.join(", ")} MB`);
    }
    await fed;
    return watched;
  } finally {
    await Promise.all(watched.map(({ process }) => process.kill()));
  }
}
