/**
 * The campaign on three brokers: each fault strikes aggregators that connect by TLS with a password
 * while sales flow, and then `salesboard verify` must find every sale counted once.
 */

import { afterAll, test as always, beforeAll, describe, expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type KafkaCluster, startCluster } from "../support/kafka-cluster.ts";
import { requirement } from "../support/require.ts";
import { Arena, type Observation } from "./arena.ts";
import { type ClusterFault, clusterFaults } from "./cluster-faults.ts";
import { KafkaProxy } from "./proxy.ts";
import { clusterSection, observedText, withClusterSection } from "./report.ts";
import { scaleOf } from "./scale.ts";

const FAULT_MS_MAX = 900_000;
const reportPath = fileURLToPath(new URL("../FAULTS.md", import.meta.url));
const test = requirement("java", "maven", "openssl", "kcat");
const scale = { ...scaleOf(Bun.env), rate: 500 };
const observed = new Map<ClusterFault, Observation>();
let cluster: KafkaCluster;
let proxy: KafkaProxy;

describe("on three brokers every sale is counted once:", () => {
  if (test === always) {
    beforeAll(async () => {
      proxy = await KafkaProxy.listen();
      cluster = await startCluster({ settings: scale.settings });
    }, 180_000);
    afterAll(async () => {
      proxy.close();
      await cluster.stop();
    });
  }
  for (const fault of clusterFaults) test(fault.name, () => strike(fault), FAULT_MS_MAX);
});

async function strike(fault: ClusterFault): Promise<void> {
  const arena = new Arena({ name: fault.name, broker: cluster, proxy, scale });
  try {
    await arena.open();
    await fault.run(arena);
    const observation = await arena.finish();
    observed.set(fault, observation);
    console.log(`${fault.name}: ${observedText(observation)}.`);
  } finally {
    await arena.close();
    for (const node of cluster.nodes) if (!node.isRunning) await node.start();
  }
}

always("FAULTS.md tells of exactly these faults of a cluster", () => {
  if (Bun.env.FAULTS_WRITE) {
    expect(observed.size).toBe(clusterFaults.length);
    const before = readFileSync(reportPath, "utf8");
    writeFileSync(reportPath, withClusterSection(before, clusterSection(observed, scale)));
  }
  const words = readFileSync(reportPath, "utf8").replace(/\s+/g, " ");
  for (const { name, injection, expected } of clusterFaults) {
    expect(words).toContain(`**${name}**: ${injection} ${expected}`);
  }
});
