/** Faults of the brokers: some are away, partitions move, logs are cut, topics are made anew. */

import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { OUTPUT_SETTINGS } from "../../../src/topics/own-settings.ts";
import {
  type ClusterArena,
  type ClusterFault,
  grown,
  healed,
  reasonsOf,
  said,
  startBoard,
  tool,
  withoutTimes,
} from "./fault.ts";

const AWAY_MS = 15_000;
/** So many that a client who sends a batch twice after a move is seen: with three it was luck. */
const MOVES = 12;
const BROKERS = [1, 2, 3];
const ONE = { "min.insync.replicas": "1" };

export const brokersAway: readonly ClusterFault[] = [
  {
    name: "two of three brokers are killed",
    injection: "SIGKILL of two brokers, so that min.insync.replicas is not met; both come back.",
    expected: "Nothing is counted meanwhile, the page says why, and the same process goes on.",
    run: loseTwo,
  },
  {
    name: "a partition of the output is offline",
    injection: "The only broker with one output partition is shut down, and started again.",
    expected: "That partition alone is not counted, and the page names it and its broker.",
    prepare: ({ broker, topics }) =>
      broker.createTopics({
        name: topics.output,
        partitions: [[1], [2], [3], [1]],
        config: { ...OUTPUT_SETTINGS, ...ONE },
      }),
    run: goOffline,
  },
  {
    name: "the broker that is read from is frozen",
    injection:
      "The process reads from the broker of its own rack (client.rack), even if another one leads. " +
      "That broker gets SIGSTOP for 3, 8 and 20 s, and is then restarted.",
    expected:
      "Nothing is refused and no position is lost, and the page never says that Kafka is silent.",
    run: freezeFollower,
  },
  {
    name: "partitions move between brokers",
    injection: "Input, output and history are reassigned again and again, and leaders are elected.",
    expected: "Sales are counted all the while, by the same process, and no line is an error.",
    run: reassign,
  },
  {
    name: "the history topic is made anew",
    injection: "The history topic is deleted, and created again, empty.",
    expected: "Totals go on, and history begins again.",
    run: renewHistory,
  },
];

async function loseTwo(arena: ClusterArena): Promise<void> {
  const run = await startBoard(arena);
  const away = [arena.broker.node(2), arena.broker.node(3)];
  await Promise.all(away.map((node) => node.kill()));
  await said(arena, run, /not been read|not answered|cannot be read|No sale/);
  await Bun.sleep(AWAY_MS);
  await Promise.all(away.map((node) => node.start()));
  arena.over();
  await healed(arena, run);
}

async function freezeFollower(arena: ClusterArena): Promise<void> {
  const run = await startBoard(arena, "admin", ["-X", "client.rack=c"]);
  const follower = arena.broker.node(3);
  const words = new Set<string>();
  for (const ms of [3_000, 8_000, 20_000]) {
    const end = performance.now() + ms;
    follower.pause();
    try {
      while (performance.now() < end) {
        for (const reason of await reasonsOf(run)) words.add(withoutTimes(reason, arena));
        await Bun.sleep(500);
      }
    } finally {
      follower.resume();
    }
    arena.over();
    await healed(arena, run);
  }
  await follower.restart();
  arena.over();
  await healed(arena, run);
  // The client has read from that broker, and misses it.
  expect(arena.linesOf(run, "The broker that this reader prefers is away")).not.toEqual([]);
  expect(arena.linesOf(run, "").filter(({ level }) => level === "ERROR")).toEqual([]);
  const all = [...words];
  expect(all.filter((word) => word.startsWith("Kafka has not answered"))).toEqual([]);
  arena.saw(
    `the page said ${all.length === 0 ? "nothing" : all.map((word) => `“${word}”`).join(", ")}`,
  );
}

async function goOffline(arena: ClusterArena): Promise<void> {
  const run = await startBoard(arena);
  await arena.broker.node(3).shutDown();
  await said(arena, run, /partition 2 of \S+ has no leader, because its broker 3 is away/);
  await grown(run);
  await arena.broker.node(3).start();
  arena.over();
  await healed(arena, run);
}

async function reassign(arena: ClusterArena): Promise<void> {
  const { input, output } = arena.topics;
  const run = await startBoard(arena);
  const file = `${arena.broker.node(1).dir}/${input}.json`;
  for (let round = 0; round < MOVES; round++) {
    const partitions = [input, output, `${output}.history`].flatMap((topic) =>
      [0, 1, 2, 3].map((partition) => {
        const first = (partition + round) % BROKERS.length;
        const replicas = [...BROKERS.slice(first), ...BROKERS.slice(0, first)];
        return { topic, partition, replicas: round === 1 ? replicas.slice(0, 2) : replicas };
      }),
    );
    writeFileSync(file, JSON.stringify({ version: 1, partitions }));
    const moves = ["--reassignment-json-file", file, "--execute"];
    arena.struck();
    await tool(arena, "org.apache.kafka.tools.reassign.ReassignPartitionsCommand", ...moves);
    await arena.broker.inSync([input, output], 2);
    const elects = ["--election-type", "PREFERRED", "--all-topic-partitions"];
    await tool(arena, "org.apache.kafka.tools.LeaderElectionCommand", ...elects);
    await healed(arena, run);
  }
  expect(arena.linesOf(run, "").filter(({ level }) => level === "ERROR")).toEqual([]);
}

async function renewHistory(arena: ClusterArena): Promise<void> {
  const run = await startBoard(arena);
  const name = `${arena.topics.output}.history`;
  await tool(arena, "org.apache.kafka.tools.TopicCommand", "--delete", "--topic", name);
  await said(arena, run, /No sale has been counted/);
  await arena.broker.createTopics({ name, partitions: 4, config: OUTPUT_SETTINGS });
  arena.over();
  await healed(arena, run);
}
