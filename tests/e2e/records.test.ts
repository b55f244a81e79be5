/** Every kind of broken record counts or ends in the dead-letter topic, and the flow goes on. */

import { afterEach, expect } from "bun:test";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { newTopics, openTable, Runs, tableRows, totalsWhen } from "../support/board.ts";
import { launchBrowser } from "../support/browser.ts";
import { quietLog } from "../support/context.ts";
import { sharedKafka } from "../support/kafka.ts";
import { readCommitted } from "../support/read.ts";
import { sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven", "kcat", "chromium");
const bytes = (text: string) => new TextEncoder().encode(text);
const sale = (product: string, quantity = "1", price = "1", more = "") =>
  `{"product":${product},"quantity":${quantity},"price":${price}${more}}`;
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
/** The broker takes no batch above 1,048,588 bytes. */
const RECORD_BYTES_MAX = 1_048_400;

const counted: Record<string, string> = {
  "deep in a field of no interest": sale('"deep"', "1", "1", `,"x":${nested(10_000)}`),
  "product __proto__": sale('"__proto__"'),
  "field __proto__": sale('"proto"', "1", "1", ',"__proto__":{"price":9}'),
  "product <script>": sale('"<script>alert(1)</script>"'),
  "an image that would run": sale('"<img src=x onerror=alert(1)>"'),
  "other spellings of numbers": sale('"spelled"', "2e0", "10.00e-1"),
};

const broken: Record<string, string | Uint8Array | null> = {
  empty: "",
  "null value": null,
  "not JSON": "product=Laptop",
  "truncated UTF-8": bytes(sale('"Côte"')).slice(0, 14),
  "truncated UTF-8 inside": Uint8Array.from(bytes(sale('"C?te"')), (byte) =>
    byte === 0x3f ? 0xc3 : byte,
  ),
  "missing field": '{"product":"a","price":1}',
  "wrong type": sale('"a"', '"2"'),
  "quantity 0": sale('"a"', "0"),
  "quantity -1": sale('"a"', "-1"),
  "quantity 1.5": sale('"a"', "1.5"),
  "quantity 1e9+1": sale('"a"', "1000000001"),
  "price -0.01": sale('"a"', "1", "-0.01"),
  NaN: sale('"a"', "1", "NaN"),
  "7 decimals": sale('"a"', "1", "0.0000001"),
  "1e400": sale('"a"', "1", "1e400"),
  "deep product": sale(nested(10_000)),
  "900 kB product": sale(`"${"x".repeat(900_000)}"`),
  "CR/LF": sale('"a\\r\\nb"'),
  "lone surrogate": sale('"\\ud800"'),
  "byte order mark": `\ufeff${sale('"a"')}`,
  "as large as the broker takes": "x".repeat(RECORD_BYTES_MAX),
};

const runs = new Runs();
afterEach(() => runs.end());

test("each record is counted or kept as a dead letter, whichever the contract says", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const topics = newTopics("records");
  await broker.createTopic(topics.input, 4);
  const run = runs.start(["--brokers", brokers, ...topics.args, "--port", "0"]);
  await run.url();
  const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
  const values = [...Object.values(counted), ...Object.values(broken)];
  const headers = [{ name: "trace", value: bytes("1") }];
  await sendAll(
    kafka,
    topics.input,
    values.map((value) => {
      return {
        key: bytes("key"),
        value: typeof value === "string" ? bytes(value) : value,
        headers,
      };
    }),
  );
  await sendAll(kafka, topics.input, [{ value: bytes(sale('"after all"')) }]);

  const letters = Object.keys(broken).length;
  const totals = await totalsWhen(run, ({ deadLetters, products }) => {
    return deadLetters === letters && products.some(({ product }) => product === "after all");
  });
  expect(totals.products.map(({ product }) => product).sort()).toEqual(
    [
      "deep",
      "__proto__",
      "proto",
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "spelled",
      "after all",
    ].sort(),
  );
  expect(totals.total).toMatchObject({ totalQuantity: 8, totalPrice: "8.00", sales: 7 });

  const kept = await readCommitted({ brokers, topic: topics.deadLetters });
  const text = (value: string | Uint8Array | null) =>
    value && Buffer.from(typeof value === "string" ? bytes(value) : value).toString("latin1");
  expect(kept.map(({ value }) => text(value) || null).sort()).toEqual(
    Object.values(broken)
      .map((value) => text(value) || null)
      .sort(),
  );
  for (const { key, headers } of kept) {
    expect(text(key)).toBe("key");
    expect(headers).toMatch(
      new RegExp(
        `^trace=1,error=.+,source.topic=${topics.input},source.partition=\\d,source.offset=\\d+$`,
      ),
    );
  }

  const browser = await launchBrowser();
  try {
    const { page, complaints } = await openTable(browser, run);
    const names = await waitFor(
      async () => {
        const rows = await tableRows(page);
        return rows.length === 7 ? rows.map(([name]) => name) : undefined;
      },
      { what: "seven products on the page" },
    );
    expect(names).toContain("<img src=x onerror=alert(1)>");
    expect(names).toContain("<script>alert(1)</script>");
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
}, 90_000);

test("a dead letter too large for its topic is kept without its value, and the flow goes on", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const topics = newTopics("large");
  await broker.createTopic(topics.input, 1);
  await broker.createTopic(topics.deadLetters, 1, { "max.message.bytes": "700000" });
  const run = runs.start(["--brokers", brokers, ...topics.args, "--port", "0"]);
  await run.url();
  const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
  await sendAll(kafka, topics.input, [{ value: bytes("x".repeat(900_000)) }]);
  await sendAll(kafka, topics.input, [{ value: bytes(sale('"after all"')) }]);
  await totalsWhen(run, ({ deadLetters, total }) => deadLetters === 1 && total.sales === 1);
  const [letter] = await readCommitted({ brokers, topic: topics.deadLetters });
  expect(letter?.value).toBeNull();
  expect(letter?.headers).toContain("value.omitted=900000 bytes");
}, 90_000);
