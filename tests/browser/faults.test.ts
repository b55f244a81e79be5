/**
 * The pages under faults, on a real broker: they say since when the numbers are stale, recover by
 * themselves, show nothing that was not committed, and never go back without a word.
 */

import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import type { Page } from "playwright-core";
import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { BOOKKEEPING_KEY } from "../../src/wire/bookkeeping.ts";
import { key, total } from "../dashboard/fixture.ts";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import { bookkeepingRecord } from "../support/bookkeeping.ts";
import { usePages } from "../support/browser.ts";
import { quietLog } from "../support/context.ts";
import { runSalesboard, type Salesboard } from "../support/executable.ts";
import { type KafkaBroker, startKafka } from "../support/kafka.ts";
import { freePort } from "../support/ports.ts";
import { recordsOf, sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { quick, quickArgs } from "../support/timeouts.ts";
import { outputTotals, salesIn } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";
import { says } from "./fed-pages.ts";
import { neverCommitted, recordPage, StreamObserver, stepsBack } from "./observer.ts";

const test = requirement("chromium", "java", "maven", "kcat");
/** Figures that are seen before the first fault. */
const SEEN_MIN = 10;
const PARTITIONS = 2;

let broker: KafkaBroker;
const opener = usePages();
const runs = new Runs();
let observer: StreamObserver | undefined;

beforeAll(async () => {
  if (test.name === "skip") return;
  broker = await startKafka({ settings: quick.broker });
}, 600_000);
afterEach(async () => {
  await observer?.stop();
  observer = undefined;
  await runs.end();
});
afterAll(() => broker?.stop());

const kafka = () => librdkafka({ brokers: broker.brokers, properties: {}, log: quietLog });

/** Waits for an answer of `/readyz`: a single one says little of a machine that is busy. */
async function readiness(run: Salesboard, pattern: RegExp): Promise<void> {
  let answer = "";
  const fits = async () => {
    const response = await fetch(`${await run.url()}/readyz`);
    answer = `${response.status} ${await response.text()}`;
    return pattern.test(answer);
  };
  await waitFor(fits, { what: `/readyz to answer ${pattern}` }).catch((error) => {
    throw new Error(`It answers: ${answer}\n${error.message}`);
  });
}

const recovers = (page: Page) => says(page, "#state", /^Live$/);

async function grows(run: Salesboard): Promise<void> {
  const { total: before } = await run.api<{ total: { sales: number } }>("/api/totals");
  await totalsWhen(run, ({ total }) => total.sales > before.sales);
}

test("broker, aggregator and dashboard go and come back", async () => {
  const topics = newTopics("faults");
  await broker.createTopic(topics.input, PARTITIONS);
  const args = ["--brokers", broker.brokers, "--startup-timeout", "60s", ...topics.args];
  const port = String(await freePort());
  let serve = runs.start(["serve", ...args, "--port", port]);
  const producer = runs.start(["produce", ...args, "--rate", "100", "--seed", "1"]);
  let aggregator = runs.start(["aggregate", ...args, ...quickArgs]);
  const url = await serve.url();
  const page = await (await opener.newContext()).newPage();
  const recorded = await recordPage(page);
  await page.goto(`${url}/?period=all`);
  const observed = new StreamObserver(url);
  observer = observed;
  await recovers(page);
  await waitFor(async () => (await recorded()).length > SEEN_MIN, { what: "figures to change" });
  await waitFor(() => observed.seen.length > SEEN_MIN, { what: "totals to be sent" });

  broker.pause();
  await says(page, "#state", /^Not updating since \d+:\d\d:\d\d/);
  await says(page, "#notices", /^Kafka has not answered since \d+:\d\d:\d\d [AP]M\.$/);
  await readiness(serve, /^503 .*"reasons":\["Kafka has not answered since \d[^"]+"\]/);
  broker.resume();
  await recovers(page);
  await grows(serve);
  await says(page, "#notices", /^$/);

  await broker.kill();
  await says(page, "#state", /^Not updating since \d/);
  await broker.start();
  await recovers(page);
  await grows(serve);

  await aggregator.kill();
  await says(page, "#state", /^Not updating since \d/);
  await says(page, "#notices", /^No sale has been counted since \d.*, though \d+ records wait/);
  // The dashboard itself has all that is committed: the page lacks what nobody counts.
  await readiness(serve, /^503 .*"reasons":\["No sale has been counted since \d[^"]+"\]/);
  aggregator = runs.start(["aggregate", ...args, ...quickArgs]);
  await recovers(page);
  await grows(serve);
  await readiness(serve, /^200 {"ready":true}$/);
  await says(page, "#notices", /^$/);

  await abortTotals(topics.output);
  await serve.kill();
  await says(page, "#state", /^Reconnecting, as of \d/);
  serve = runs.start(["serve", ...args, "--port", port]);
  await recovers(page);
  await grows(serve);

  expect(await producer.stop()).toBe(0);
  const counted = async () => salesIn(await outputTotals(broker.brokers, topics.output));
  expect(await aggregator.stop()).toBe(0);
  const final = await counted();
  await totalsWhen(serve, ({ total }) => BigInt(total.sales) === final);
  await says(page, ".sales output", new RegExp(`^${final.toLocaleString("en-US")}$`));
  const topic = { brokers: broker.brokers, topic: topics.output };
  for (const seen of [await recorded(), observed.seen]) {
    expect(stepsBack(seen)).toEqual([]);
    expect(await neverCommitted(seen, topic)).toEqual([]);
  }
}, 600_000);

/** Totals that are never committed, for as long as a reader could see them. */
async function abortTotals(topic: string): Promise<void> {
  const producer = kafka().transactionalProducer({ transactionalId: topic });
  await producer.init();
  producer.begin();
  const value = total("Aborted", "1000000", 1_000_000n);
  producer.produce(topic, recordsOf([{ key: key("Aborted"), value, partition: 0 }]));
  await producer.flush(10_000);
  await Bun.sleep(1_000);
  await producer.abort();
  await producer.close();
}

/** In the input of the transactions below: each of them has counted all. */
const INPUT_RECORDS = 50;

/** One transaction as the aggregator would write it: `count` products of one sale each. */
function transaction(count: number, noted = count): OutgoingRecord[] {
  const products = Array.from({ length: count }, (_, i) => `Product ${i}`);
  const value = bookkeepingRecord({ inputOffset: INPUT_RECORDS, sales: BigInt(noted) });
  return [
    ...products.map((name) => ({ key: key(name), value: total(name, "1"), partition: 0 })),
    { key: BOOKKEEPING_KEY, value, partition: 0 },
  ];
}

test("totals that a restore has lowered are shown with a word, those that lack some never", async () => {
  const topics = newTopics("restored");
  const args = ["--brokers", broker.brokers, ...topics.args];
  const topicCommand = (...rest: string[]) =>
    broker.tool("org.apache.kafka.tools.TopicCommand", [
      ...["--bootstrap-server", broker.brokers, ...rest],
    ]);
  await broker.createTopic(topics.input, 1);
  await broker.createTopic(topics.output, 1);
  // Totals that go beyond the end of the input, or end before it, would be told of, too.
  const value = new TextEncoder().encode("{}");
  const records = Array.from({ length: INPUT_RECORDS }, () => ({ value, partition: 0 }));
  await sendAll(kafka(), topics.input, records);
  await sendAll(kafka(), topics.output, transaction(50));
  const serve = runs.start(["serve", ...args, "--port", "0"]);
  const page = await (await opener.newContext()).newPage();
  const recorded = await recordPage(page);
  await page.goto(`${await serve.url()}/?period=all`);
  await says(page, ".sales output", /^50$/);

  await topicCommand("--delete", "--topic", topics.output);
  await says(page, "#notices", /^The topic .* does not exist any more\.$/);
  await says(page, "#state", /^Not updating since/);
  await broker.createTopic(topics.output, 1);
  await sendAll(kafka(), topics.output, transaction(20));
  await says(page, ".sales output", /^20$/);
  await recovers(page);
  await says(page, "#notices", /^Totals went down at \d+:\d\d:\d\d [AP]M: the output topic was/);

  // While nobody looks, a longer log with other totals takes the place of the one that was read.
  process.kill(serve.pid, "SIGSTOP");
  await topicCommand("--delete", "--topic", topics.output);
  await Bun.sleep(1_000);
  await broker.createTopic(topics.output, 1);
  await sendAll(kafka(), topics.output, transaction(15));
  await sendAll(kafka(), topics.output, transaction(15));
  process.kill(serve.pid, "SIGCONT");
  await says(page, ".sales output", /^15$/);

  // A total is missing: the last ones that added up stay, and the page says what is wrong.
  await sendAll(kafka(), topics.output, transaction(16, 18));
  await says(page, "#notices", /holds totals of 16 sales, but 18 were counted\./);
  await says(page, "#state", /^Not updating since/);
  await readiness(serve, /^503 .*holds totals of 16 sales, but 18 were counted/);
  await sendAll(kafka(), topics.output, transaction(18));
  await says(page, ".sales output", /^18$/);
  await recovers(page);
  const seen = await recorded();
  // The topic that was just made was empty for a while, and was shown so.
  const sales = seen.map((shown) => Number(shown.sales)).filter((count) => count > 0);
  expect(sales).toEqual([50, 20, 15, 18]);
  expect(stepsBack(seen)).toEqual([]);
}, 600_000);

test("a partition that the aggregator refuses is named on /readyz and on the page", async () => {
  const topics = newTopics("refused");
  await broker.createTopic(topics.input, PARTITIONS);
  const args = ["--brokers", broker.brokers, ...topics.args];
  const first = runs.start([...args, "--port", "0"]);
  const produce = ["produce", ...args, "--count", "100", "--rate", "0"];
  expect((await runSalesboard(produce)).status).toBe(0);
  await totalsWhen(first, ({ total }) => total.sales === 100);
  expect(await first.stop()).toBe(0);
  const emptied = [...args, "--output-topic", `${topics.output}-emptied`];
  const run = runs.start([...emptied, "--port", "0"]);
  const page = await (await opener.newContext()).newPage();
  await page.goto(`${await run.url()}/`);
  // Why, and the command that cures it.
  const refusal = /The aggregator refuses partition 0: [^"]+ type .?salesboard reset --brokers/;
  await says(page, "#notices", new RegExp(`^${refusal.source}`));
  await readiness(run, new RegExp(`^503 {"ready":false,"reasons":\\["${refusal.source}`));
  await says(page, "#notices", /No sale has been counted.* \(partition 0, 1\)/);
  await readiness(run, /^503 .*"No sale has been counted.* \(partition 0, 1\)\."\]}$/);
}, 600_000);
