/** Faults of a cluster of three brokers, of which one at a time is away. */

import { expect } from "bun:test";
import type { KafkaCluster } from "../support/kafka-cluster.ts";
import type { Arena } from "./arena.ts";
import type { Fault } from "./fault.ts";

type ClusterArena = Arena<KafkaCluster>;

export interface ClusterFault extends Omit<Fault, "run"> {
  run(arena: ClusterArena): Promise<void>;
}

const BROKERS = [1, 2, 3];
/** Kafka's own topics, which counting needs as much as ours. */
const KAFKAS_OWN = ["__consumer_offsets", "__transaction_state"];
/** A transaction of an aggregator is given up after this time, and a commit needs another one. */
const STANDSTILL_MS = 12_000;

export const clusterFaults: readonly ClusterFault[] = [
  {
    name: "the brokers are restarted one after the other",
    injection: "SIGTERM of each broker in turn, and a new start; the next when all are in sync.",
    expected: "The same processes count on, while each broker is away and when it is back.",
    run: roll,
  },
  {
    name: "a leader is killed, and then too few replicas are in sync",
    injection:
      "SIGKILL of the broker that leads an output partition; then the output asks for three " +
      "in-sync replicas, and has two, until the broker is back.",
    expected:
      "Sales are counted without the leader; none is while replicas lack; all are afterwards.",
    run: loseReplicas,
  },
];

async function roll(arena: ClusterArena): Promise<void> {
  const { broker: cluster, scale } = arena;
  const runs = await startTwo(arena);
  arena.sell();
  for (let round = 0; round < Math.ceil(scale.rounds / 3); round++) {
    for (const number of BROKERS) {
      await cluster.node(number).shutDown();
      arena.struck();
      await arena.recovered();
      await cluster.node(number).start();
      await inSync(arena);
    }
  }
  for (const run of runs) {
    expect(arena.linesOf(run, "Stopping on")).toEqual([]);
    expect(arena.linesOf(run, "failed and restarts")).toEqual([]);
  }
  arena.saw(`${BROKERS.length * Math.ceil(scale.rounds / 3)} restarts`);
}

async function loseReplicas(arena: ClusterArena): Promise<void> {
  const { broker: cluster, scale, topics } = arena;
  await startTwo(arena);
  arena.sell();
  arena.struck();
  await arena.recovered();
  for (let round = 0; round < scale.rounds; round++) {
    const partitions = await cluster.partitionsOf(topics.output);
    const leader = partitions[round % partitions.length]?.leader ?? 1;
    await cluster.node(leader).kill();
    arena.struck();
    await arena.recovered();
    await cluster.alterTopic(topics.output, { "min.insync.replicas": "3" });
    const before = await arena.committedWhenQuiet(STANDSTILL_MS);
    expect(before).toBeGreaterThan(0);
    await cluster.node(leader).start();
    arena.over();
    await inSync(arena);
    await arena.recovered();
    await cluster.alterTopic(topics.output, { "min.insync.replicas": "2" });
  }
  arena.saw(`${scale.rounds} × without a leader, and without enough replicas`);
}

/** Two aggregators, by the listener with TLS and passwords. */
async function startTwo(arena: ClusterArena) {
  const { broker: cluster } = arena;
  const [, brokers = "", ...args] = cluster.as("admin");
  return [await arena.start(args, brokers), await arena.start(args, brokers)];
}

function inSync({ broker: cluster, topics }: ClusterArena): Promise<void> {
  return cluster.inSync([topics.input, topics.output, ...KAFKAS_OWN]);
}
