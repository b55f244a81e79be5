/**
 * `npm run bench`: CPU-seconds per million sales of the aggregator, transactions included, beside a
 * bare librdkafka consumer on the same topic of a real Kafka. Broker and subject have a core each;
 * the subjects take turns. What counts is the ratio: absolute times vary with the machine.
 *
 *   npm run bench -- [--sales N] [--rounds N]
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { librdkafka } from "../src/kafka/librdkafka.ts";
import { quietLog } from "../tests/support/context.ts";
import { type KafkaBroker, startKafka } from "../tests/support/kafka.ts";
import { waitFor } from "../tests/support/wait.ts";
import { cpuSeconds, pin, type Spread, spreadOf } from "./measure.ts";

const PARTITIONS = 4;
const BROKER_CORE = 0;
const SUBJECT_CORE = 1;
const TOPIC = "bench_sales";
const CATCH_UP_MS_MAX = 300_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const executable = `${root}dist/salesboard`;

interface Round {
  cpuPerMillion: number;
  salesPerSecond: number;
}

const { values } = parseArgs({
  options: {
    sales: { type: "string", default: "2000000" },
    rounds: { type: "string", default: "3" },
  },
});
const sales = Number(values.sales);
const rounds = Number(values.rounds);

const broker = await startKafka();
try {
  pin(broker.pid, BROKER_CORE);
  await broker.createTopic(TOPIC, PARTITIONS);
  await run(["produce", ...options(), "--rate", "0", "--count", String(sales), "--seed", "1"]);
  const results = {
    "bare librdkafka consumer": [] as Round[],
    "salesboard aggregate": [] as Round[],
  };
  for (let round = 1; round <= rounds; round++) {
    results["bare librdkafka consumer"].push(await bareConsumer());
    results["salesboard aggregate"].push(await aggregator(broker, round));
    console.error(`round ${round} of ${rounds}`);
  }
  print(results);
} finally {
  await broker.stop();
}

function options(): string[] {
  return ["--brokers", broker.brokers, "--input-topic", TOPIC];
}

async function run(args: string[]): Promise<void> {
  const child = Bun.spawn([executable, ...args], { stdout: "ignore", stderr: "inherit" });
  if ((await child.exited) !== 0) throw new Error(`salesboard ${args.join(" ")} failed`);
}

async function bareConsumer(): Promise<Round> {
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
async function aggregator({ brokers }: KafkaBroker, round: number): Promise<Round> {
  const group = `bench-${process.pid}-${round}`;
  const args = ["aggregate", ...options(), "--group", group, "--output-topic", group];
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

function print(results: Record<string, Round[]>): void {
  const cpu = Object.entries(results).map(([name, list]) => ({
    name,
    cpu: spreadOf(list.map(({ cpuPerMillion }) => cpuPerMillion)),
    rate: spreadOf(list.map(({ salesPerSecond }) => salesPerSecond)),
  }));
  const floor = cpu[0]?.cpu.median ?? 1;
  const seconds = ({ min, median, max }: Spread) =>
    `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
  console.log(`| ${sales} sales, ${rounds} rounds | CPU-s per million | ratio | sales/s |`);
  console.log("|---|---|---|---|");
  for (const { name, cpu: spent, rate } of cpu) {
    const ratio = (spent.median / floor).toFixed(2);
    console.log(`| ${name} | ${seconds(spent)} | ${ratio} | ${Math.round(rate.median)} |`);
  }
}
