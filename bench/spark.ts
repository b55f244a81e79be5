/**
 * Salesboard's aggregator beside Spark Structured Streaming: processor time for a backlog and at a
 * steady rate, and how long a sale takes to be in a total that a reader sees. One process of each
 * goes through all of it, so that Spark's just-in-time compiler has had its time when the
 * steady rate is measured. For the backlog it has one core and the broker the other one, which is
 * where Spark needs the least processor time; after that it may use both, for its latency's sake.
 */

import type { Kafka, Position } from "../src/kafka/kafka.ts";
import { RecordBatch } from "../src/kafka/kafka.ts";
import { librdkafka } from "../src/kafka/librdkafka.ts";
import { quietLog } from "../tests/support/context.ts";
import { type KafkaBroker, startKafka } from "../tests/support/kafka.ts";
import { sparkIsFetched } from "../tests/support/require.ts";
import { cpuSeconds, pin, spreadOf } from "./measure.ts";
import type { BenchOptions, Goal, Section } from "./section.ts";
import { Board, latencies } from "./spark/board.ts";
import { executable, subjects } from "./spark/subjects.ts";

const PARTITIONS = 4;
const BROKER_CORE = 0;
const SUBJECT_CORE = 1;
const CATCH_UP_MS_MAX = 900_000;
const STEADY_RATE = 20_000;
const LATENCY_RATE = 1_000;

interface Size {
  sales: number;
  rounds: number;
  warmUpSeconds: number;
  windowSeconds: number;
}

const SIZES: Record<BenchOptions["mode"], Size> = {
  full: { sales: 2_000_000, rounds: 1, warmUpSeconds: 15, windowSeconds: 30 },
  short: { sales: 50_000, rounds: 1, warmUpSeconds: 2, windowSeconds: 5 },
};

const measures = {
  backlog: "CPU-s per million, backlog",
  fromExec: "the same with its start",
  steady: `CPU-s per million at ${STEADY_RATE} sales/s`,
  rate: "sales/s, backlog, on one core",
  p50: `latency p50 at ${LATENCY_RATE} sales/s, ms`,
  p99: `latency p99 at ${LATENCY_RATE} sales/s, ms`,
} as const;

type Round = Record<keyof typeof measures, number>;
type Name = keyof typeof subjects;

export async function measureSpark({ mode, progress }: BenchOptions): Promise<Section> {
  const size = SIZES[mode];
  const results: Record<Name, Round[]> = { spark: [], salesboard: [] };
  const skipped = missing();
  if (skipped.length > 0) return section(results, size, skipped);
  const thorough = mode === "full";
  const broker = await startKafka({ thorough });
  try {
    pin(broker.pid, String(BROKER_CORE));
    for (let round = 1; round <= size.rounds; round++) {
      for (const name of ["spark", "salesboard"] as const) {
        const say = (what: string) =>
          progress(`round ${round} of ${size.rounds}, ${name}: ${what}`);
        results[name].push(await measureSubject(broker, name, { round, size, thorough, say }));
      }
    }
    return section(results, size, []);
  } finally {
    await broker.stop();
  }
}

function missing(): string[] {
  if (sparkIsFetched()) return [];
  return ["Spark is not there: it is fetched by python3 with its module venv, and mvn."];
}

async function measureSubject(
  broker: KafkaBroker,
  name: Name,
  {
    round,
    size,
    thorough,
    say,
  }: { round: number; size: Size; thorough: boolean; say: (what: string) => void },
): Promise<Round> {
  const { brokers } = broker;
  const input = `bench-spark-${name}-${round}`;
  const output = `${input}-totals`;
  for (const topic of [input, output]) await broker.createTopic(topic, PARTITIONS);
  const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
  const stage: Stage = {
    brokers,
    input,
    kafka,
    sent: 0,
    board: new Board(kafka, output, PARTITIONS),
  };
  await produce(stage, { count: size.sales, rate: 0 });
  say("starts");
  const subject = await subjects[name]({ brokers, input, output, core: SUBJECT_CORE, thorough });
  try {
    const { cpu, seconds } = await catchUp(stage, subject.pid);
    const backlog = (cpu / size.sales) * 1e6;
    const fromExec = (cpuSeconds(subject.pid) / size.sales) * 1e6;
    say(`backlog counted, ${backlog.toFixed(2)} CPU-s per million`);
    release(subject.pid);
    const steady = await steadyCpu(stage, subject.pid, size);
    say(`steady rate held, ${steady.toFixed(2)} CPU-s per million`);
    const list = await measureLatency(stage, size.windowSeconds);
    const at = (share: number) => list[Math.floor(share * (list.length - 1))] ?? Number.NaN;
    say(`latency p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
    return { backlog, fromExec, steady, rate: size.sales / seconds, p50: at(0.5), p99: at(0.99) };
  } finally {
    await subject.stop();
    await stage.board.close();
  }
}

/** A topic of sales, and a reader of the totals made of it. */
interface Stage {
  brokers: string;
  input: string;
  kafka: Kafka;
  board: Board;
  /** To the input, so far. */
  sent: number;
}

async function produce(
  stage: Stage,
  { count, rate }: { count: number; rate: number },
): Promise<void> {
  const topics = ["--brokers", stage.brokers, "--input-topic", stage.input];
  const sales = ["--rate", String(rate), "--count", String(count), "--seed", String(stage.sent)];
  const command = [executable, "produce", ...topics, ...sales];
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
  const [log, status] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (status !== 0) throw new Error(`${command.join(" ")} exited with ${status}:\n${log}`);
  stage.sent += count;
}

/** Until a reader sees the totals of all that was sent. */
async function catchUp(stage: Stage, pid: number): Promise<{ cpu: number; seconds: number }> {
  const cpu = cpuSeconds(pid);
  const startedAt = performance.now();
  await stage.board.untilCounted(stage.sent, CATCH_UP_MS_MAX);
  return { cpu: cpuSeconds(pid) - cpu, seconds: (performance.now() - startedAt) / 1000 };
}

async function steadyCpu(
  stage: Stage,
  pid: number,
  { warmUpSeconds, windowSeconds }: Size,
): Promise<number> {
  const count = STEADY_RATE * (warmUpSeconds + windowSeconds);
  const produced = produce(stage, { count, rate: STEADY_RATE });
  const measured = (async () => {
    await Bun.sleep(warmUpSeconds * 1000);
    const [cpu, startedAt] = [cpuSeconds(pid), performance.now()];
    // Not to the very end: the producer's start is a part of the time.
    await Bun.sleep(windowSeconds * 1000 - 1_000);
    const seconds = (performance.now() - startedAt) / 1000;
    return ((cpuSeconds(pid) - cpu) / (seconds * STEADY_RATE)) * 1e6;
  })();
  const [cpuPerMillion] = await Promise.all([measured, produced]);
  await stage.board.untilCounted(stage.sent, CATCH_UP_MS_MAX);
  return cpuPerMillion;
}

async function measureLatency(stage: Stage, seconds: number): Promise<number[]> {
  const { kafka, input, board } = stage;
  const before = new Map(board.salesByProduct);
  board.takeArrivals();
  const from = await ends(kafka, input);
  const count = LATENCY_RATE * seconds;
  await produce(stage, { count, rate: LATENCY_RATE });
  await board.untilCounted(stage.sent, CATCH_UP_MS_MAX);
  const list = latencies(await readSales(kafka, input, from, count), before, board.takeArrivals());
  if (list.length !== count) throw new Error(`${list.length} latencies of ${count} sales`);
  return list;
}

async function ends(kafka: Kafka, topic: string): Promise<Position[]> {
  const admin = kafka.admin();
  const positions: Position[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    positions.push({ partition, offset: (await admin.watermarks(topic, partition)).high });
  }
  await admin.close();
  return positions;
}

const decoder = new TextDecoder();

async function readSales(kafka: Kafka, topic: string, from: readonly Position[], count: number) {
  const reader = kafka.reader({ topic });
  const batch = new RecordBatch({ recordsMax: 10_000, bytesMax: 4 * 1024 * 1024 });
  const sales: { product: string; timestamp: number }[] = [];
  const giveUpAt = performance.now() + CATCH_UP_MS_MAX;
  await reader.assign(from);
  while (sales.length < count && performance.now() < giveUpAt) {
    await reader.poll(batch, 100);
    for (let i = 0; i < batch.count; i++) {
      const { product } = JSON.parse(decoder.decode(batch.value(i) ?? undefined));
      sales.push({ product, timestamp: batch.timestamps[i] as number });
    }
  }
  await reader.close();
  return sales;
}

/** Lets a pinned process run on both cores. */
function release(pid: number): void {
  const cores = `${BROKER_CORE},${SUBJECT_CORE}`;
  Bun.spawnSync(["taskset", "-a", "-c", "-p", cores, String(pid)]);
}

function section(
  results: Record<Name, readonly Round[]>,
  size: Size,
  skipped: readonly string[],
): Section {
  const figures = (name: Name, key: keyof Round) =>
    spreadOf(results[name].map((round) => round[key]));
  const ratio = (key: keyof Round) => {
    const [theirs, ours] = [figures("spark", key).median, figures("salesboard", key).median];
    return key === "rate" ? ours / theirs : theirs / ours;
  };
  const text = (name: Name, key: keyof Round) => {
    const { min, median, max } = figures(name, key);
    const short = (value: number) => value.toFixed(value < 100 ? 2 : 0);
    return `${short(median)} (${short(min)}–${short(max)})`;
  };
  const goal = (key: keyof Round, what: string, wanted: number, why = ""): Goal => ({
    why,
    what,
    goal: `at least ${wanted}× less`,
    measured: `${ratio(key).toFixed(1)}×`,
    met: ratio(key) >= wanted,
  });
  const steadyCost = "ten transactions a second cost ours more than the sales in them";
  const isThere = skipped.length === 0;
  const keys = Object.keys(measures) as (keyof Round)[];
  const { sales, rounds } = size;
  return {
    title: `Beside Spark 4.0.0 Structured Streaming, local[2]: ${sales} sales, ${rounds} rounds`,
    columns: ["", "Spark", "salesboard aggregate", "ratio"],
    rows: (isThere ? keys : []).map((key) => [
      measures[key],
      text("spark", key),
      text("salesboard", key),
      `${ratio(key).toFixed(1)}×`,
    ]),
    goals: isThere
      ? [
          goal("steady", `CPU per million at ${STEADY_RATE} sales/s, than Spark`, 20, steadyCost),
          goal("p99", "end-to-end latency, p99, than Spark", 10),
        ]
      : [],
    data: results,
    skipped,
  };
}
