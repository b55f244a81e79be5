/** The Spark job on a real Kafka: what it writes is what our own aggregator writes. */

import { afterEach, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { timeZone } from "../../src/mapping/exact/zone.ts";
import { flatJudge } from "../../src/mapping/flat.ts";
import { compileMapping } from "../../src/mapping/judge.ts";
import type { Judgement } from "../../src/mapping/model/judgement.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import { broken, bytes, counted, rawValue, sale } from "../support/cases.ts";
import { quietLog } from "../support/context.ts";
import { runSalesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { produceFile, readCommitted } from "../support/read.ts";
import { sendAll } from "../support/records.ts";
import { requirement, SPARK_HOME, sharedData } from "../support/require.ts";
import { isText, recordsOf, type SharedCase, sharedCases } from "../support/shared-cases.ts";
import { jobPath, type SparkRun, startSpark } from "../support/spark.ts";

const test = requirement("java", "maven", "kcat", "spark");
const casesPath = fileURLToPath(new URL("../fixtures/spark_cases.py", import.meta.url));
const MADE_UP = 3_000;
const BATCH_MS_MAX = 480_000;

const runs = new Runs();
const sparks: SparkRun[] = [];
const checkpoint = mkdtempSync(`${tmpdir()}/salesboard-checkpoint-`);
afterEach(async () => {
  await runs.end();
  await Promise.all(sparks.splice(0).map((spark) => spark.kill()));
  rmSync(checkpoint, { recursive: true, force: true });
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
  // Spark's job looks at no times, so it counts by no days.
  runs.start(["aggregate", "--brokers", brokers, ...ours.args, "--history", "off"]);
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
}, 1_800_000);

// Without Kafka: in one application, each case as a partition of its own.
test("every shared shape of sales, record by record, on the JVM and in Python", async () => {
  const folder = mkdtempSync(`${tmpdir()}/salesboard-spark-cases-`);
  const cases = [
    ...[{ name: "flat sales", rules: "", format: "json" as const, records: flatRecords() }],
    ...sharedCases()
      .filter(isText)
      .map((sample) => ({
        ...{ name: sample.name, rules: sample.map.join("\n"), format: sample.format, sample },
        records: recordsOf(sample),
      })),
  ];
  await Bun.write(`${folder}/cases.json`, JSON.stringify(cases.map(encodedCase)));
  const files = [dirname(jobPath), `${folder}/cases.json`, `${folder}/found.json`];
  const spark = startSpark(casesPath, files);
  sparks.push(spark);
  const status = await spark.exited;
  if (status !== 0) throw new Error(`Spark ended with ${status}:\n${spark.log()}`);
  const found = await Bun.file(`${folder}/found.json`).json();
  rmSync(folder, { recursive: true });
  const zone = timeZone("UTC");
  for (const [i, { name, rules, format, records }] of cases.entries()) {
    const options = { format, currency: "USD", zone };
    const judge = rules ? compileMapping(parseMapping(rules), options) : flatJudge({ zone });
    const expected = records.map(({ value, headers = [] }) => {
      const record = { topic: "sales", key: null, value, headers };
      return linesOf(judge.judge({ ...record, headers: [...headers] }));
    });
    expect({ name, records: found[i].records }).toEqual({ name, records: expected });
  }
  for (const [i, each] of cases.entries()) {
    if ("sample" in each) expect(outputIn(found[i].output)).toEqual(outputExpected(each.sample));
  }
  // Of flat sales nearly all that count are plain.
  expect(found[0].plain).toBeGreaterThan(5);
}, 600_000);

/** Of the output topic what the shared cases state. */
function outputIn(output: Record<string, string>) {
  const { "\0bookkeeping": bookkeeping = "", ...totals } = output;
  const { records, sales, returns, filtered, deadLetters } = JSON.parse(bookkeeping);
  const digits = /"totalQuantity":([-\d.]+),/;
  const rows = Object.values(totals).map((text) => {
    const { product, totalPrice, sales, returns } = JSON.parse(text);
    return { product, totalQuantity: digits.exec(text)?.[1], totalPrice, sales, returns };
  });
  return { records, sales, returns, filtered, deadLetters, rows: sortedByProduct(rows) };
}

function outputExpected(sample: SharedCase): ReturnType<typeof outputIn> {
  const { records, sales, returns, filtered, deadLetters, products } = sample;
  const rows = sortedByProduct(products);
  return { records, sales, returns, filtered, deadLetters: deadLetters.length, rows };
}

function sortedByProduct<T extends { product: string }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (a.product < b.product ? -1 : 1));
}

function flatRecords(): OutgoingRecord[] {
  return [...Object.values(counted), ...Object.values(broken), ...money].map((value) => ({
    value: rawValue(value),
  }));
}

function encodedCase({ rules, records }: { rules: string; records: OutgoingRecord[] }) {
  const encoded = (part: Uint8Array | null) => part && Buffer.from(part).toString("base64");
  return {
    rules,
    records: records.map(({ value, headers = [] }) => {
      return [null, encoded(value), headers.map(({ name, value }) => [name, encoded(value)])];
    }),
  };
}

function linesOf(judgement: Judgement): unknown {
  if (judgement.kind === "deadLetter") return null;
  if (judgement.kind === "filtered") return [];
  if (judgement.kind === "awaiting") throw new Error("JSON waits for no schema");
  return judgement.lines.map(({ product, quantity, amount, isReturn }) => {
    return [product, String(quantity), String(amount), isReturn];
  });
}

test("a binary format and a wrong rule are refused at the start", async () => {
  const needed = ["--brokers", "127.0.0.1:1", "--checkpoint", checkpoint];
  const refused = async (args: readonly string[]) => {
    const env = { ...Bun.env, PYTHONDONTWRITEBYTECODE: "1" };
    const cmd = [`${SPARK_HOME}/venv/bin/python3`, jobPath, ...needed, ...args];
    const child = Bun.spawn({ cmd, env, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
    const said = await new Response(child.stderr).text();
    expect(await child.exited).toBe(1);
    return said;
  };
  expect(await refused(["--input-format", "avro"])).toStartWith(
    "Cannot read records of --input-format avro: the Spark job reads json and csv.",
  );
  expect(await refused(["--map", "product: a; price: b * 2"])).toBe(
    [
      "Cannot read the mapping: a mapping does not multiply",
      "  price: b * 2",
      "             ^\n",
    ].join("\n"),
  );
}, 600_000);

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
    // Spark's job looks at no times, and its checkpoint knows its input.
    const own =
      /"(group|sequence|untimed)":[^,]+,|,"(writer|inputTopic(Id)?|clusterId)":"[^"]*"|,"inputEpoch":\d+/g;
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
