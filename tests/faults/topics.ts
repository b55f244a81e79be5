/** Faults of topics: what others do to them while sales flow. */

import { expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import type { Kafka, RecordBatch } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { decodeBookkeeping, isBookkeepingKey } from "../../src/wire/bookkeeping.ts";
import { quietLog } from "../support/context.ts";
import { readTopic, recordsOf } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";
import type { Arena } from "./arena.ts";
import type { Fault } from "./fault.ts";
import { OpenTransactions } from "./open-transactions.ts";
import { ownedBy, untilOwned } from "./ownership.ts";
import { GroupProgress } from "./progress.ts";

const PARTITIONS = [0, 1, 2, 3];
const PARTITIONS_MORE = 6;
/** Clients hear of new partitions within this time, not within Kafka's five minutes. */
const HEAR_SOON = ["-X", "topic.metadata.refresh.interval.ms=1000"];
/** The broker must not end it before we do. */
const FOREIGN_MS = 300_000;
const STILL_MS = 1_000;
const WAIT_MS_MAX = 60_000;
/** Sales in each batch of them that is counted, or removed, as a whole. */
const SALES = 4_000;
/** So that the log cleaner finds much to do, and does it at once. */
const COMPACTED = {
  "cleanup.policy": "compact",
  "segment.ms": "1000",
  "min.cleanable.dirty.ratio": "0.01",
  "delete.retention.ms": "100",
};

export const topicFaults: readonly Fault[] = [
  {
    name: "partitions are added to the input",
    injection: "The input topic gets two more partitions by Kafka's own tool while sales flow.",
    expected: "The instances own the new partitions too, and count the sales on them.",
    run: addPartitions,
  },
  {
    name: "somebody's transaction is open on the output topic during a restore",
    injection:
      "Another transactional producer writes to every output partition and leaves its transaction " +
      "open; the instance that counts is stopped, and another starts.",
    expected:
      "The first writes nothing behind records that are not its own, and says so; the new one owns " +
      "nothing until the foreign transaction is aborted.",
    run: restoreBehindOpenTransaction,
  },
  {
    name: "the oldest input is deleted",
    injection: "Kafka deletes all counted input while sales flow; then the instance is killed.",
    expected:
      "The totals still contain what is deleted, and `verify` says of how many sales it cannot tell.",
    run: deleteCounted,
  },
  {
    name: "input is deleted before it was read",
    injection: "While no instance runs, sales are sent and Kafka deletes them.",
    expected: "Exactly these sales are reported as removed and in no total; all others count.",
    run: deleteUnread,
  },
  {
    name: "the output topic is compacted",
    injection: "Kafka's log cleaner compacts the output while it is written; SIGKILL, and restore.",
    expected: "Most bookkeeping records are gone from the log, and the totals are complete.",
    run: compactOutput,
  },
];

async function addPartitions(arena: Arena): Promise<void> {
  const runs = [await arena.start(HEAR_SOON), await arena.start(HEAR_SOON)] as const;
  arena.sell({ args: HEAR_SOON });
  arena.struck();
  await arena.recovered();
  await arena.broker.tool("org.apache.kafka.tools.TopicCommand", [
    ...["--bootstrap-server", arena.broker.brokers, "--alter", "--topic", arena.topics.input],
    ...["--partitions", String(PARTITIONS_MORE)],
  ]);
  arena.struck();
  await untilOwned([runs[0], PARTITIONS_MORE / 2], [runs[1], PARTITIONS_MORE / 2]);
  await arena.recovered();
}

async function restoreBehindOpenTransaction(arena: Arena): Promise<void> {
  const { brokers } = arena.broker;
  const topic = arena.topics.output;
  const first = await arena.start();
  arena.sell();
  const foreign = kafkaOf(arena, {
    "transaction.timeout.ms": String(FOREIGN_MS),
  }).transactionalProducer({ transactionalId: `foreign-${topic}` });
  const transactions = new OpenTransactions({ brokers, topic });
  try {
    await foreign.init();
    foreign.begin();
    expect(foreign.produce(topic, foreignTotals())).toBe(PARTITIONS.length);
    await foreign.flush(WAIT_MS_MAX);
    await waitFor(() => first.stderr().includes("Records that are not ours stand at offset"), {
      what: "the instance to find the records of somebody else",
    });
    expect(await first.stop()).toBe(0);
    const next = arena.launch();
    await untilAssigned(arena);
    await Bun.sleep(STILL_MS);
    expect(await transactions.areOn(PARTITIONS)).toBe(true);
    expect([...ownedBy(next)]).toEqual([]);
    await foreign.abort();
    arena.struck();
    await untilOwned([next, PARTITIONS.length]);
    // Its own are open now and then, but none for long.
    await waitFor(async () => !(await transactions.areOn(PARTITIONS)), {
      what: "a moment without an open transaction",
    });
    await arena.recovered();
  } finally {
    await Promise.allSettled([foreign.close(), transactions.close()]);
  }
}

/** Totals that are wrong, should anybody take them for committed. */
function foreignTotals(): RecordBatch {
  const total = {
    product: "Laptop 14″",
    totalQuantity: 1,
    totalPrice: "0.01",
    sales: 1,
    updatedAt: new Date(0).toISOString(),
  };
  const key = Buffer.from(total.product);
  const value = Buffer.from(JSON.stringify(total));
  return recordsOf(PARTITIONS.map((partition) => ({ key, value, partition })));
}

/** Waits until the group has given all partitions to its only member, whether or not it reads. */
async function untilAssigned({ broker, topics }: Arena): Promise<void> {
  const args = ["--bootstrap-server", broker.brokers, "--describe", "--group", topics.input];
  await waitFor(
    async () => {
      const tool = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
      const members = await broker.tool(tool, [...args, "--members", "--verbose"]);
      return members.includes(`${topics.input}:${PARTITIONS.join(",")}`);
    },
    { what: "the group to assign all partitions" },
  );
}

async function deleteCounted(arena: Arena): Promise<void> {
  const run = await arena.start();
  const progress = progressOf(arena);
  try {
    const sent = arena.sell({ count: SALES });
    expect(await sent.exited).toBe(0);
    const ends = await untilCounted(progress);
    arena.sell();
    await deleteInput(arena, ends);
    arena.inputWasRemoved({ counted: SALES });
    await run.kill();
    arena.struck();
    await arena.start();
    await arena.recovered();
  } finally {
    await progress.close();
  }
  arena.saw(`${SALES} counted sales deleted`);
}

async function deleteUnread(arena: Arena): Promise<void> {
  const first = await arena.start();
  const progress = progressOf(arena);
  try {
    expect(await arena.sell({ count: SALES }).exited).toBe(0);
    await untilCounted(progress);
    expect(await first.stop()).toBe(0);
    const unread = arena.sell({ count: SALES });
    expect(await unread.exited).toBe(0);
    await deleteInput(arena, await progress.ends());
    arena.inputWasRemoved({ counted: SALES, unread });
    arena.sell();
    arena.struck();
    const next = await arena.start();
    await arena.recovered();
    const removed = arena.linesOf(next, "Retention removed input before it was read");
    const records = removed.map(({ properties }) => Number(properties.records));
    expect(records.reduce((sum, count) => sum + count, 0)).toBe(SALES);
  } finally {
    await progress.close();
  }
  arena.saw(`${SALES} unread sales deleted, reported as skipped`);
}

async function untilCounted(progress: GroupProgress): Promise<Map<number, number>> {
  const ends = await progress.ends();
  const what = "these sales to be counted";
  await waitFor(() => progress.hasReached(ends), { what, progress: () => progress.lacking });
  return ends;
}

async function deleteInput(arena: Arena, before: Map<number, number>): Promise<void> {
  const { broker, topics } = arena;
  const partitions = [...before].map(([partition, offset]) => ({
    topic: topics.input,
    partition,
    offset,
  }));
  const file = `${broker.dir}/${topics.input}.json`;
  writeFileSync(file, JSON.stringify({ version: 1, partitions }));
  await broker.tool("org.apache.kafka.tools.DeleteRecordsCommand", [
    ...["--bootstrap-server", broker.brokers, "--offset-json-file", file],
  ]);
  const admin = kafkaOf(arena).admin();
  for (const { partition, offset } of partitions) {
    expect(await admin.watermarks(topics.input, partition)).toMatchObject({ low: offset });
  }
  await admin.close();
}

async function compactOutput(arena: Arena): Promise<void> {
  const { broker, topics } = arena;
  await broker.createTopic(topics.output, PARTITIONS.length, COMPACTED);
  const run = await arena.start(["--commit-interval", "20ms"]);
  arena.sell();
  await waitFor(() => PARTITIONS.every((partition) => cleanedUpTo(arena, partition) > 0), {
    what: "the log cleaner to compact every partition of the output",
  });
  await run.kill();
  const { written, left } = await bookkeepingIn(arena);
  expect(left).toBeLessThan(written / 2);
  arena.struck();
  await arena.start();
  await arena.recovered();
  arena.saw(`${left} of ${written} bookkeeping records were left at the restore`);
}

/** The offset up to which the broker notes that it has compacted; 0 for never. */
function cleanedUpTo({ broker, topics }: Arena, partition: number): number {
  const text = readFileSync(`${broker.dir}/data/cleaner-offset-checkpoint`, "utf8");
  const prefix = `${topics.output} ${partition} `;
  const line = text.split("\n").find((each) => each.startsWith(prefix));
  return Number(line?.slice(prefix.length) ?? 0);
}

/** How many bookkeeping records were written, as they count themselves, and how many are left. */
async function bookkeepingIn(arena: Arena): Promise<{ written: number; left: number }> {
  const last = new Map<number, number>();
  let left = 0;
  for (const record of await readTopic(kafkaOf(arena), arena.topics.output, PARTITIONS)) {
    if (!isBookkeepingKey(record.key) || record.value === null) continue;
    last.set(record.partition, decodeBookkeeping(record.value).sequence);
    left++;
  }
  return { written: [...last.values()].reduce((sum, count) => sum + count, 0), left };
}

function progressOf({ broker: { brokers }, topics: { input } }: Arena): GroupProgress {
  return new GroupProgress({ brokers, topic: input, group: input });
}

function kafkaOf({ broker: { brokers } }: Arena, properties = {}): Kafka {
  return librdkafka({ brokers, properties, log: quietLog });
}
