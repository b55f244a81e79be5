/**
 * The campaign on three brokers: each fault strikes a process with aggregator and dashboard that
 * connects by TLS with a password while sales flow. The page must say what is wrong, and then
 * `salesboard verify` must find every sale counted once.
 */

import { afterAll, beforeAll, test as bunTest, describe, expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type KafkaCluster, startCluster } from "../support/kafka-cluster.ts";
import { requirement } from "../support/require.ts";
import { Arena, type Observation } from "./arena.ts";
import { brokersAway } from "./cluster/brokers-away.ts";
import { clients } from "./cluster/clients.ts";
import { disks } from "./cluster/disks.ts";
import { elections } from "./cluster/elections.ts";
import type { ClusterFault } from "./cluster/fault.ts";
import { KafkaProxy } from "./proxy.ts";
import { clusterSection, observedText, withClusterSection, withoutManySection } from "./report.ts";
import { scaleOf } from "./scale.ts";

const FAULT_MS_MAX = 600_000;
const reportPath = fileURLToPath(new URL("../FAULTS.md", import.meta.url));
/** Minutes, on a machine with other work: in `npm run faults` alone. */
const isFull = Bun.env.FAULTS_ROUNDS !== undefined || Bun.env.FAULTS_WRITE !== undefined;
const test = isFull ? requirement("java", "maven", "openssl", "kcat") : bunTest.skip;
const scale = { ...scaleOf(Bun.env), rate: 200 };
const faults: readonly ClusterFault[] = [...brokersAway, ...elections, ...disks, ...clients];
const observed = new Map<ClusterFault, Observation>();
let cluster: KafkaCluster;
let proxy: KafkaProxy;

describe("on three brokers every sale is counted once:", () => {
  if (isFull) {
    beforeAll(async () => {
      proxy = await KafkaProxy.listen();
      cluster = await startCluster({ settings: scale.settings });
    }, FAULT_MS_MAX);
    afterAll(async () => {
      proxy.close();
      await cluster.stop();
    });
  }
  for (const fault of faults) {
    const missing = isFull ? fault.missing?.() : undefined;
    if (missing) console.warn(`Skipped: ${fault.name}: ${missing}`);
    (missing ? bunTest.skip : test)(fault.name, () => strike(fault), FAULT_MS_MAX);
  }
});

async function strike(fault: ClusterFault): Promise<void> {
  const arena = new Arena({ name: fault.name, broker: cluster, proxy, scale });
  try {
    await fault.prepare?.(arena);
    await arena.open();
    await fault.run(arena);
    const observation = await arena.finish();
    observed.set(fault, observation);
    console.log(`${fault.name}: ${observedText(observation)}.`);
  } finally {
    await arena.close();
    await fault.cleanUp?.(arena);
    for (const node of cluster.nodes) if (!node.isRunning) await node.start();
  }
}

bunTest("FAULTS.md tells of exactly these faults of a cluster", () => {
  const before = readFileSync(reportPath, "utf8");
  if (Bun.env.FAULTS_WRITE) {
    expect(observed.size).toBe(faults.length);
    writeFileSync(reportPath, withClusterSection(before, clusterSection(observed)));
  }
  const words = withoutManySection(readFileSync(reportPath, "utf8")).replace(/\s+/g, " ");
  for (const { name, injection, expected } of faults) {
    expect(words).toContain(`**${name}**: ${injection} ${expected} _`);
  }
  expect(words.match(/\*\*: /g)).toHaveLength(faults.length);
});
