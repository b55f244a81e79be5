/** Three brokers with TLS, passwords and rights: Salesboard works with the rights in the list. */

import { afterAll, afterEach, test as always, beforeAll, expect } from "bun:test";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { OUTPUT_SETTINGS } from "../../src/topics/own-settings.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { logged, newTopics, Runs, sentencesOf, totalsWhen } from "../support/board.ts";
import { quietLog } from "../support/context.ts";
import { runSalesboard } from "../support/executable.ts";
import { endShared, type KafkaCluster, sharedCluster } from "../support/kafka-cluster.ts";
import type { Right } from "../support/kafka-requests.ts";
import { readCommitted } from "../support/read.ts";
import { sendAll } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { apiRows, outputTotals, rowsOf } from "../support/totals.ts";
import { waitFor } from "../support/wait.ts";

const TEST_MS_MAX = 400_000;
const SALES = 2_000;
/** Aggregators at a time. */
const AT_ONCE = 4;
const test = requirement("java", "maven", "openssl", "kcat");
const runs = new Runs();
let cluster: KafkaCluster;

if (test === always) {
  beforeAll(async () => {
    cluster = await sharedCluster();
  }, TEST_MS_MAX);
  afterAll(() => endShared());
}
afterEach(() => runs.end());

type Topics = ReturnType<typeof newTopics>;

/** The smallest sets of rights, as `docs/operate.md` lists them. */
function rightsOf(command: "aggregate" | "serve" | "verify", { input, output }: Topics): Right[] {
  const topic = (name: string, ...operations: Right["operation"][]): Right[] =>
    operations.map((operation) => ({ resource: "topic", name, operation }));
  const history = `${output}.history`;
  const letters = `${input}.dlq`;
  const group = (operation: Right["operation"]): Right[] => [
    { resource: "group", name: `${input}*`, operation },
  ];
  switch (command) {
    case "aggregate":
      return [
        ...topic(input, "Read"),
        ...topic(output, "Read", "Write"),
        ...topic(history, "Read", "Write"),
        ...topic(letters, "Write"),
        ...group("Read"),
        { resource: "transactionalId", name: `${input}*`, operation: "Write" },
      ];
    case "serve":
      return [input, output, history, letters].flatMap((name) => topic(name, "Read"));
    case "verify":
      return [
        ...[input, output, history].flatMap((name) => topic(name, "Read")),
        ...group("Describe"),
      ];
  }
}

/** Topics that are there, with three sales and a dead letter in the input. */
async function filledTopics(name: string): Promise<Topics> {
  const topics = newTopics(name);
  const { input, output, deadLetters } = topics;
  const ours = { partitions: 1, config: { ...OUTPUT_SETTINGS } };
  await cluster.createTopics(
    { name: input, partitions: 1 },
    { name: output, ...ours },
    { name: `${output}.history`, ...ours },
    { name: deadLetters, partitions: 1 },
  );
  const kafka = librdkafka({ brokers: cluster.brokers, properties: {}, log: quietLog });
  const sale = encodeSale({ product: "Laptop", quantity: 1, price: 1_000_000n });
  const value = new TextEncoder().encode("no sale");
  const records = [{ value: sale }, { value: sale }, { value }, { value: sale }];
  await sendAll(
    kafka,
    input,
    records.map((record) => ({ ...record, partition: 0 })),
  );
  // Who restores from an empty topic needs no right to read it: that shows at the second start.
  const removed = { key: new TextEncoder().encode("removed"), value: null, partition: 0 };
  for (const topic of [output, `${output}.history`]) await sendAll(kafka, topic, [removed]);
  return topics;
}

// A producer without the right to write said "All sales acknowledged", ended with 0, and not one
// record was in the topic.
test.each(["1", "1000"])(
  "without the right to write, all %s sales are failures",
  async (count) => {
    const { input } = newTopics("unwritable");
    await cluster.createTopics({ name: input, partitions: 3 });
    await cluster.allow("other", { resource: "topic", name: input, operation: "Describe" });
    const args = [...cluster.as("other"), "--input-topic", input, "--count", count, "--rate", "0"];
    const { status, stderr } = await runSalesboard(["produce", ...args]);
    const [sentence] = sentencesOf({ stderr });
    expect(sentence).toMatch(
      new RegExp(
        `Cannot deliver (\\d+) of \\1 sales: .*the right Write on topic ${input} is missing`,
      ),
    );
    expect(stderr).not.toContain("All sales acknowledged");
    expect(status).toBe(1);
    expect(await readCommitted({ brokers: cluster.brokers, topic: input })).toEqual([]);
  },
  TEST_MS_MAX,
);

test(
  "each command works with its own rights, and topics that are missing need Create alone",
  async () => {
    const topics = newTopics("secured");
    const rights = rightsOf("aggregate", topics);
    const named = rights.filter(({ resource }) => resource === "topic");
    const missing = [...new Set(named.map(({ name }) => name))];
    await cluster.allow(
      "board",
      ...rights,
      ...missing.map((name): Right => ({ resource: "topic", name, operation: "Create" })),
      { resource: "topic", name: topics.input, operation: "Write" },
    );
    const args = [...cluster.as("board"), ...topics.args];
    const produced = await runSalesboard([
      ...["produce", ...args, "--count", String(SALES), "--rate", "0", "--seed", "7"],
    ]);
    expect(produced).toMatchObject({ status: 0 });
    await cluster.allow("other", ...rightsOf("serve", topics));
    const seen = [...cluster.as("other"), ...topics.args];

    const first = runs.start(["aggregate", ...args]);
    const serving = runs.start(["serve", "--port", "0", ...seen]);
    await totalsWhen(serving, ({ total }) => total.sales === SALES);
    expect(await first.stop()).toBe(0);
    // What is in the output now is read by the next one. That needed a right on a group once.
    const again = runs.start(["aggregate", ...args]);
    await logged(again, "Partitions assigned.");
    const shown = await totalsWhen(serving, ({ total }) => total.sales === SALES);
    const written = await outputTotals(cluster.brokers, topics.output);
    expect(apiRows(shown)).toEqual(rowsOf(written));

    await cluster.disallow("other", ...rightsOf("serve", topics));
    await cluster.allow("other", ...rightsOf("verify", topics));
    const verified = await runSalesboard(["verify", "--json", ...seen]);
    expect(JSON.parse(verified.stdout)).toMatchObject({ equal: true, sales: SALES });
    expect(verified.status).toBe(0);
  },
  TEST_MS_MAX,
);

test(
  "an aggregator that lacks any one of its rights says that it lacks one, and counts no sale",
  async () => {
    const count = rightsOf("aggregate", newTopics("any")).length;
    const lacking = async (i: number) => {
      const topics = await filledTopics(`lacking-${i}`);
      const rights = rightsOf("aggregate", topics);
      await cluster.allow("board", ...rights.toSpliced(i, 1));
      const args = ["aggregate", ...cluster.as("board"), ...topics.args, "--log-format", "json"];
      const run = runs.start(args);
      await waitFor(() => /authori[sz]ation|the right|no right to/i.test(run.stderr()), {
        what: `a word about the lack of ${JSON.stringify(rights[i])}`,
      });
      await run.kill();
      expect(rowsOf(await outputTotals(cluster.brokers, topics.output))).toEqual([]);
    };
    for (let i = 0; i < count; i += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, k) => lacking(i + k));
      await Promise.all(some);
    }
  },
  TEST_MS_MAX,
);

test(
  "doctor finds nothing wrong with the rights in the list, and names each one that is missing",
  async () => {
    const topics = await filledTopics("examined");
    const rights = rightsOf("aggregate", topics);
    await cluster.allow("board", ...rights);
    const command = ["doctor", "--json", "--roles", "aggregator", ...topics.args];
    const look = async (...args: string[]) => {
      const { status, stdout, stderr } = await runSalesboard([...command, ...args]);
      const { findings = [] } = stdout ? JSON.parse(stdout) : {};
      const told = (findings as { check: string; state: string; text: string; mend: string }[]).map(
        ({ check, state, text, mend }) => `${check} ${state}: ${text} ${mend}`,
      );
      return {
        status,
        told,
        of: (start: string) => told.filter((one) => one.startsWith(start)),
        stderr,
      };
    };
    const before = await look(...cluster.as("board"));
    expect(before.of("rights")).toEqual([
      expect.stringContaining("ok: The user has all rights"),
      expect.stringContaining(`--transactional-id ${topics.input} --operation Write`),
    ]);
    for (const check of ["brokers", "login"]) {
      expect(before.of(check)).toEqual(before.of(`${check} ok`));
    }
    // The tests' certificates last for two days.
    expect(before.of("tls warning")[0]).toMatch(/is trusted, and ends in \d days?\. Renew it/);
    // A quarter of the records in the input are not sales.
    expect(before.of("mapping warning")).toHaveLength(1);

    await cluster.disallow("board", { resource: "topic", name: topics.output, operation: "Write" });
    const after = await look(...cluster.as("board"));
    expect(after.of("rights problem")).toEqual([
      expect.stringContaining(`User:board --topic ${topics.output} --operation Write`),
    ]);
    expect(after.status).toBe(2);
    const wrong = await look(...cluster.as("board", "wrong"), "--startup-timeout", "5s");
    expect(wrong.of("login problem")).toHaveLength(1);
    const plain = await look("--brokers", cluster.securedBrokers, "--startup-timeout", "3s");
    expect(plain.of("brokers problem")[0]).toContain("speaks TLS: use -X security.protocol=SSL");
  },
  TEST_MS_MAX,
);

// A topic from Terraform with the usual defaults: after a quiet week all totals were gone, and
// nobody had been told.
test(
  "a topic whose settings lose totals is told of on the page and in the log, with the cure",
  async () => {
    const topics = await filledTopics("dangerous");
    await cluster.alterTopic(topics.output, { "cleanup.policy": "compact,delete" });
    const args = ["serve", "--port", "0", ...cluster.as("admin"), ...topics.args];
    const run = runs.start([...args, "--log-format", "json"]);
    const text = `Kafka deletes records of the topic ${topics.output} after 7 days`;
    const line = await logged(run, text);
    const cure = `--entity-name ${topics.output} --add-config cleanup.policy=compact`;
    expect(line.properties.command).toContain(cure);
    const url = await run.url();
    await waitFor(async () => (await (await fetch(url)).text()).includes(text), {
      what: "the notice on the page",
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^salesboard_topics_dangers 1$/m);
  },
  TEST_MS_MAX,
);
