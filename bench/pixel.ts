/**
 * Event to pixel: from a producer's send of a sale to the painted cell in a headless Chromium, and
 * where the time goes. The executable, as users run it, on a real Kafka; everything on one machine,
 * watched from outside and by one clock.
 */

import { librdkafka } from "../src/kafka/librdkafka.ts";
import { quietLog } from "../tests/support/context.ts";
import { type Salesboard, startSalesboard } from "../tests/support/executable.ts";
import { type KafkaBroker, startKafka } from "../tests/support/kafka.ts";
import { chromiumPath, kafkaIsFetched } from "../tests/support/require.ts";
import { waitFor } from "../tests/support/wait.ts";
import { Marks } from "./pixel/marks.ts";
import { WatchedPage } from "./pixel/page.ts";
import { epochClock, type Track } from "./pixel/track.ts";
import { Witness } from "./pixel/witness.ts";
import type { BenchOptions, Goal, Section } from "./section.ts";

const INPUT = "bench_pixel";
const OUTPUT = "bench_pixel_totals";
const PARTITIONS = 4;
/** Until a producer's rate is steady. */
const STEADY_AFTER_MS = 2_000;
/** A broker's first transactions are slow, for its code is not compiled yet. */
const WARM_UP: Record<BenchOptions["mode"], number> = { full: 15, short: 1 };
const WARM_UP_SALES_PER_SECOND = 1_000;

const IDLE_P50_MS = 50;
const BUSY_P99_MS = 100;
const LOADED_P99_MS = 120;

interface Load {
  name: string;
  /** Of other products, by `salesboard produce`. */
  salesPerSecond: number;
  /** Between two marked sales, a random time between these, milliseconds. */
  gapMs: readonly [number, number];
  seconds: { full: number; short: number };
}

const LOADS: readonly Load[] = [
  {
    name: "one now and then",
    salesPerSecond: 0,
    gapMs: [500, 1500],
    seconds: { full: 60, short: 4 },
  },
  { name: "1 000/s", salesPerSecond: 1_000, gapMs: [0, 50], seconds: { full: 30, short: 2 } },
  { name: "100 000/s", salesPerSecond: 100_000, gapMs: [0, 50], seconds: { full: 30, short: 2 } },
];

/** Of one load: milliseconds of each marked sale in each stage, and in all of them. */
interface Result {
  name: string;
  /** Counted, marked ones included. */
  salesPerSecond: number;
  stages: Record<string, readonly number[]>;
  total: readonly number[];
}

export async function measurePixel({ mode, progress }: BenchOptions): Promise<Section> {
  const missing = [
    ...(Bun.which("java") ? [] : ["java (apt-get install default-jdk-headless)"]),
    ...(kafkaIsFetched() || Bun.which("mvn") ? [] : ["mvn (apt-get install maven)"]),
    ...(chromiumPath() ? [] : ["chromium (apt-get install chromium)"]),
  ];
  if (missing.length > 0) return section([], [`event to pixel needs ${missing.join(", ")}.`]);
  const results: Result[] = [];
  const bed = await TestBed.start(mode);
  try {
    await bed.warmUp(WARM_UP[mode]);
    for (const load of LOADS) {
      const result = await bed.measure(load, load.seconds[mode]);
      progress(`${load.name}: ${result.total.length} sales, p50 ${p(50, result.total)} ms`);
      results.push(result);
    }
  } finally {
    await bed.stop();
  }
  return section(results, []);
}

/** Kafka, Salesboard, a browser, and who watches; all that `start` has started ends by `stop`. */
class TestBed {
  readonly #clock = epochClock();
  readonly #witness = new Witness(this.#clock);
  readonly #closers: (() => Promise<unknown>)[] = [];
  #broker!: KafkaBroker;
  #salesboard!: Salesboard;
  #page!: WatchedPage;
  #marks!: Marks;

  static async start(mode: BenchOptions["mode"]): Promise<TestBed> {
    const bed = new TestBed();
    try {
      await bed.#start(mode);
      return bed;
    } catch (error) {
      await bed.stop();
      throw error;
    }
  }

  async #start(mode: BenchOptions["mode"]): Promise<void> {
    this.#broker = await startKafka({ thorough: mode === "full" });
    this.#closers.push(() => this.#broker.stop());
    const { brokers } = this.#broker;
    // The broker's time tells when a record is there.
    await this.#broker.createTopic(INPUT, PARTITIONS, {
      "message.timestamp.type": "LogAppendTime",
    });
    await this.#broker.createTopic(OUTPUT, PARTITIONS, { "cleanup.policy": "compact" });
    this.#salesboard = startSalesboard([...this.#options, "--output-topic", OUTPUT, "--port", "0"]);
    this.#closers.push(() => this.#salesboard.stop());
    const url = await this.#salesboard.url();
    const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
    this.#closers.push(() => this.#witness.close());
    await this.#witness.watchTopics(kafka, { input: INPUT, output: OUTPUT });
    await this.#witness.watchStream(url);
    this.#page = await WatchedPage.open(url);
    this.#closers.push(() => this.#page.close());
    this.#marks = new Marks(kafka, INPUT, this.#clock);
    this.#closers.push(() => this.#marks.close());
  }

  async stop(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  get #options(): string[] {
    return ["--brokers", this.#broker.brokers, "--input-topic", INPUT];
  }

  async warmUp(seconds: number): Promise<void> {
    const background = this.#produce(WARM_UP_SALES_PER_SECOND);
    await Bun.sleep(seconds * 1000);
    await background.stop();
  }

  async measure(load: Load, seconds: number): Promise<Result> {
    const background = load.salesPerSecond > 0 ? this.#produce(load.salesPerSecond) : undefined;
    try {
      // Sales that make the row: they are not among those measured.
      await this.#marks.send({ gapMs: [0, 0], seconds: 0.001 });
      await Bun.sleep(STEADY_AFTER_MS);
      const first = this.#marks.sentAt.length + 1;
      const before = await this.#counted();
      await this.#marks.send({ gapMs: load.gapMs, seconds });
      const salesPerSecond = ((await this.#counted()) - before) / seconds;
      const last = this.#marks.sentAt.length;
      await waitFor(() => this.#isPainted(last), { what: "the last sale to be painted" });
      return { name: load.name, salesPerSecond, ...this.#times(first, last) };
    } finally {
      await background?.stop();
    }
  }

  #produce(salesPerSecond: number): Salesboard {
    return startSalesboard(["produce", ...this.#options, "--rate", String(salesPerSecond)]);
  }

  async #counted(): Promise<number> {
    return (await this.#salesboard.api<{ total: { sales: number } }>("/api/totals")).total.sales;
  }

  async #isPainted(sale: number): Promise<boolean> {
    await this.#page.collect();
    return this.#page.painted.at(sale) !== undefined;
  }

  #times(first: number, last: number): Pick<Result, "stages" | "total"> {
    const { appended, read, begun, committed, framed } = this.#witness;
    const { received, changed, painted } = this.#page;
    const tracks: Record<string, Track> = {
      "sent → on the broker": appended,
      "→ read from the topic": read,
      "→ transaction begun": begun,
      "→ committed": committed,
      "→ in the stream": framed,
      "→ in the page": received,
      "→ cell changed": changed,
      "→ cell painted": painted,
    };
    const stages: Record<string, number[]> = {};
    const total: number[] = [];
    for (let sale = first; sale <= last; sale++) {
      const sentAt = this.#marks.sentAt[sale - 1] as number;
      let at = sentAt;
      for (const [name, track] of Object.entries(tracks)) {
        const next = track.at(sale) ?? Number.NaN;
        stages[name] = [...(stages[name] ?? []), next - at];
        at = next;
      }
      total.push(at - sentAt);
    }
    return { stages, total };
  }
}

function section(results: readonly Result[], skipped: readonly string[]): Section {
  const [idle, busy, loaded] = results.map(({ total }) => total);
  const names = Object.keys(results[0]?.stages ?? {});
  const both = (times: readonly number[] = []) => `${p(50, times)} / ${p(99, times)}`;
  const goals = idle && busy && loaded ? goalsOf(idle, busy, loaded) : [];
  return {
    title: "Event to pixel, p50 / p99 in milliseconds, with a commit every 100 ms",
    columns: ["", ...results.map(({ name }) => name)],
    rows: [
      ...names.map((name) => [name, ...results.map(({ stages }) => both(stages[name]))]),
      ["**sent → painted**", ...results.map(({ total }) => `**${both(total)}**`)],
      ["sales/s", ...results.map(({ salesPerSecond }) => String(Math.round(salesPerSecond)))],
    ],
    goals,
    data: results,
    skipped,
  };
}

function goalsOf(
  idle: readonly number[],
  busy: readonly number[],
  loaded: readonly number[],
): Goal[] {
  const [idleMs, busyMs] = [at(50, idle), at(99, busy)];
  const loadedMs = at(99, loaded);
  return [
    {
      what: "a sale now and then is painted, p50",
      goal: `under ${IDLE_P50_MS} ms`,
      measured: `${idleMs.toFixed(1)} ms`,
      met: idleMs < IDLE_P50_MS,
    },
    {
      figure: "F10",
      what: "from a sale to its pixel at 1 000 sales/s, p99",
      goal: `at most ${BUSY_P99_MS} ms`,
      measured: `${busyMs.toFixed(0)} ms`,
      met: busyMs <= BUSY_P99_MS,
    },
    {
      figure: "F10",
      what: "from a sale to its pixel at 100 000 flat sales/s, p99",
      goal: `at most ${LOADED_P99_MS} ms`,
      measured: `${loadedMs.toFixed(0)} ms`,
      met: loadedMs <= LOADED_P99_MS,
    },
  ];
}

/** The percentile of the times, for the table. */
function p(percent: number, times: readonly number[]): string {
  return times.length === 0 ? "–" : at(percent, times).toFixed(1);
}

function at(percent: number, times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? Number.NaN
  );
}
