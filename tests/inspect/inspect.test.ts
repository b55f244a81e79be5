/** The command `inspect`: of files and topics, for people and for programs. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InspectOptions, runInspect } from "../../src/inspect/inspect.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../src/kafka/native.ts";
import { utc } from "../../src/mapping/exact/zone.ts";
import { flatJudge } from "../../src/mapping/flat.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";
import { judgeOf } from "../mapping/records.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf } from "../support/context.ts";
import { sendAll } from "../support/records.ts";

const rules = "lines: items[]; product: title; quantity: qty; price: each; only: $.paid in (true)";
const orders = [
  { paid: true, items: [{ title: "Kite", qty: 2, each: 17.25 }] },
  { paid: true, items: [{ title: "Kite", qty: 1, each: 17.25 }] },
  { paid: false, items: [{ title: "Tent", qty: 1, each: 99.5 }] },
];
const lines = orders.map((order) => JSON.stringify(order));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inspect-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(...content: string[]): string {
  const path = join(folder, "orders.ndjson");
  writeFileSync(path, content.join("\n"));
  return path;
}

async function inspected(options: Partial<InspectOptions>) {
  const printed: string[] = [];
  const status = await runInspect({
    input: undefined,
    last: 1_000,
    brokers: undefined,
    topic: "orders",
    timeoutMs: 5_000,
    mapping: undefined,
    judge: flatJudge({ zone: utc }),
    zone: utc,
    currency: "USD",
    isJson: false,
    hasColours: false,
    kafka: () => Promise.reject(new Error("No topic is read")),
    print: (text) => void printed.push(text),
    ...options,
  });
  return { status, text: printed.join("\n") };
}

const given = { mapping: parseMapping(rules), judge: judgeOf(rules) };

// Of an export, only the columns' numbers were known, and every rule was a guess.
test("a header of csv names the columns, also when the file has more lines than are looked at", async () => {
  const sales = Array.from({ length: 20 }, (_, i) => `${i},2026-05-01 09:0${i % 10},Kite,2,17.25`);
  const input = fileOf("id,placed_at,item,qty,unit_price", ...sales);
  for (const last of [1_000, 10]) {
    const { text } = await inspected({ input, last });
    expect(text).toContain("Format: csv, by its commas; the first line names the columns");
    expect(text).toContain("Proposed mapping (sure");
    const command = text.slice(text.indexOf("--map '")).replaceAll("\n  ", "; ");
    const columns = "columns: id, placed_at, item, qty, unit_price";
    const rules = "product: item; quantity: qty; price: unit_price; time: placed_at";
    expect(command).toBe(`--map '; ${columns}; ${rules}; only: id not in (id)\n'`);
    const counted = last === 10 ? 9 : 20;
    expect(text).toContain(`counted       ${counted} (lines: ${counted})`);
  }
});

describe("of a file", () => {
  test("it says what the present mapping makes of the records, and proposes one that fits", async () => {
    const { status, text } = await inspected({ input: fileOf(...lines) });
    expect(status).toBe(1);
    expect(text).toContain("3 records in ");
    expect(text).toMatch(/items\[\]\.title +100 % +text +Kite · Tent/);
    expect(text).toMatch(/dead letters {2}3\n +3 × product must be a string/);
    expect(text).toMatch(/Kite +3 +51\.75/);
    expect(text).toEndWith(
      [
        "salesboard --brokers HOST:9092 --input-topic TOPIC --map '",
        "  lines: items[]",
        "  product: title",
        "  quantity: qty",
        "  price: each",
        "  only: $.paid not in (false)",
        "'",
      ].join("\n"),
    );
  });

  test("it proposes nothing where the mapping fits, and exits with 0", async () => {
    const { status, text } = await inspected({ input: fileOf(...lines), ...given });
    expect(status).toBe(0);
    expect(text).toContain("The mapping fits");
    expect(text).not.toContain("Proposed");
  });

  test("the command line that it proposes counts every record", async () => {
    const first = await inspected({ input: fileOf(...lines), isJson: true });
    const { map } = JSON.parse(first.text).proposal;
    const options = { mapping: parseMapping(map), judge: judgeOf(map) };
    expect((await inspected({ input: fileOf(...lines), ...options })).status).toBe(0);
  });

  test("it prints JSON of the documented shape", async () => {
    const { text } = await inspected({ input: fileOf(...lines), isJson: true });
    const found = JSON.parse(text);
    expect(found).toMatchObject({
      sample: { records: 3, of: 3, format: "json", prefixed: 0, schemaIds: [] },
      present: { fits: false, map: null, records: 3, counted: 0, filtered: 0, deadLetters: 3 },
      proposal: {
        inputFormat: "json",
        currency: "USD",
        counted: 2,
        filtered: 1,
        deadLetters: 0,
        lines: 2,
        totalQuantity: "3",
        totalPrice: "51.75",
        products: [{ product: "Kite", totalQuantity: "3", totalPrice: "51.75", sales: 2 }],
      },
    });
    const [field] = found.fields;
    expect(Object.keys(field)).toEqual(["path", "types", "records", "values", "examples"]);
    const [rule] = found.proposal.rules;
    expect(Object.keys(rule)).toEqual(["rule", "sureness", "because"]);
  });

  test("it looks at the last lines only", async () => {
    const { text } = await inspected({ input: fileOf("not JSON", ...lines), last: 3 });
    expect(text).toContain("The last 3 of 4 records in ");
    expect(text).not.toContain("not JSON");
  });

  test("lines say what a line cannot hold: no value, a text, bytes", async () => {
    const avro = `{"value_base64":"${Buffer.from([0, 0, 0, 0, 7, 2, 255]).toString("base64")}"}`;
    const { text } = await inspected({
      input: fileOf("null", '"a,\\"b, c\\",1.5"', avro),
      isJson: true,
    });
    const { forms, schemaIds } = JSON.parse(text).sample;
    expect(forms).toEqual({ none: 1, json: 0, decoded: 0, text: 1, framed: 1, binary: 0 });
    expect(schemaIds).toEqual([7]);
  });

  test("it knows Avro or Protobuf by the registry's prefix, and says what to add", async () => {
    const avro = `{"value_base64":"${Buffer.from([0, 0, 0, 0, 7, 2, 255]).toString("base64")}"}`;
    const { status, text } = await inspected({ input: fileOf(avro) });
    expect(status).toBe(1);
    expect(text).toContain("Avro or Protobuf behind a registry's prefix (schema id 7)");
    expect(text.replace(/\s+/g, " ")).toContain("Add --schema-registry URL");
  });

  test("an empty file is no failure", async () => {
    const { status, text } = await inspected({ input: fileOf("") });
    expect([status, text]).toEqual([0, `No records in ${join(folder, "orders.ndjson")}`]);
  });

  test("a file that cannot be read is an error that names it", () => {
    const input = join(folder, "nothing.ndjson");
    expect(inspected({ input })).rejects.toThrow(`Cannot read --input ${input}`);
  });
});

/** Made-up orders of the kind that README speaks of. */
const shopOrders = [
  {
    id: 4501,
    created_at: "2026-05-04T18:20:00+02:00",
    financial_status: "paid",
    total_price: "148.50",
    line_items: [
      { id: 1, title: "Wool socks", quantity: 3, price: "9.50" },
      { id: 2, title: "Rain jacket", quantity: 1, price: "120.00" },
    ],
  },
  {
    id: 4502,
    created_at: "2026-05-04T18:21:00+02:00",
    financial_status: "pending",
    total_price: "9.50",
    line_items: [{ id: 3, title: "Wool socks", quantity: 1, price: "9.50" }],
  },
];

test("README.md shows what is printed of such orders, and the mapping that is proposed", async () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, shown = ""] = /^```text\n\$ salesboard inspect .*\n([^`]*)```$/m.exec(readme) ?? [];
  const input = fileOf(...shopOrders.map((order) => JSON.stringify(order)));
  const { text } = await inspected({ input });
  const printed = text.split("\n");
  const lines = shown.split("\n").filter((line) => line !== "" && line !== "…");
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
  const [, rules = ""] = /--map '([^']*line_items[^']*)'/.exec(readme) ?? [];
  const given = rules.split(/[;\n]/).map((rule) => rule.trim());
  expect(given.filter((rule) => rule !== "" && !text.includes(`  ${rule}\n`))).toEqual([]);
});

describe("on a terminal", () => {
  const long = `${"a rather long name of a field ".repeat(4)}`;
  const wide = { [long]: "x".repeat(200), price: 1, product: "\x1b[31mred\u202e", quantity: "?" };

  test("tables and sentences fit 80 columns", async () => {
    const { text } = await inspected({ input: fileOf(JSON.stringify(wide), ...lines) });
    const [before = ""] = text.split("To count with it");
    const rows = before.split("\n").filter((line) => !line.includes(folder));
    expect(rows.filter((line) => [...line].length > 80 && !/^ {2}\w+ +\w+:/.test(line))).toEqual(
      [],
    );
  });

  test("a record cannot make the terminal do anything", async () => {
    const { text } = await inspected({ input: fileOf(JSON.stringify(wide)) });
    expect(text).not.toMatch(/[^\P{C}\n]/u);
  });

  test("there are colours only where they are wanted", async () => {
    const options = { input: fileOf(...lines) };
    const coloured = (await inspected({ ...options, hasColours: true })).text;
    const plain = (await inspected(options)).text;
    const sequence = String.fromCharCode(27);
    expect(coloured).toContain(`${sequence}[1m`);
    expect(plain).not.toContain(sequence);
    expect(coloured.replaceAll(new RegExp(`${sequence}\\[\\d+m`, "g"), "")).toBe(plain);
  });
});

describe("of a topic", () => {
  const config = configOf("run", "--input-topic", "orders");
  let cluster: NativeMockCluster;
  let kafka: Kafka;
  beforeEach(() => {
    ({ cluster, kafka } = openCluster(config, 2));
  });
  afterEach(() => cluster.close());

  const values = lines.map((line) => new TextEncoder().encode(line));
  const options = () => ({ kafka: () => Promise.resolve(kafka), brokers: "kafka:9092" });

  test("it reads the last records of all partitions", async () => {
    await sendAll(
      kafka,
      "orders",
      values.map((value, i) => ({ value, partition: i % 2, timestamp: 1_000 + i })),
    );
    const { text } = await inspected({ ...options(), last: 2, isJson: true });
    const { sample, present } = JSON.parse(text);
    expect(sample).toMatchObject({ source: "topic orders", records: 2, of: 3 });
    expect(present.deadLetters).toBe(2);
    const all = await inspected(options());
    expect(all.text).toContain("salesboard --brokers kafka:9092 --input-topic orders --map '");
  });

  test("headers of records tell kinds", async () => {
    const typed = (type: string, value: unknown) => ({
      value: new TextEncoder().encode(JSON.stringify(value)),
      headers: [{ name: "eventType", value: new TextEncoder().encode(type) }],
    });
    await sendAll(kafka, "orders", [
      typed("OrderPlaced", { lines: [{ sku: "A", qty: 2, unitPrice: 1.5 }] }),
      typed("OrderCancelled", { order: 1 }),
    ]);
    const { text } = await inspected({ ...options(), isJson: true });
    expect(JSON.parse(text).proposal.map).toContain("only: $header.eventType in (OrderPlaced)");
  });

  test("a topic that is not there is an error, and is not created", async () => {
    const none = inspected({ ...options(), topic: "nothing" });
    await expect(none).rejects.toThrow("Cannot inspect topic nothing: it does not exist");
    const admin = kafka.admin();
    expect(await admin.describeTopic("nothing")).toBeUndefined();
    await admin.close();
  });

  /** `groupConsumer` and `producer` are all that could change anything. */
  test("it uses readers and admins only", async () => {
    await sendAll(kafka, "orders", [{ value: values[0] ?? null }]);
    const refused = () => {
      throw new Error("inspect must not change anything");
    };
    const reading: Kafka = {
      reader: (of) => kafka.reader(of),
      admin: () => kafka.admin(),
      groupConsumer: refused,
      producer: refused,
      transactionalProducer: refused,
    };
    const { status } = await inspected({ ...options(), kafka: () => Promise.resolve(reading) });
    expect(status).toBe(1);
  });
});
