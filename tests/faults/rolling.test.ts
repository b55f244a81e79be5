/**
 * Three brokers are restarted one after the other, as for an update of Kafka, while sales flow. The
 * aggregators connect by TLS with a password.
 */

import { test as bunTest, expect } from "bun:test";
import { type KafkaCluster, startCluster } from "../support/kafka-cluster.ts";
import { requirement } from "../support/require.ts";
import { Arena } from "./arena.ts";
import { KafkaProxy } from "./proxy.ts";
import { scaleOf } from "./scale.ts";

const TEST_MS_MAX = 900_000;
const BROKERS = [1, 2, 3];
/** Kafka's own topics, which counting needs as much as ours. */
const KAFKAS_OWN = ["__consumer_offsets", "__transaction_state"];

/** Minutes, on a machine with other work: in `npm run faults` alone. */
const isFull = Bun.env.FAULTS_ROUNDS !== undefined || Bun.env.FAULTS_WRITE !== undefined;
const test = isFull ? requirement("java", "maven", "openssl", "kcat") : bunTest.skip;
const scale = { ...scaleOf(Bun.env), rate: 500 };

// Questions to the cluster waited for the one broker that was away, and offsets for a coordinator
// that had moved: an aggregator stood still for minutes, and the page was not ready.
test(
  "every sale is counted once while the brokers are restarted one after the other",
  async () => {
    const proxy = await KafkaProxy.listen();
    const cluster = await startCluster({ settings: scale.settings });
    const arena = new Arena({ name: "rolling restart", broker: cluster, proxy, scale });
    try {
      await arena.open();
      await roll(arena, cluster);
      await arena.finish();
    } finally {
      await arena.close();
      proxy.close();
      await cluster.stop();
    }
  },
  TEST_MS_MAX,
);

async function roll(arena: Arena<KafkaCluster>, cluster: KafkaCluster): Promise<void> {
  const [, brokers = "", ...args] = cluster.as("admin");
  const runs = [await arena.start(args, brokers), await arena.start(args, brokers)];
  arena.sell();
  for (const number of BROKERS) {
    await cluster.node(number).shutDown();
    arena.struck();
    await arena.recovered();
    await cluster.node(number).start();
    await cluster.inSync([arena.topics.input, arena.topics.output, ...KAFKAS_OWN]);
  }
  // The same processes, and nothing that somebody would have to look at.
  for (const run of runs) {
    expect(arena.linesOf(run, "Stopping on")).toEqual([]);
    expect(arena.linesOf(run, "").filter(({ level }) => level === "ERROR")).toEqual([]);
  }
}
