/** A role that fails is started again and says so, for as long as it fails. */

import { afterAll, afterEach, test as always, beforeAll, describe, expect } from "bun:test";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import type { Salesboard } from "../support/executable.ts";
import { type KafkaBroker, sharedKafka, startKafka } from "../support/kafka.ts";
import { users } from "../support/kafka-files.ts";
import { produceValues } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { outputTotals, salesIn } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

/** No more than librdkafka's longest time between two polls. */
const LONG_SESSION_MS = 300_000;
const test = requirement("java", "maven", "kcat");
const runs = new Runs();
afterEach(() => runs.end());

let kafka: KafkaBroker | undefined;
beforeAll(async () => {
  if (test !== always.skip) kafka = await startKafka({ sasl: true });
}, 600_000);
afterAll(() => kafka?.stop());

describe("an aggregator that may not join its group", () => {
  /** It may do all that an aggregator does, but for the group. */
  async function start(broker: KafkaBroker) {
    const topics = newTopics("refused");
    await broker.createTopic(topics.input, 1);
    await broker.allow("limited", ["All"], { topic: topics.input });
    await broker.allow("limited", ["All"], { "transactional-id": topics.input });
    const run = runs.start([
      ...["aggregate", "--brokers", broker.saslBrokers, ...topics.args],
      ...["-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanism=PLAIN"],
      ...["-X", "sasl.username=limited", "-X", `sasl.password=${users.limited}`],
    ]);
    return { run, topics };
  }

  const failed = (run: Salesboard) =>
    waitFor(() => run.stderr().includes("The aggregator failed and restarts in "), {
      what: "the aggregator to fail",
    });

  test("is started again, and works once it may", async () => {
    const broker = kafka as KafkaBroker;
    const { run, topics } = await start(broker);
    await failed(run);
    // Five restarts within a minute were the end of the process, and of the page.
    await waitFor(() => (run.stderr().match(/failed and restarts/g) ?? []).length > 5, {
      what: "more than five restarts",
    });
    await broker.allow("limited", ["All"], { group: topics.input });
    const { brokers } = broker;
    const sale = '{"product":"Laptop","quantity":1,"price":1}';
    await produceValues({ brokers, topic: topics.input, values: [sale, sale] });
    await waitFor(async () => salesIn(await outputTotals(brokers, topics.output)) === 2n, {
      what: "the totals",
    });
    expect(await run.stop()).toBe(0);
  }, 600_000);
});

test("a broker that is away for a while is waited for, and nothing is lost", async () => {
  const broker = kafka as KafkaBroker;
  const { brokers } = broker;
  const topics = newTopics("away");
  await broker.createTopic(topics.input, 2);
  const run = runs.start(["--brokers", brokers, ...topics.args, "--port", "0"]);
  const sale = '{"product":"Laptop","quantity":1,"price":1}';
  await produceValues({ brokers, topic: topics.input, values: [sale, sale] });
  await totalsWhen(run, ({ total }) => total.sales === 2);
  await broker.kill();
  await waitFor(async () => (await fetch(`${await run.url()}/readyz`)).status === 503, {
    what: "the dashboard to say that it is stale",
  });
  await broker.start();
  await produceValues({ brokers, topic: topics.input, values: [sale, sale, sale] });
  await totalsWhen(run, ({ total }) => total.sales === 5);
  await waitFor(async () => (await fetch(`${await run.url()}/readyz`)).status === 200, {
    what: "the dashboard to be ready again",
  });
  expect(await run.stop()).toBe(0);
}, 600_000);

test("a stop in the middle of work finishes the transaction and leaves the group at once", async () => {
  const { brokers } = await sharedKafka();
  const topics = newTopics("leave");
  // Longer than any wait here: who did not leave would keep the partitions for so long.
  const session = ["-X", `session.timeout.ms=${LONG_SESSION_MS}`];
  const args = ["--brokers", brokers, ...topics.args];
  const producing = runs.start(["produce", ...args, "--rate", "2000"]);
  const first = runs.start(["--port", "0", ...args, ...session]);
  await totalsWhen(first, ({ total }) => total.sales > 1_000);
  expect(await first.stop()).toBe(0);
  // Without waiting for a session to end: the first instance has left.
  const second = runs.start(["--port", "0", ...args, ...session]);
  const before = await totalsWhen(second, ({ total }) => total.sales > 1_000);
  await totalsWhen(second, ({ total }) => total.sales > before.total.sales + 1_000);
  expect(await producing.stop()).toBe(0);
  expect(await second.stop()).toBe(0);
}, 600_000);
