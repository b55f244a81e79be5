/**
 * CPU-seconds per million sales of the aggregator, transactions included, beside a bare librdkafka
 * consumer on the same topic of a real Kafka. Broker and subject have a core each; the subjects
 * take turns.
 */

import { fileURLToPath } from "node:url";
import { librdkafka } from "../src/kafka/librdkafka.ts";
import { quietLog } from "../tests/support/context.ts";
import { type KafkaBroker, startKafka } from "../tests/support/kafka.ts";
import { waitFor } from "../tests/support/wait.ts";
import { cpuSeconds, pin, type Spread, spreadOf } from "./measure.ts";
import type { BenchOptions, Section } from "./section.ts";

const PARTITIONS = 4;
const BROKER_CORE = 0;
const SUBJECT_CORE = 1;
const TOPIC = "bench_sales";
const CATCH_UP_MS_MAX = 300_000;
const CPU_RATIO_MAX = 1.35;

const root = fileURLToPath(new URL("..", import.meta.url));
const executable = `${root}dist/salesboard`;

interface Round {
  cpuPerMillion: number;
  salesPerSecond: number;
}

const SIZES = { full: { sales: 5_000_000, rounds: 5 }, short: { sales: 200_000, rounds: 1 } };

export async function measureAggregation({ mode, progress }: BenchOptions): Promise<Section> {
  const { sales, rounds } = SIZES[mode];
  const broker = await startKafka();
  try {
    pin(broker.pid, BROKER_CORE);
    await broker.createTopic(TOPIC, PARTITIONS);
    await produce(broker, sales);
    const results = {
      "bare librdkafka consumer": [] as Round[],
      "salesboard aggregate": [] as Round[],
    };
    for (let round = 1; round <= rounds; round++) {
      results["bare librdkafka consumer"].push(await bareConsumer(broker, sales));
      results["salesboard aggregate"].push(await aggregator(broker, { round, sales }));
      progress(`round ${round} of ${rounds}`);
    }
    return section(results, { sales, rounds });
  } finally {
    await broker.stop();
  }
}

async function produce(broker: KafkaBroker, sales: number): Promise<void> {
  const args = ["produce", ...options(broker), "--rate", "0", "--seed", "1"];
  const command = [executable, ...args, "--count", String(sales)];
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "inherit" });
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
}

function options({ brokers }: KafkaBroker): string[] {
  return ["--brokers", brokers, "--input-topic", TOPIC];
}

async function bareConsumer(broker: KafkaBroker, sales: number): Promise<Round> {
  const program = `${root}.cache/bench/bare-consumer`;
  const args = [broker.brokers, TOPIC, String(PARTITIONS), String(sales)];
  const command = ["taskset", "-c", String(SUBJECT_CORE), program, ...args];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const [cpu = 0, wall = 0, records] = (await new Response(child.stdout).text())
    .trim()
    .split(" ")
    .map(Number);
  if (records !== sales) throw new Error(`The bare consumer read ${records} of ${sales} sales`);
  return { cpuPerMillion: (cpu / sales) * 1e6, salesPerSecond: sales / wall };
}

/** From the assignment of the partitions to the commit of the last sale. */
async function aggregator(
  broker: KafkaBroker,
  { round, sales }: { round: number; sales: number },
): Promise<Round> {
  const { brokers } = broker;
  const group = `bench-${process.pid}-${round}`;
  const args = ["aggregate", ...options(broker), "--group", group, "--output-topic", group];
  const command = ["taskset", "-c", String(SUBJECT_CORE), executable, ...args];
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
  const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
  const observer = kafka.groupConsumer({ topic: TOPIC, group });
  try {
    await untilAssigned(child.stderr);
    const cpu = cpuSeconds(child.pid);
    const startedAt = performance.now();
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const done = async () => {
      const committed = await observer.committed(partitions);
      return committed.reduce((sum, { offset }) => sum + (offset ?? 0), 0) >= sales;
    };
    await waitFor(done, { what: "the aggregator to catch up", timeoutMs: CATCH_UP_MS_MAX });
    const seconds = (performance.now() - startedAt) / 1000;
    const used = cpuSeconds(child.pid) - cpu;
    return { cpuPerMillion: (used / sales) * 1e6, salesPerSecond: sales / seconds };
  } finally {
    child.kill();
    await child.exited;
    await observer.close();
  }
}

async function untilAssigned(stderr: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stderr) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("Partitions assigned.")) return;
  }
  throw new Error(`The aggregator was assigned nothing:\n${text}`);
}

function section(
  results: Record<string, Round[]>,
  { sales, rounds }: { sales: number; rounds: number },
): Section {
  const measured = Object.entries(results).map(([name, list]) => ({
    name,
    cpu: spreadOf(list.map(({ cpuPerMillion }) => cpuPerMillion)),
    rate: spreadOf(list.map(({ salesPerSecond }) => salesPerSecond)),
  }));
  const floor = measured[0]?.cpu.median ?? 1;
  const ratio = (cpu: Spread) => cpu.median / floor;
  const ours = ratio((measured[1] as (typeof measured)[number]).cpu);
  return {
    title: `Aggregation of a backlog of ${sales} sales, ${rounds} rounds`,
    columns: ["", "CPU-s per million", "ratio", "sales/s"],
    rows: measured.map(({ name, cpu, rate }) => [
      name,
      `${cpu.median.toFixed(2)} (${cpu.min.toFixed(2)}–${cpu.max.toFixed(2)})`,
      `${ratio(cpu).toFixed(2)}×`,
      String(Math.round(rate.median)),
    ]),
    goals: [
      {
        what: "CPU per million sales, of the bare consumer's",
        goal: `at most ${CPU_RATIO_MAX}×`,
        measured: `${ours.toFixed(2)}×`,
        met: ours <= CPU_RATIO_MAX,
      },
    ],
    data: results,
    skipped: [],
  };
}
