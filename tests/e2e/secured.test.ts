/** Three brokers with TLS, passwords and rights: Salesboard works with the rights in the list. */

import { afterAll, afterEach, test as always, beforeAll, expect } from "bun:test";
import { newTopics, Runs, sentencesOf, totalsWhen } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { type KafkaCluster, startCluster } from "../support/kafka-cluster.ts";
import type { Right } from "../support/kafka-requests.ts";
import { readCommitted } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { apiRows, outputTotals, rowsOf } from "../support/totals.ts";

const TEST_MS_MAX = 180_000;
const SALES = 2_000;
const test = requirement("java", "maven", "openssl", "kcat");
const runs = new Runs();
let cluster: KafkaCluster;

if (test === always) {
  beforeAll(async () => {
    cluster = await startCluster();
  }, TEST_MS_MAX);
  afterAll(() => cluster.stop());
}
afterEach(() => runs.end());

type Topics = ReturnType<typeof newTopics>;

/** What `docs/operate.md` lists for `run`, topics that are missing included. */
function rightsToRun({ input }: Topics): Right[] {
  const topic = (operation: Right["operation"]): Right => ({
    resource: "topic",
    name: `${input}*`,
    operation,
  });
  return [
    topic("Read"),
    topic("Write"),
    topic("Create"),
    { resource: "group", name: `${input}*`, operation: "Read" },
    { resource: "transactionalId", name: `${input}*`, operation: "Write" },
  ];
}

// A producer without the right to write said "All sales acknowledged", ended with 0, and not one
// record was in the topic.
test.each(["1", "20", "1000"])(
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
  "the executable makes its topics, counts, verifies and restores with these rights alone",
  async () => {
    const topics = newTopics("secured");
    await cluster.allow("board", ...rightsToRun(topics));
    const args = [...cluster.as("board"), ...topics.args];
    const produced = await runSalesboard([
      ...["produce", ...args, "--count", String(SALES), "--rate", "0", "--seed", "7"],
    ]);
    expect(produced).toMatchObject({ status: 0 });

    const first = runs.start(["run", "--roles", "aggregator,dashboard", "--port", "0", ...args]);
    await totalsWhen(first, ({ total }) => total.sales === SALES, 60_000);
    expect(await first.stop()).toBe(0);
    const again = runs.start(["run", "--roles", "aggregator,dashboard", "--port", "0", ...args]);
    const shown = await totalsWhen(again, ({ total }) => total.sales === SALES, 60_000);
    const written = await outputTotals(cluster.brokers, topics.output);
    expect(apiRows(shown)).toEqual(rowsOf(written));

    const verified = await runSalesboard(["verify", "--json", ...args]);
    expect(JSON.parse(verified.stdout)).toMatchObject({ equal: true, sales: SALES });
    expect(verified.status).toBe(0);
  },
  TEST_MS_MAX,
);
