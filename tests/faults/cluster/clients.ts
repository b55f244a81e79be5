/** Faults by other clients of the brokers, and by those who run them: quotas and passwords. */

import { expect } from "bun:test";
import { RecordBatch } from "../../../src/kafka/kafka.ts";
import { librdkafka } from "../../../src/kafka/librdkafka.ts";
import { quietLog } from "../../support/context.ts";
import { scramUsers } from "../../support/kafka-files.ts";
import { recordsOf } from "../../support/records.ts";
import { waitFor } from "../../support/wait.ts";
import {
  type ClusterArena,
  type ClusterFault,
  grown,
  healed,
  said,
  startBoard,
  tool,
} from "./fault.ts";

const WAIT_MS_MAX = 60_000;
/** The broker must not end it before we do. */
const FOREIGN_MS = 300_000;
const SECRET = scramUsers.board;

export const clients: readonly ClusterFault[] = [
  {
    name: "a client holds a transaction open on the input",
    injection:
      "A producer writes one record to one input partition, and neither commits nor aborts.",
    expected: "The page names topic, partition and offset; the other partitions are counted.",
    run: (arena) => holdOpen(arena, arena.topics.input),
  },
  {
    name: "a client holds a transaction open on the output",
    injection: "The same on one output partition.",
    expected: "The page names topic, partition and offset; the other partitions are counted.",
    run: (arena) => holdOpen(arena, arena.topics.output),
  },
  {
    name: "a quota holds the aggregator back",
    injection: "The user may read and write 2,000 bytes a second; then the quota is deleted.",
    expected: "The page says that sales are late because of a quota.",
    prepare: grantAll,
    run: throttle,
  },
  {
    name: "the password is changed",
    injection: "The user gets another password, and two brokers restart; then the first one again.",
    expected: "The page says that the brokers refuse the login; the same process goes on.",
    prepare: grantAll,
    run: changePassword,
  },
  {
    name: "a foreign member takes partitions of the group",
    injection: "Another program joins the group, commits nothing, and leaves.",
    expected: "The page names the program and its partitions.",
    run: joinGroup,
  },
  {
    name: "two processes have the same group.instance.id",
    injection:
      "A second aggregator starts with the -X group.instance.id of the first, and is killed.",
    expected:
      "The first one says why it counts no more and waits; the second one counts until it dies, and " +
      "then the first one again.",
    run: shareInstance,
  },
  {
    name: "the brokers speak the earlier protocol of transactions",
    injection:
      "The feature transaction.version is 0; the leader of an output partition is killed and comes " +
      "back; then the version is raised while sales flow.",
    expected: "Sales are counted with either version, by the same process.",
    prepare: (arena) => setTransactionVersion(arena, "downgrade", 0),
    run: raiseVersion,
    cleanUp: (arena) => setTransactionVersion(arena, "upgrade", 2).catch(() => undefined),
  },
];

async function holdOpen(arena: ClusterArena, topic: string): Promise<void> {
  const run = await startBoard(arena);
  const producer = kafkaOf(arena, {
    "transaction.timeout.ms": String(FOREIGN_MS),
  }).transactionalProducer({ transactionalId: `foreign-${topic}` });
  try {
    await producer.init();
    producer.begin();
    const value = new TextEncoder().encode("{}");
    producer.produce(topic, recordsOf([{ key: value, value, partition: 1 }]));
    await producer.flush(WAIT_MS_MAX);
    await said(arena, run, /behind an undecided transaction can be read, in partition 1 \(offset/);
    await grown(run);
    await producer.abort();
    arena.over();
    await healed(arena, run);
  } finally {
    await producer.close();
  }
}

/** The user may do all with the topics and the group of the arena. */
async function grantAll({ broker, topics }: ClusterArena): Promise<void> {
  const name = `${topics.input}*`;
  const operations = ["Read", "Write", "Create", "Describe"] as const;
  await broker.allow(
    "board",
    ...operations.map((operation) => ({ resource: "topic", name, operation }) as const),
    { resource: "group", name, operation: "Read" },
    { resource: "transactionalId", name, operation: "Write" },
  );
}

function settle(arena: ClusterArena, ...change: string[]): Promise<string> {
  const user = ["--alter", "--entity-type", "users", "--entity-name", "board"];
  return tool(arena, "kafka.admin.ConfigCommand", ...user, ...change);
}

async function throttle(arena: ClusterArena): Promise<void> {
  const run = await startBoard(arena, "board");
  const rates = ["consumer_byte_rate", "producer_byte_rate"];
  await settle(arena, "--add-config", rates.map((rate) => `${rate}=2000`).join(","));
  try {
    await said(arena, run, /^A quota holds Salesboard back/);
  } finally {
    await settle(arena, "--delete-config", rates.join(","));
  }
  arena.over();
  await healed(arena, run);
}

async function changePassword(arena: ClusterArena): Promise<void> {
  const run = await startBoard(arena, "board");
  const set = (password: string) =>
    settle(arena, "--add-config", `SCRAM-SHA-512=[iterations=4096,password=${password}]`);
  await set("another-secret");
  try {
    for (const number of [1, 2]) {
      await arena.broker.node(number).restart();
      await arena.broker.inSync([arena.topics.input]);
    }
    await said(arena, run, /^The brokers refuse the login of user board/);
  } finally {
    await set(SECRET);
  }
  arena.over();
  await healed(arena, run);
}

async function joinGroup(arena: ClusterArena): Promise<void> {
  const run = await startBoard(arena);
  const { input } = arena.topics;
  const kafka = kafkaOf(arena, { "client.id": "warehouse" });
  const member = kafka.groupConsumer({ topic: input, group: input });
  const batch = new RecordBatch({ recordsMax: 1_000, bytesMax: 1024 * 1024 });
  let isOver = false;
  const owned: number[] = [];
  const polls = (async () => {
    while (!isOver) {
      for (const event of await member.poll(batch, 100)) {
        if (event.type === "assigned") {
          owned.push(...event.partitions);
          await member.assign(event.partitions.map((partition) => ({ partition, offset: 0 })));
        } else if (event.type === "revoked") await member.unassign(event.partitions);
      }
    }
  })();
  try {
    await waitFor(() => owned.length > 0, { what: "the member to own partitions" });
    await said(
      arena,
      run,
      /^Partitions? .+ to warehouse at .+another program.+: stop that program/,
    );
    await grown(run);
  } finally {
    isOver = true;
    await polls;
    await member.close();
  }
  arena.over();
  await healed(arena, run);
  expect(owned.length).toBeLessThan(4);
}

async function shareInstance(arena: ClusterArena): Promise<void> {
  const own = ["-X", "group.instance.id=till"];
  const run = await startBoard(arena, "admin", own);
  const [, brokers = "", ...args] = arena.broker.as("admin");
  const other = await arena.start([...args, ...own], brokers);
  await said(arena, run, /^Another process has taken the place .+ -X group\.instance\.id=till/);
  arena.struck();
  await arena.recovered();
  expect(arena.linesOf(other, "Another process has taken the place")).toEqual([]);
  await other.kill();
  arena.over();
  await healed(arena, run);
}

async function setTransactionVersion(
  arena: ClusterArena,
  command: "upgrade" | "downgrade",
  version: number,
): Promise<void> {
  const feature = ["--feature", `transaction.version=${version}`];
  await tool(arena, "org.apache.kafka.tools.FeatureCommand", command, ...feature);
}

async function raiseVersion(arena: ClusterArena): Promise<void> {
  const { broker, topics } = arena;
  const run = await startBoard(arena);
  const [{ leader = 1 } = {}] = await broker.partitionsOf(topics.output);
  await broker.node(leader).kill();
  arena.struck();
  await arena.recovered();
  await broker.node(leader).start();
  await broker.inSync([topics.input, topics.output]);
  await setTransactionVersion(arena, "upgrade", 2);
  arena.over();
  await healed(arena, run);
}

function kafkaOf({ broker: { brokers } }: ClusterArena, properties = {}) {
  return librdkafka({ brokers, properties, log: quietLog });
}
