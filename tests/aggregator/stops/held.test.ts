/** Partitions that wait for a schema: in the fold, and on the embedded broker. */

import { afterEach, describe, expect, test } from "bun:test";
import { runAggregator } from "../../../src/aggregator/aggregator.ts";
import { DeadLetters } from "../../../src/aggregator/dead-letters.ts";
import { Fold } from "../../../src/aggregator/fold.ts";
import { type OutgoingRecord, RecordBatch } from "../../../src/kafka/kafka.ts";
import { native } from "../../../src/kafka/native.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { OwnedPartition } from "../../../src/state/owned-partition.ts";
import { verify } from "../../../src/verify/verify.ts";
import { openCluster } from "../../support/cluster.ts";
import { configOf, quietLog, type RunningRole, startRole } from "../../support/context.ts";
import { readTopic, sendAll } from "../../support/records.ts";
import { clientRecord, startRegistry } from "../../support/registry.ts";
import { waitFor } from "../../support/wait.ts";

const PARTITIONS = [0, 1];
const RULES =
  "lines: lines[]; product: item; quantity: units; price: price.units; returns: subtract";
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(rules = RULES) {
  const registry = startRegistry();
  const args = ["--input-format", "avro", "--map", rules, "--schema-registry", registry.url];
  const config = configOf("run", "--commit-interval", "20ms", ...args);
  const { cluster, kafka } = openCluster(config, PARTITIONS.length);
  const role = startRole(runAggregator, { config, kafka });
  closing.push(
    () => registry.stop(),
    () => cluster.close(),
    () => role.stop().catch(() => {}),
  );
  const send = (...records: OutgoingRecord[]) => sendAll(kafka, config.inputTopic, records);
  return { registry, config, kafka, role, send };
}

/** Two lines: one sold, one returned. */
const order = (partition: number): OutgoingRecord => ({
  value: clientRecord("avro order").value,
  partition,
});
const laterOrder = (partition: number): OutgoingRecord => ({
  value: clientRecord("avro order of a later schema").value,
  partition,
});

const salesOf = (role: RunningRole) => role.stats.salesboard_aggregator_sales ?? 0;

describe("HeldPartitions", () => {
  test("wait for a schema while others go on, and count every record once when it comes", async () => {
    const { registry, config, kafka, role, send } = open();
    registry.answer = (path) =>
      path === "/schemas/ids/3" ? new Response("no leader", { status: 503 }) : undefined;
    await send(order(0), laterOrder(0), order(0), order(1));
    const waits = "Partition 0 of the input waits for schema 3: the registry at";
    await waitFor(() => role.warnings.find((line) => line.includes(waits)), { what: "a warning" });
    await send(order(1), order(0));
    await waitFor(() => salesOf(role) === 3, { what: "what stands before it, and partition 1" });

    registry.answer = undefined;
    await waitFor(() => salesOf(role) === 6, { what: "all records" });
    await send(order(0), laterOrder(1));
    await waitFor(() => salesOf(role) === 8, { what: "later records" });
    await role.stop();
    const found = await verify({ kafka, config, progress() {} });
    expect(found).toMatchObject({ equal: true, records: 8, sales: 8, returns: 8, deadLetters: 0 });
    expect(await readTopic(kafka, config.deadLetterTopic, PARTITIONS)).toEqual([]);
  }, 600_000);

  test("end with the role, and are counted by the next one", async () => {
    const { registry, config, kafka, role, send } = open();
    registry.answer = () => new Response("away", { status: 503 });
    await send(order(0), order(1));
    await waitFor(() => role.warnings.some((line) => line.includes("schema 2")), {
      what: "a wait",
    });
    await role.stop();
    registry.answer = undefined;
    const next = startRole(runAggregator, { config, kafka });
    closing.push(() => next.stop().catch(() => {}));
    await waitFor(() => salesOf(next) === 2, { what: "both records" });
  }, 600_000);

  test("let nothing be counted by rules that do not fit the schema", async () => {
    const { role, send } = open("lines: lines[]; product: itm; price: 1");
    await send(order(0));
    const ended = await role.ended.then(
      () => "no error",
      (error: Error) => error.message,
    );
    expect(ended).toStartWith(
      "Cannot use the mapping: the record shop.Line of schema 2 has no field",
    );
  }, 600_000);
});

/**
 * The position went back to the record, but the epoch of the last record of the poll stayed: the
 * bookkeeping named a leader that may have written later records only.
 */
test("a partition that waits for a schema goes back to its record, with no leader's epoch", () => {
  const registry = ["--schema-registry", "http://127.0.0.1:1"];
  const rules = "product: item; price: price.units";
  const config = configOf("run", "--input-format", "avro", "--map", rules, ...registry);
  const partition = new OwnedPartition(0, { from: 40 });
  const context = { clock: systemClock, config, log: quietLog, report() {} };
  const fold = new Fold(new Map([[0, partition]]), new DeadLetters(config, context.clock), context);
  const batch = new RecordBatch({ recordsMax: 2, bytesMax: 10_000 });
  for (const [i, offset] of [41, 42].entries()) {
    batch.append({ ...clientRecord("avro order"), partition: 0 });
    batch.offsets[i] = offset;
  }
  const sums = fold.sums();
  native.sumUp(batch.memory, ...sums.asArguments());
  sums.leaderEpochs[0] = 7;
  fold.apply(batch);
  expect([...fold.held.keys()]).toEqual([0]);
  expect(partition.next).toEqual({ partition: 0, offset: 41, epoch: undefined });
});

/**
 * C++ reads records of schemas that are here. The position of a partition goes back to the first
 * record that waits, so a record behind it in the sums would be counted again later.
 */
test("a partition that waits has in its totals what stands before the record, and nothing else", async () => {
  const registry = startRegistry();
  closing.push(() => registry.stop());
  registry.answer = (path) =>
    path === "/schemas/ids/3" ? new Promise<Response>(() => {}) : undefined;
  const rules = "lines: lines[]; product: item; quantity: units; price: 1; returns: subtract";
  const format = ["--input-format", "avro", "--schema-registry", registry.url];
  const config = configOf("run", "--map", rules, ...format);
  const partition = new OwnedPartition(0, { from: 0 });
  const context = { clock: systemClock, config, log: quietLog, report() {} };
  const fold = new Fold(new Map([[0, partition]]), new DeadLetters(config, context.clock), context);
  const batch = new RecordBatch({ recordsMax: 10, bytesMax: 10_000 });
  /** Records as C++ hands them over: those that it has added up are not among them. */
  const poll = (from: number, ...names: string[]) => {
    const fill = (kept: readonly number[]) => {
      batch.clear();
      for (const [row, i] of kept.entries()) {
        batch.append({ ...clientRecord(names[i] as string), partition: 0 });
        batch.offsets[row] = from + i;
      }
    };
    fill([...names.keys()]);
    const sums = fold.sums();
    const added = new Set(native.sumUp(batch.memory, ...sums.asArguments()));
    fill([...names.keys()].filter((i) => !added.has(i)));
    fold.apply(batch);
    return added.size;
  };
  const counted = () => [Number(partition.counted), partition.next.offset];
  const [order, later] = ["avro order", "avro order of a later schema"];

  expect(poll(0, order)).toBe(0);
  await fold.held.get(0)?.arrival;
  fold.held.clear();
  // The judge has the first one, because its products are new.
  expect(poll(0, order)).toBe(0);
  expect(poll(1, order, order)).toBe(2);
  expect(counted()).toEqual([3, 3]);

  expect(poll(3, order, later, order, order)).toBe(1);
  expect([...fold.held.keys()]).toEqual([0]);
  expect(counted()).toEqual([4, 4]);
  // What was fetched before reading stopped.
  expect(poll(7, order)).toBe(1);
  expect(counted()).toEqual([4, 4]);

  partition.seal({ refreshes: false });
  expect(partition.totals.sum()).toMatchObject({ sales: 8n, returns: 0n });
});
