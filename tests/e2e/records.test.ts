/** Every kind of broken record counts or ends in the dead-letter topic, and the flow goes on. */

import { afterEach, expect } from "bun:test";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { newTopics, openTable, Runs, tableRows, totalsWhen } from "../support/board.ts";
import { usePages } from "../support/browser.ts";
import { broken, bytes, counted, rawValue, sale } from "../support/cases.ts";
import { quietLog } from "../support/context.ts";
import { sharedKafka } from "../support/kafka.ts";
import { type ReadRecord, readCommitted } from "../support/read.ts";
import { sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven", "kcat", "chromium");
/** Every byte as one character, so that a failure can be read; null is not empty. */
const latin1 = (value: Uint8Array | null) => value && Buffer.from(value).toString("latin1");
const nullsFirst = (a: string | null, b: string | null) =>
  a === null ? -1 : b === null ? 1 : a < b ? -1 : 1;

const runs = new Runs();
const opener = usePages();
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
        value: rawValue(value),
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
  const sent = await readCommitted({ brokers, topic: topics.input });
  const sources = kept.map(({ key, value, headers }) => {
    const place = `source.topic=${topics.input},source.partition=(\\d),source.offset=(\\d+)$`;
    const [, partition, offset] = new RegExp(`^trace=1,error=[^,].*,${place}`).exec(headers) ?? [];
    const at = (record: ReadRecord) =>
      record.partition === Number(partition) && record.offset === Number(offset);
    const source = sent.find(at);
    expect({ headers, found: source !== undefined }).toEqual({ headers, found: true });
    expect(latin1(value)).toBe(latin1(source?.value ?? null));
    expect(latin1(key)).toBe("key");
    return latin1(value);
  });
  const wanted = Object.values(broken).map((value) => latin1(rawValue(value)));
  expect(sources.sort(nullsFirst)).toEqual(wanted.sort(nullsFirst));

  const { page, complaints } = await openTable(opener, run);
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
}, 600_000);

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
}, 600_000);

// Headers were always kept, and a batch of many small letters was refused as a whole, for ever.
test("dead letters too large, or too many at once, for a small topic do not stop the flow", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const topics = newTopics("small");
  await broker.createTopic(topics.input, 1);
  await broker.createTopic(topics.deadLetters, 1, { "max.message.bytes": "10000" });
  const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
  const headers = [{ name: "trace", value: bytes("x".repeat(50_000)) }];
  const small = Array.from({ length: 500 }, (_, i) => ({ value: bytes(`no sale ${i}`) }));
  const large = { value: bytes("no sale"), headers };
  await sendAll(kafka, topics.input, [large, ...small]);
  await sendAll(kafka, topics.input, [{ value: bytes(sale('"after all"')) }]);
  const run = runs.start(["--brokers", brokers, ...topics.args, "--port", "0"]);
  await run.url();
  await totalsWhen(run, ({ deadLetters, total }) => deadLetters === 501 && total.sales === 1);
  const letters = await readCommitted({ brokers, topic: topics.deadLetters });
  expect(letters).toHaveLength(501);
  expect(letters[0]?.headers).toContain("headers.omitted=50013 bytes");
}, 600_000);
