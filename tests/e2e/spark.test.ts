/** The Spark job on a real Kafka: what it writes is what our own aggregator writes. */

import { afterEach, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import { broken, bytes, counted, rawValue, sale } from "../support/cases.ts";
import { quietLog } from "../support/context.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { produceFile, readCommitted } from "../support/read.ts";
import { sendAll } from "../support/records.ts";
import { requirement, sharedData } from "../support/require.ts";
import { jobPath, type SparkRun, startSpark } from "../support/spark.ts";

const test = requirement("java", "maven", "kcat", "spark");
const MADE_UP = 3_000;
const BATCH_MS_MAX = 240_000;

const runs = new Runs();
const sparks: SparkRun[] = [];
const checkpoint = mkdtempSync(`${tmpdir()}/salesboard-checkpoint-`);
const orderCheckpoint = mkdtempSync(`${tmpdir()}/salesboard-checkpoint-`);
afterEach(async () => {
  await runs.end();
  await Promise.all(sparks.splice(0).map((spark) => spark.kill()));
  for (const folder of [checkpoint, orderCheckpoint]) {
    rmSync(folder, { recursive: true, force: true });
  }
});

const money = [
  sale('"Largest"', "1000000000", "1e12"),
  sale('"Largest"', "1000000000", "1000000000000.00"),
  sale('"Largest"', "1", "0.01"),
  sale('"Sum"', "1", "0.1"),
  sale('"Sum"', "1", "0.2"),
  sale('"Smallest"', "1", "0.000001"),
];

test("the same totals, dead letters and page as the aggregator's, after a crash too", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const ours = newTopics("spark");
  const { input } = ours;
  const theirs = { output: `${input}-spark`, deadLetters: `${input}-spark.dlq` };
  await broker.createTopic(input, 4);
  await sendEverything(brokers, input);
  runs.start(["aggregate", "--brokers", brokers, ...ours.args]);
  const start = () => {
    const topics = ["--input-topic", input, "--output-topic", theirs.output];
    const args = ["--brokers", brokers, ...topics, "--dead-letter-topic", theirs.deadLetters];
    // Small batches, so that totals are carried on from one to the next.
    const more = ["--checkpoint", checkpoint, "--max-records", "2000"];
    const spark = startSpark(jobPath, [...args, ...more]);
    sparks.push(spark);
    return spark;
  };
  const serve = (output: string) => {
    const topics = ["--input-topic", input, "--output-topic", output];
    return runs.start(["serve", "--brokers", brokers, ...topics, "--port", "0"]);
  };
  const boards = { ours: serve(ours.output), theirs: serve(theirs.output) };
  const expectSame = async () => {
    const records = (await readCommitted({ brokers, topic: input })).length;
    const isDone = ({ total, deadLetters }: { total: { sales: number }; deadLetters: number }) =>
      total.sales + deadLetters === records;
    const expected = await totalsWhen(boards.ours, isDone);
    const found = await totalsWhen(boards.theirs, isDone, BATCH_MS_MAX).catch((error) => {
      throw new Error(`${error.message}\n${sparks.at(-1)?.log()}`);
    });
    expect({ ...found, asOf: "" }).toEqual({ ...expected, asOf: "" });
    expect(await outputOf(brokers, theirs.output)).toEqual(await outputOf(brokers, ours.output));
  };

  const spark = start();
  await expectSame();
  await spark.kill();
  await sendMadeUp(brokers, input, 2);
  start();
  await expectSame();
  const letters = await lettersOf(brokers, ours.deadLetters);
  expect(letters.length).toBe(Object.keys(broken).length + 1);
  expect(await lettersOf(brokers, theirs.deadLetters)).toEqual(letters);
}, 600_000);

test("orders with line items by a mapping: the same totals as the aggregator's", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const ours = newTopics("spark-orders");
  const { input } = ours;
  const theirs = { output: `${input}-spark`, deadLetters: `${input}-spark.dlq` };
  await broker.createTopic(input, 2);
  const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
  const values = orders().map((order) =>
    bytes(typeof order === "string" ? order : JSON.stringify(order)),
  );
  await sendAll(kafka, input, [...values.map((value) => ({ value })), { value: null }]);
  runs.start(["aggregate", "--brokers", brokers, ...ours.args, "--map", orderRules]);
  const topics = ["--input-topic", input, "--output-topic", theirs.output];
  const args = ["--brokers", brokers, ...topics, "--dead-letter-topic", theirs.deadLetters];
  const spark = startSpark(jobPath, [
    ...args,
    "--checkpoint",
    orderCheckpoint,
    "--map",
    orderRules,
  ]);
  sparks.push(spark);
  const serve = (output: string) => {
    const topics = ["--input-topic", input, "--output-topic", output];
    return runs.start(["serve", "--brokers", brokers, ...topics, "--port", "0"]);
  };
  const isDone = ({ filtered, deadLetters }: { filtered?: number; deadLetters: number }) =>
    filtered === 3 && deadLetters === 2;
  const expected = await totalsWhen(serve(ours.output), isDone);
  const found = await totalsWhen(serve(theirs.output), isDone, BATCH_MS_MAX).catch((error) => {
    throw new Error(`${error.message}\n${spark.log()}`);
  });
  expect({ ...found, asOf: "" }).toEqual({ ...expected, asOf: "" });
  expect(found.total).toMatchObject({ sales: 2 * ORDERS, returns: ORDERS });
  const withoutMapping = async (output: string) =>
    JSON.parse(
      JSON.stringify(await outputOf(brokers, output)).replace(/,\\"mapping\\":[^}]*/g, ""),
    );
  expect(await withoutMapping(theirs.output)).toEqual(await withoutMapping(ours.output));
}, 400_000);

test("a binary format and a wrong rule are refused at the start", async () => {
  const checkpoint = ["--brokers", "127.0.0.1:1", "--checkpoint", orderCheckpoint];
  const refused = async (args: readonly string[]) => {
    const spark = startSpark(jobPath, [...checkpoint, ...args]);
    sparks.push(spark);
    expect(await spark.exited).not.toBe(0);
    return spark.log();
  };
  const [format, rule] = await Promise.all([
    refused(["--input-format", "avro"]),
    refused(["--map", "product: a; price: b * 2"]),
  ]);
  expect(format).toContain(
    "Cannot read records of --input-format avro: the Spark job reads json and csv.",
  );
  expect(rule).toContain("Cannot read the mapping: a mapping does not multiply");
}, 120_000);

const ORDERS = 40;
const orderRules = [
  "lines: items[]; product: title else sku; quantity: qty; amount: cents / 100",
  "currency: $.currency; only: $.status in (paid); minus: kind in (refund)",
].join("; ");

/** Sales, returns, weights; then what is filtered, and what cannot be read. */
function orders(): unknown[] {
  const paid = Array.from({ length: ORDERS }, (_, i) => ({
    currency: "usd",
    status: "paid",
    items: [
      { title: `Tea ${i % 3}`, qty: "0.125", cents: i * 199 },
      { sku: 42, qty: 2, cents: "500000000001" },
      { title: "Cup", qty: 1, cents: 250, kind: "refund" },
    ],
  }));
  const [order] = paid;
  return [
    ...paid,
    { ...order, status: "draft" },
    { ...order, items: [] },
    { ...order, currency: "EUR" },
    "no JSON",
  ];
}

async function sendEverything(brokers: string, topic: string): Promise<void> {
  await sendMadeUp(brokers, topic, 1);
  const northwind = sharedData("northwind-sales.ndjson");
  if (northwind) await produceFile({ brokers, topic, file: northwind.path });
  else console.warn("Without the order lines: they are not in the folder beside this one.");
  const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
  const headers = [{ name: "trace", value: bytes("1") }];
  const values = [...Object.values(counted), ...Object.values(broken), ...money].map(rawValue);
  await sendAll(
    kafka,
    topic,
    values.map((value, i) => ({ key: bytes(`key ${i}`), value, headers })),
  );
  await sendAll(kafka, topic, [{ value: bytes("neither key nor headers") }]);
}

async function sendMadeUp(brokers: string, topic: string, seed: number): Promise<void> {
  const topics = ["--brokers", brokers, "--input-topic", topic];
  const made = ["--rate", "0", "--count", String(MADE_UP), "--seed", String(seed)];
  const { status, stderr } = await runSalesboard(["produce", ...topics, ...made]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
}

/** Partition and key → the last value, without what may differ. */
async function outputOf(brokers: string, topic: string): Promise<Record<string, unknown>> {
  const output: Record<string, unknown> = {};
  for (const { partition, key, value } of await readCommitted({ brokers, topic })) {
    const text = new TextDecoder().decode(value ?? undefined);
    const time = /,"updatedAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/;
    // Spark's job looks at no times.
    const own = /"(group|sequence|untimed)":[^,]+,|,"writer":"[^"]*"/g;
    output[`${partition} ${new TextDecoder().decode(key ?? undefined)}`] = text
      .replace(time, "")
      .replace(own, "");
  }
  return output;
}

/** Each once, for Spark may write one twice. */
async function lettersOf(brokers: string, topic: string): Promise<string[]> {
  const letters = (await readCommitted({ brokers, topic })).map(({ key, value, headers }) => {
    const hash = value && Bun.hash(value).toString(16);
    return `${headers} ${key && new TextDecoder().decode(key)} ${hash}`;
  });
  return [...new Set(letters)].sort();
}
