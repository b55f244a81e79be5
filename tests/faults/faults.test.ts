/**
 * The campaign: each fault strikes the real executable on real Kafka while sales flow, and then
 * `salesboard verify` must find every sale counted once.
 */

import { afterAll, beforeAll, describe, expect, test as plainTest } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type KafkaBroker, startKafka } from "../support/kafka.ts";
import { requirement } from "../support/require.ts";
import { Arena, type Observation } from "./arena.ts";
import { brokerFaults } from "./brokers.ts";
import type { Fault } from "./fault.ts";
import { networkFaults } from "./network.ts";
import { processFaults } from "./processes.ts";
import { KafkaProxy } from "./proxy.ts";
import {
  clusterSectionOf,
  describedIn,
  observedText,
  problemsOf,
  table,
  withClusterSection,
} from "./report.ts";
import { scaleOf } from "./scale.ts";
import { topicFaults } from "./topics.ts";

/** A guard against hanging alone. It contains the turns of the faults before. */
const FAULT_MS_MAX = 1_800_000;
const reportPath = fileURLToPath(new URL("../FAULTS.md", import.meta.url));
const test = requirement("java", "maven", "kcat");

const faults: readonly Fault[] = [
  ...processFaults,
  ...networkFaults,
  ...brokerFaults,
  ...topicFaults,
];
const scale = scaleOf(Bun.env);
const observed = new Map<Fault, Observation>();
let proxy: KafkaProxy;
let broker: KafkaBroker;

describe("every sale is counted once:", () => {
  if (test === plainTest) {
    beforeAll(async () => {
      proxy = await KafkaProxy.listen();
      broker = await startKafka({ proxiedBy: proxy.port, settings: scale.settings });
      proxy.target = broker.proxiedPort;
    }, 600_000);
    afterAll(async () => {
      proxy.close();
      await broker.stop();
    });
  }

  // Most of the time is waiting for sessions to end: faults that use the proxy, and those that do
  // not, go on beside each other in the short campaign. What befalls the broker befalls them all.
  const besides = scale.atOnce > 1 ? test.concurrent : test;
  for (const lane of [networkFaults, [...processFaults, ...topicFaults]]) {
    let last: Promise<void> = Promise.resolve();
    for (const fault of lane) {
      const turn = () => {
        const own = last.then(() => strike(fault));
        last = own.catch(() => {});
        return own;
      };
      besides(fault.name, turn, FAULT_MS_MAX);
    }
  }
  for (const fault of brokerFaults) test(fault.name, () => strike(fault), FAULT_MS_MAX);
});

async function strike(fault: Fault): Promise<void> {
  const arena = new Arena({ name: fault.name, broker, proxy, scale });
  try {
    await arena.open();
    await fault.run(arena);
    const observation = await arena.finish();
    observed.set(fault, observation);
    console.log(`${fault.name}: ${observedText(observation)}.`);
  } finally {
    if (networkFaults.includes(fault)) proxy.calm();
    await arena.close();
  }
}

plainTest("FAULTS.md tells of exactly these faults, as the full campaign saw them", () => {
  if (Bun.env.FAULTS_WRITE) {
    expect(observed.size).toBe(faults.length);
    const section = clusterSectionOf(readFileSync(reportPath, "utf8"));
    // Faults strike in another order, each kind beside the others.
    const inOrder = new Map(faults.map((fault) => [fault, observed.get(fault) as Observation]));
    writeFileSync(reportPath, withClusterSection(table(inOrder, scale), section));
  }
  const told = faults.map(({ name, injection, expected }) => ({ name, injection, expected }));
  const markdown = readFileSync(reportPath, "utf8");
  expect(describedIn(markdown).map(({ sales: _, ...row }) => row)).toEqual(told);
  expect(problemsOf(markdown)).toEqual([]);
});
