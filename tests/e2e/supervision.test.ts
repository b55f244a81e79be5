/** A role that fails is started again and says so; one that keeps failing ends the process. */

import { afterEach, expect } from "bun:test";
import { newTopics, Runs, sentencesOf, totalsWhen } from "../support/board.ts";
import { sharedKafka, startKafka } from "../support/kafka.ts";
import { users } from "../support/kafka-files.ts";
import { produceValues } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("java", "maven", "kcat");
const runs = new Runs();
afterEach(() => runs.end());

test("an aggregator that may not join its group ends the process with 1", async () => {
  const kafka = await startKafka({ sasl: true });
  try {
    const topics = newTopics("refused");
    for (const topic of [topics.input, topics.output, topics.deadLetters]) {
      await kafka.createTopic(topic, 1);
    }
    await kafka.allow("limited", ["All"], { topic: topics.input });
    await kafka.allow("limited", ["All"], { "transactional-id": topics.input });
    const run = runs.start([
      ...["aggregate", "--brokers", kafka.saslBrokers, ...topics.args],
      ...["-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanism=PLAIN"],
      ...["-X", "sasl.username=limited", "-X", `sasl.password=${users.limited}`],
    ]);
    expect(await run.exited).toBe(1);
    expect(run.stderr()).toContain("The aggregator failed and starts again");
    const [sentence] = sentencesOf({ stderr: run.stderr() });
    expect(sentence).toContain("The aggregator keeps failing");
    expect(sentence).toMatch(/group/i);
    expect(run.stderr()).not.toMatch(/^\s+at /m);
  } finally {
    await kafka.stop();
  }
}, 120_000);

test("a broker that is away for a while is waited for, and nothing is lost", async () => {
  const kafka = await startKafka();
  try {
    const { brokers } = kafka;
    const topics = newTopics("away");
    await kafka.createTopic(topics.input, 2);
    const run = runs.start(["--brokers", brokers, ...topics.args, "--port", "0"]);
    const sale = '{"product":"Laptop","quantity":1,"price":1}';
    await produceValues({ brokers, topic: topics.input, values: [sale, sale] });
    await totalsWhen(run, ({ total }) => total.sales === 2);
    await kafka.kill();
    await waitFor(async () => (await fetch(`${await run.url()}/readyz`)).status === 503, {
      what: "the dashboard to say that it is stale",
      timeoutMs: 30_000,
    });
    await kafka.start();
    await produceValues({ brokers, topic: topics.input, values: [sale, sale, sale] });
    await totalsWhen(run, ({ total }) => total.sales === 5, 60_000);
    await waitFor(async () => (await fetch(`${await run.url()}/readyz`)).status === 200, {
      what: "the dashboard to be ready again",
    });
    expect(await run.stop()).toBe(0);
  } finally {
    await kafka.stop();
  }
}, 120_000);

test("a stop in the middle of work finishes the transaction and leaves the group at once", async () => {
  const { brokers } = await sharedKafka();
  const topics = newTopics("leave");
  const args = ["--brokers", brokers, ...topics.args];
  const producing = runs.start(["produce", ...args, "--rate", "2000"]);
  const first = runs.start(["--port", "0", ...args]);
  await totalsWhen(first, ({ total }) => total.sales > 1_000);
  expect(await first.stop()).toBe(0);
  // Without waiting for a session to end: the first instance has left.
  const second = runs.start(["--port", "0", ...args]);
  const before = await totalsWhen(second, ({ total }) => total.sales > 1_000);
  await totalsWhen(second, ({ total }) => total.sales > before.total.sales + 1_000, 8_000);
  expect(await producing.stop()).toBe(0);
  expect(await second.stop()).toBe(0);
}, 90_000);
