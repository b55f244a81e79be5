/** Partitions that wait for a schema, on the embedded broker. */

import { afterEach, describe, expect, test } from "bun:test";
import { runAggregator } from "../../../src/aggregator/aggregator.ts";
import type { OutgoingRecord } from "../../../src/kafka/kafka.ts";
import { verify } from "../../../src/verify/verify.ts";
import { openCluster } from "../../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../../support/context.ts";
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
