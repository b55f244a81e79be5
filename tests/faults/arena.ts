/**
 * Where one fault happens: topics and a group of its own on a real broker, instances of the real
 * executable, and sales that flow until the end.
 */

import { expect } from "bun:test";
import type { Verification } from "../../src/verify/verify.ts";
import { type LogLine, logged, logOf, newTopics, Runs } from "../support/board.ts";
import { runSalesboard, type Salesboard } from "../support/executable.ts";
import type { KafkaBroker } from "../support/kafka.ts";
import { timeoutArgs } from "../support/timeouts.ts";
import { outputTotals, rowsOf } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";
import { madeUpTotals } from "./made-up.ts";
import { GroupProgress } from "./progress.ts";
import type { KafkaProxy } from "./proxy.ts";
import type { Scale } from "./scale.ts";

const PARTITIONS = 4;
/** For people, about a wait in vain: the wait for it must not be one more. */
const ANSWER_MS_MAX = 10_000;
const LAST_LINES = 12;

/** What was observed of a fault. */
export interface Observation {
  /** Sent, counted, and verified. */
  sales: number;
  /** One for each `struck` or `over` that a `recovered` followed. */
  recoveriesMs: readonly number[];
  /** What else was seen, as said to `saw`. */
  details: readonly string[];
}

/** One broker, or a cluster of them. */
type Brokers = Pick<KafkaBroker, "brokers">;

export interface ArenaOptions<B extends Brokers> {
  name: string;
  broker: B;
  /** In front of the broker: who uses `proxy.brokers` as its bootstrap servers stays behind it. */
  proxy: KafkaProxy;
  scale: Scale;
}

export class Arena<B extends Brokers = KafkaBroker> {
  readonly broker: B;
  readonly proxy: KafkaProxy;
  readonly scale: Scale;
  readonly topics: ReturnType<typeof newTopics>;
  readonly #progress: GroupProgress;
  readonly #runs = new Runs();
  readonly #instances = new Set<Salesboard>();
  readonly #producers: Salesboard[] = [];
  readonly #recoveriesMs: number[] = [];
  readonly #details: string[] = [];
  #removed: { counted: number; unread: Salesboard | undefined } | undefined;
  #isCut = false;
  #since: { at: number; marks: Promise<Map<number, number>> } | undefined;

  constructor({ name, broker, proxy, scale }: ArenaOptions<B>) {
    this.broker = broker;
    this.proxy = proxy;
    this.scale = scale;
    this.topics = newTopics(
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .slice(0, 60),
    );
    this.#progress = new GroupProgress({
      brokers: broker.brokers,
      topic: this.topics.input,
      group: this.topics.input,
    });
  }

  async open(): Promise<void> {
    await this.#progress.createTopic(PARTITIONS);
  }

  /** An aggregator, as soon as it owns partitions. The time-outs are those of the scale. */
  async start(args: readonly string[] = [], brokers = this.broker.brokers): Promise<Salesboard> {
    const run = this.launch(args, brokers);
    await logged(run, "Partitions assigned.");
    return run;
  }

  /** An aggregator, or another command, that is not waited for. */
  launch(
    args: readonly string[] = [],
    brokers = this.broker.brokers,
    command: readonly string[] = ["aggregate"],
  ): Salesboard {
    const properties = timeoutArgs(this.scale);
    const own = ["--brokers", brokers, ...this.topics.args, "--log-format", "json"];
    const run = this.#runs.start([...command, ...own, ...properties, ...args]);
    this.#instances.add(run);
    void run.exited.then(() => this.#instances.delete(run));
    return run;
  }

  /** Sales begin to flow, past the proxy, and do so until `finish` when there is no `count`. */
  sell({
    rate = this.scale.rate,
    count,
    args: more = [],
  }: {
    rate?: number;
    count?: number;
    args?: readonly string[];
  } = {}): Salesboard {
    const seed = String(this.#producers.length + 1);
    const args = ["produce", "--brokers", this.broker.brokers, ...this.topics.args];
    const flow = ["--rate", String(rate), "--seed", seed, "--log-format", "json"];
    // A broker may be down just then, and a busy machine takes its time to start it again.
    flow.push("--startup-timeout", "120s");
    if (count !== undefined) flow.push("--count", String(count));
    const run = this.#runs.start([...args, ...flow, ...more]);
    this.#producers.push(run);
    return run;
  }

  /** The fault happens now: recovery is counted from here. */
  struck(): void {
    this.#since = { at: performance.now(), marks: this.#progress.ends() };
    // Looked at by `recovered`.
    this.#since.marks.catch(() => {});
  }

  /** The outage is over now: recovery is counted from here. */
  over(): void {
    this.struck();
  }

  /**
   * Waits until a sale that was sent after `struck` or `over` is counted on every partition: the
   * group has committed an offset beyond the end that the partition had then.
   * @returns milliseconds since then
   */
  async recovered(): Promise<number> {
    const since = this.#since;
    if (!since) throw new Error("Nothing to recover from: call struck() or over() first.");
    const marks = await since.marks;
    await waitFor(() => this.#progress.isBeyond(marks), {
      what: "sales sent after the fault to be counted on every partition",
      progress: () => this.#progress.lacking,
    }).catch((error) => this.#explain(error));
    const ms = Math.round(performance.now() - since.at);
    this.#recoveriesMs.push(ms);
    return ms;
  }

  /** Adds to what the table says was observed: a short phrase without a full stop. */
  saw(phrase: string): void {
    this.#details.push(phrase);
  }

  /**
   * Input is deleted on every partition: `verify` must say of how many counted sales it cannot
   * tell. The totals must be those of all sales sent, but for those of the producer `unread`.
   */
  inputWasRemoved({ counted, unread }: { counted: number; unread?: Salesboard }): void {
    this.#removed = { counted, unread };
  }

  /** Records of the input are gone that were acknowledged: the totals are those of what is left. */
  inputWasCut(): void {
    this.#isCut = true;
  }

  /** All log lines of an instance so far with this text. */
  linesOf(run: Salesboard, text: string): LogLine[] {
    return logOf({ stderr: run.stderr() }).filter(({ message }) => message.includes(text));
  }

  /**
   * Ends the flow, waits until every sale is counted, verifies the totals, and stops the instances
   * in order. At least one instance must own the partitions.
   */
  async finish(): Promise<Observation> {
    const flows = await this.#endFlows();
    const ends = await this.#progress.ends();
    await waitFor(() => this.#progress.hasReached(ends), {
      what: "every sale to be counted",
      progress: () => this.#progress.lacking,
    }).catch((error) => this.#explain(error));
    const sent = flows.reduce((sum, flow) => sum + flow.sales, 0);
    const sales = await this.#verify(sent);
    if (!this.#isCut) {
      const { brokers } = this.broker;
      const totals = await outputTotals(brokers, this.topics.output);
      expect(rowsOf(totals)).toEqual(rowsOf(madeUpTotals(flows)));
    }
    for (const run of [...this.#instances]) expect(await run.stop()).toBe(0);
    return { sales, recoveriesMs: this.#recoveriesMs, details: this.#details };
  }

  /** @returns the sales that count, all of those sent unless the input was cut */
  async #verify(sent: number): Promise<number> {
    const verified = await runSalesboard([
      ...["verify", "--json", "--brokers", this.broker.brokers, ...this.topics.args],
    ]);
    expect(verified.stderr).toBe("");
    const found: Verification = JSON.parse(verified.stdout);
    expect(found).toMatchObject({ equal: true, deadLetters: 0, differences: [] });
    expect(found.slots).toBeGreaterThan(0);
    const unknown = found.incomplete.reduce((sum, partition) => sum + partition.sales, 0);
    expect(unknown).toBe(this.#removed?.counted ?? 0);
    if (this.#isCut) expect(found.sales).toBeLessThan(sent);
    else expect(found.sales + unknown).toBe(sent);
    expect(verified.status).toBe(0);
    return found.sales + unknown;
  }

  /** Ends whatever is left, also after a failure. */
  async close(): Promise<void> {
    await Promise.all([this.#runs.end(), this.#progress.close()]);
  }

  /** The sales that were acknowledged, but for those that were removed unread. */
  async #endFlows(): Promise<{ seed: number; sales: number }[]> {
    const flows: { seed: number; sales: number }[] = [];
    for (const [i, producer] of this.#producers.entries()) {
      expect(await producer.stop()).toBe(0);
      const lines = logOf({ stderr: producer.stderr() });
      const last = lines.find(({ message }) => /^(Producer stopped|All sales ack)/.test(message));
      if (!last) throw new Error(`A producer said no number of sales:\n${producer.stderr()}`);
      const sales = Number(last.properties.sales);
      expect(sales).toBeGreaterThan(0);
      if (producer !== this.#removed?.unread) flows.push({ seed: i + 1, sales });
    }
    expect(flows).not.toEqual([]);
    return flows;
  }

  async #explain(error: Error): Promise<never> {
    const said = (who: string, runs: Iterable<Salesboard>) => {
      return [...runs].map((run) => {
        const lines = run.stderr().trimEnd().split("\n").slice(-LAST_LINES);
        return [`--- ${who} (process ${run.pid}) said last:`, ...lines].join("\n");
      });
    };
    const logs = [...said("an instance", this.#instances), ...said("a producer", this.#producers)];
    const progress = await this.#progress.described(ANSWER_MS_MAX).catch(String);
    const [sentence = ""] = error.message.split("\n");
    throw new Error([sentence, progress, ...logs].join("\n"));
  }
}
