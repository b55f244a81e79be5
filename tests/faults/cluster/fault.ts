/** What the faults of three brokers share: a process with a page, and what the page says. */

import { expect } from "bun:test";
import type { Salesboard } from "../../support/executable.ts";
import type { KafkaCluster } from "../../support/kafka-cluster.ts";
import { kafkaTool } from "../../support/kafka-process.ts";
import type { ApiTotals } from "../../support/totals.ts";
import { waitFor } from "../../support/wait.ts";
import type { Arena } from "../arena.ts";
import type { Fault } from "../fault.ts";

export type ClusterArena = Arena<KafkaCluster>;

export interface ClusterFault extends Omit<Fault, "run"> {
  /** What this machine lacks for it, as a sentence; undefined = nothing. */
  missing?(): string | undefined;
  /** Before there are topics. */
  prepare?(arena: ClusterArena): Promise<void>;
  run(arena: ClusterArena): Promise<void>;
  /** At the end, whatever happened. Brokers that do not run are started afterwards. */
  cleanUp?(arena: ClusterArena): Promise<void>;
}

const SOLD_MIN = 500;

/**
 * A process with aggregator and dashboard, of this user, after it has counted some sales. `more`:
 * options. `flow`: of the sales, which else do not end.
 */
export async function startBoard(
  arena: ClusterArena,
  user: "admin" | "board" = "admin",
  more: readonly string[] = [],
  flow: { count?: number } = {},
): Promise<Salesboard> {
  const [, brokers = "", ...args] = arena.broker.as(user);
  const command = ["run", "--roles", "aggregator,dashboard", "--port", "0"];
  const run = arena.launch([...args, ...more], brokers, command);
  arena.sell(flow);
  await grown(run, SOLD_MIN);
  return run;
}

/** Waits until so many more sales are counted. */
export async function grown(run: Salesboard, by = 1): Promise<void> {
  const sales = async () => (await run.api<ApiTotals>("/api/totals").catch(none)).total.sales;
  const before = await sales();
  const isMore = async () => (await sales()) >= before + by;
  await waitFor(isMore, { what: "more sales to be counted" });
}

const none = () => ({ total: { sales: 0 } }) as ApiTotals;

export async function reasonsOf(run: Salesboard): Promise<string[]> {
  const answer = await fetch(`${await run.url()}/readyz`);
  const { reasons = [] } = (await answer.json()) as { reasons?: string[] };
  return reasons;
}

/** Waits for the sentence in `/readyz`, and notes it, with the seconds since this call. */
export async function said(arena: ClusterArena, run: Salesboard, words: RegExp): Promise<void> {
  const startedAt = performance.now();
  const sentence = await waitFor(
    async () => (await reasonsOf(run)).find((reason) => words.test(reason)),
    { what: `/readyz to say ${words}` },
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  arena.saw(`after ${seconds} s: “${withoutTimes(sentence, arena)}”`);
}

/** Topics and times of a run are no news to a reader. */
export function withoutTimes(sentence: string, { topics }: ClusterArena): string {
  return sentence
    .replaceAll(topics.input, "sales")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…")
    .replace(/\.$/, "");
}

/** The end of an outage: sales are counted on every partition again, and `/readyz` answers 200. */
export async function healed(arena: ClusterArena, run: Salesboard): Promise<void> {
  await arena.recovered();
  const isReady = async () => (await fetch(`${await run.url()}/readyz`)).ok;
  await waitFor(isReady, { what: "/readyz to be ready" });
  expect(arena.linesOf(run, "Stopping on")).toEqual([]);
}

/** One of Kafka's own command-line tools. */
export function tool(arena: ClusterArena, name: string, ...args: string[]): Promise<string> {
  return kafkaTool(name, ["--bootstrap-server", arena.broker.brokers, ...args]);
}
