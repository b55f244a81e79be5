/**
 * Rights that change under running processes, on three brokers that ask for the login again every
 * ten seconds: what is missing is named, and counting goes on when it is given back.
 */

import { afterEach, test as always, beforeAll, expect } from "bun:test";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { OUTPUT_SETTINGS } from "../../src/topics/own-settings.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { newTopics, Runs, totalsWhen } from "../support/board.ts";
import { quietLog } from "../support/context.ts";
import { runSalesboard, type Salesboard } from "../support/executable.ts";
import { type KafkaCluster, REAUTHENTICATION_MS, sharedCluster } from "../support/kafka-cluster.ts";
import { scramUsers } from "../support/kafka-files.ts";
import { kafkaTool } from "../support/kafka-process.ts";
import type { Right } from "../support/kafka-requests.ts";
import { sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { quickArgs } from "../support/timeouts.ts";
import { waitFor } from "../support/wait.ts";

const TEST_MS_MAX = 600_000;
/** Boards at a time. */
const AT_ONCE = 3;
const test = requirement("java", "maven", "openssl");
const runs = new Runs();
let cluster: KafkaCluster;

if (test === always) {
  beforeAll(async () => {
    cluster = await sharedCluster();
  }, TEST_MS_MAX);
}
afterEach(() => runs.end());

type Topics = ReturnType<typeof newTopics>;
const historyOf = ({ output }: Topics) => `${output}.history`;
const right = (name: string, operation: Right["operation"]): Right => {
  return { resource: "topic", name, operation };
};

/** A board that counts, as a user with its rights alone. */
async function boardOf(name: string, user: "board" | "other") {
  const topics = newTopics(name);
  const { input, output, deadLetters } = topics;
  await cluster.createTopics(
    ...[input, deadLetters].map((name) => ({ name, partitions: 2 })),
    ...[output, historyOf(topics)].map((name) => ({
      ...{ name, partitions: 2, config: OUTPUT_SETTINGS },
    })),
  );
  const named = [output, historyOf(topics)];
  await cluster.allow(
    user,
    ...[right(input, "Read"), right(deadLetters, "Read"), right(deadLetters, "Write")],
    ...named.flatMap((name) => [right(name, "Read"), right(name, "Write")]),
    { resource: "group", name: `${input}*`, operation: "Read" },
    { resource: "transactionalId", name: `${input}*`, operation: "Write" },
  );
  const run = runs.start([
    ...["run", "--roles", "aggregator,dashboard", "--port", "0", ...cluster.as(user)],
    ...[...topics.args, ...quickArgs, "--log-format", "json"],
  ]);
  const kafka = librdkafka({ brokers: cluster.brokers, properties: {}, log: quietLog });
  const value = encodeSale({ product: "Tea", quantity: 1, price: 1_000_000n });
  let sold = 0;
  const sell = async (...partitions: number[]) => {
    sold += partitions.length;
    await sendAll(
      kafka,
      input,
      partitions.map((partition) => ({ value, partition })),
    );
  };
  const counted = () => totalsWhen(run, ({ total }) => total.sales === sold);
  await sell(0, 1);
  await counted();
  const spoil = () =>
    sendAll(kafka, input, [{ value: new TextEncoder().encode("no sale"), partition: 1 }]);
  return { topics, run, sell, counted, spoil };
}

async function untilSaid(run: Salesboard, words: string): Promise<void> {
  const isSaid = async () => {
    const answer = await fetch(`${await run.url()}/readyz`);
    const { reasons = [] } = (await answer.json()) as { reasons?: string[] };
    return answer.status === 503 && reasons.some((reason) => reason.includes(words));
  };
  await waitFor(isSaid, { what: `/readyz to say ${words}` });
  const isShown = async () => (await (await fetch(await run.url())).text()).includes(words);
  await waitFor(isShown, { what: `the page to say ${words}` });
}

async function untilReady(run: Salesboard): Promise<void> {
  const isReady = async () => (await fetch(`${await run.url()}/readyz`)).ok;
  await waitFor(isReady, { what: "/readyz to be ready" });
}

/** What is taken away, and what must be said then. */
const cases: [string, (topics: Topics) => Right, (topics: Topics) => string][] = [
  [
    "history",
    (topics) => right(historyOf(topics), "Write"),
    (topics) => `operation Write on the resource Topic ${historyOf(topics)}`,
  ],
  [
    "output",
    ({ output }) => right(output, "Write"),
    ({ output }) => `operation Write on the resource Topic ${output}`,
  ],
  [
    "letters",
    ({ deadLetters }) => right(deadLetters, "Write"),
    ({ deadLetters }) => `operation Write on the resource Topic ${deadLetters}`,
  ],
  [
    "input",
    ({ input }) => right(input, "Read"),
    ({ input }) => `operation Read on the resource Topic ${input}`,
  ],
  [
    "group",
    ({ input }) => ({ resource: "group", name: `${input}*`, operation: "Read" }),
    ({ input }) => `operation Read on the resource Group ${input}`,
  ],
  [
    "transactions",
    ({ input }) => ({ resource: "transactionalId", name: `${input}*`, operation: "Write" }),
    ({ input }) => `operation Write on the resource TransactionalId ${input}-`,
  ],
];

// "Erroneous state", "a right on a topic is missing", or the end of the process, page included.
test(
  "a right that is taken away while sales flow is named, and all is counted when it is back",
  async () => {
    const lose = async ([name, taken, words]: (typeof cases)[number]) => {
      const { topics, run, sell, counted, spoil } = await boardOf(`lose-${name}`, "board");
      const isLetters = name === "letters";
      await cluster.disallow("board", taken(topics));
      if (isLetters) await spoil();
      await sell(1);
      await untilSaid(run, words(topics));
      if (isLetters) {
        // One bad record of one partition stops no other.
        const before = (await totalsWhen(run, () => true)).total.sales;
        await sell(0);
        await totalsWhen(run, ({ total }) => total.sales > before);
      }
      await cluster.allow("board", taken(topics));
      await sell(0, 1);
      await counted();
      await untilReady(run);
      expect(await run.stop()).toBe(0);
      const args = ["--brokers", cluster.brokers, ...topics.args];
      const verified = await runSalesboard(["verify", ...args]);
      expect(verified.status, verified.stdout + verified.stderr).toBe(0);
    };
    for (let i = 0; i < cases.length; i += AT_ONCE) {
      await Promise.all(cases.slice(i, i + AT_ONCE).map(lose));
    }
  },
  TEST_MS_MAX,
);

function setPassword(password: string): Promise<string> {
  return kafkaTool("kafka.admin.ConfigCommand", [
    ...["--bootstrap-server", cluster.brokers, "--alter", "--entity-type", "users"],
    ...["--entity-name", "other"],
    ...["--add-config", `SCRAM-SHA-512=[iterations=4096,password=${password}]`],
  ]);
}

test(
  "brokers that ask for the login again are answered, and a password that was changed is told",
  async () => {
    const { run, sell, counted } = await boardOf("relogin", "other");
    // Each connection has logged in anew by then.
    const end = performance.now() + 1.5 * REAUTHENTICATION_MS;
    while (performance.now() < end) {
      await sell(0, 1);
      await counted();
      await Bun.sleep(500);
    }
    const words = "The brokers refuse the login of user other";
    expect(run.stderr()).not.toMatch(/refuse the login|failed and restarts/);
    await setPassword("another-secret");
    await sell(0, 1);
    await untilSaid(run, words);
    // The page can be the first to say so.
    await waitFor(() => run.stderr().includes(words), { what: "the log to say so" });
    await setPassword(scramUsers.other);
    await counted();
    await untilReady(run);
  },
  TEST_MS_MAX,
);
