/** Topics that a pattern finds at the start, and those that appear while a process runs. */

import { describe, expect, test } from "bun:test";
import type { Config } from "../../src/config/config.ts";
import { type Admin, KafkaError } from "../../src/kafka/kafka.ts";
import { findAtStart, InputWatch } from "../../src/process/input-topics.ts";
import type { UncountedTopics } from "../../src/role.ts";
import { configOf, recordingLog } from "../support/context.ts";

const SECOND = 1_000;

/** A cluster whose topics come and go. */
function clusterOf(...names: string[]) {
  const topics = new Set(names);
  let asked = 0;
  const cluster = {
    topics,
    /** Topics that nobody may create. */
    refused: new Set<string>(),
    isAway: false,
    /** Runs before each answer. */
    onAsk: (_times: number) => {},
    admin: {} as Admin,
  };
  const admin: Partial<Admin> = {
    topicNames: async () => {
      cluster.onAsk(++asked);
      if (cluster.isAway) throw new KafkaError("Away.", { code: "_TRANSPORT", verdict: "retry" });
      return [...topics];
    },
    describeTopic: async (topic) => (topics.has(topic) ? { partitions: 2 } : undefined),
    createTopic: async (topic) => {
      if (!cluster.refused.has(topic)) return void topics.add(topic);
      throw new KafkaError("No.", { code: "TOPIC_AUTHORIZATION_FAILED", verdict: "fatal" });
    },
  };
  cluster.admin = admin as Admin;
  return cluster;
}

const of = (inputs: string, command = "aggregate", ...args: string[]): Config =>
  configOf(command, "--brokers", "k:9092", "--input-topic", inputs, ...args);

const failureOf = (found: Promise<unknown>) => found.then(() => "found", String);

describe("findAtStart", () => {
  test("makes the topics of each input topic that it finds, and of no other", async () => {
    const { admin, topics } = clusterOf("sales_b", "sales_a", "orders", "sales_a.dlq");
    const { config, uncounted } = await findAtStart(admin, of("sales_*"));
    expect(config.inputTopics).toEqual(["sales_a", "sales_b"]);
    expect(uncounted).toEqual([]);
    const made = ["sales_a", "sales_b"].flatMap((topic) => {
      const output = `processed_sales_topic.of-${topic}`;
      return [output, `${output}.history`, `${topic}.dlq`];
    });
    expect([...topics].sort()).toEqual(["orders", "sales_a", "sales_b", ...made].sort());
  });

  test("waits for a first topic, and says so once", async () => {
    const cluster = clusterOf("orders");
    cluster.onAsk = (times) => times === 2 && cluster.topics.add("sales_a");
    const { log, lines } = recordingLog();
    const { config } = await findAtStart(cluster.admin, of("sales_*,books*"), log);
    expect(config.inputTopics).toEqual(["sales_a"]);
    expect(lines).toEqual(["Still waiting for a topic that matches sales_* or books*."]);
  });

  test("names the pattern and what there is when nothing matches in time", async () => {
    const soon = ["--startup-timeout", "1s"];
    const { admin } = clusterOf("c", "b", "_schemas", "a", "f", "e", "d", "g");
    expect(await failureOf(findAtStart(admin, of("sales_*", "serve", ...soon)))).toBe(
      "SalesboardError: Cannot use --input-topic sales_*: no topic matches within 1 s " +
        "(--startup-timeout). The brokers have a, b, c, d, e and 2 others.",
    );
    // A command that is typed gets its answer at once.
    const cluster = clusterOf();
    expect(await failureOf(findAtStart(cluster.admin, of("sales_*", "verify")))).toBe(
      "SalesboardError: Cannot use --input-topic sales_*: no topic matches. The brokers name no " +
        "topic that this user may see.",
    );
  });

  test("starts with a name before any topic matches", async () => {
    const { admin } = clusterOf();
    const { config } = await findAtStart(admin, of("first,sales_*"));
    expect([config.inputTopics, config.foundTopics]).toEqual([["first"], []]);
  });

  test("leaves out the topic that cannot be counted, and fails when that is all", async () => {
    const cluster = clusterOf("sales_a", "sales_b");
    cluster.refused.add("sales_b.dlq");
    const { config, uncounted } = await findAtStart(cluster.admin, of("sales_*"));
    expect(config.inputTopics).toEqual(["sales_a"]);
    expect(uncounted).toHaveLength(1);
    expect(uncounted[0]?.text).toStartWith(
      "The topic sales_b matches sales_* and is not counted: Cannot use topic sales_b.dlq: it is",
    );
    const alone = clusterOf("sales_b");
    alone.refused.add("sales_b.dlq");
    expect(await failureOf(findAtStart(alone.admin, of("sales_*")))).toStartWith(
      "SalesboardError: Cannot use --input-topic sales_*: The topic sales_b matches sales_*",
    );
  });
});

/** A watch of a process that has found sales_a. */
async function watchOf(command = "aggregate", inputs = "sales_*") {
  const cluster = clusterOf("sales_a");
  const found = await findAtStart(cluster.admin, of(inputs, command));
  const { log, lines } = recordingLog();
  const arrived: (readonly string[])[] = [];
  const told: UncountedTopics[] = [];
  const order: string[] = [];
  const clock = { now: 1_000_000 };
  const watch = new InputWatch({
    found,
    log,
    arrive: ({ inputTopics }) => {
      arrived.push(inputTopics);
      order.push("arrived");
    },
    tell: (uncounted) => {
      told.push(uncounted);
      order.push(uncounted.sentences.length === 0 ? "all counted" : "uncounted");
    },
    now: () => clock.now,
  });
  const look = async (afterMs = 5 * SECOND) => {
    clock.now += afterMs;
    await watch.look(cluster.admin);
  };
  const sentences = () => told.at(-1)?.sentences ?? [];
  return { cluster, look, lines, arrived, told, order, sentences, clock };
}

describe("InputWatch", () => {
  test("adds a topic that appears, once its own topics are there", async () => {
    const { cluster, look, arrived, told, order, lines } = await watchOf();
    await look();
    expect(arrived).toEqual([]);
    cluster.topics.add("sales_b").add("orders");
    await look();
    await look();
    expect(arrived).toEqual([["sales_a", "sales_b"]]);
    expect(cluster.topics.has("processed_sales_topic.of-sales_b")).toBe(true);
    // A page that is live meanwhile would not say that it lacks sales.
    expect(order).toEqual(["uncounted", "arrived", "all counted"]);
    expect(told[0]?.sentences).toEqual(["The board has more input topics in a moment: sales_b."]);
    expect(lines).toEqual([]);
  });

  test("finds no topic that it has made itself, with * either", async () => {
    const { cluster, look, arrived } = await watchOf("aggregate", "*");
    const before = [...cluster.topics];
    for (let i = 0; i < 3; i++) await look();
    expect(arrived).toEqual([]);
    expect([...cluster.topics]).toEqual(before);
  });

  // Nothing waits, so that the page stays live: it says why the next start shows less.
  test("keeps a topic that is deleted, and makes it no more", async () => {
    const { cluster, look, arrived, told } = await watchOf();
    cluster.topics.delete("sales_a");
    await look();
    await look();
    expect(arrived).toEqual([]);
    const notes = ["The topic sales_a is gone. Its totals are on the board until a restart."];
    expect(told).toMatchObject([{ sentences: [], notes }]);
    expect(cluster.topics.has("sales_a")).toBe(false);
    cluster.topics.add("sales_b");
    await look();
    expect(arrived).toEqual([["sales_a", "sales_b"]]);
  });

  test("says of a 17th topic that it is uncounted, until it is gone", async () => {
    const { cluster, look, arrived, told, sentences, lines, clock } = await watchOf();
    for (let i = 0; i < 16; i++) cluster.topics.add(`sales_c${i}`);
    await look();
    const since = clock.now;
    expect(arrived[0]).toHaveLength(16);
    const text = "The topic sales_c9 matches sales_* and is not counted: a board has at most 16";
    const uncounted = { since, sentences: [expect.stringContaining(text)], notes: [] };
    expect(told.slice(1)).toEqual([uncounted]);
    await look();
    expect([told.length, lines.length, arrived.length]).toEqual([2, 1, 1]);
    cluster.topics.delete("sales_c9");
    await look();
    expect(sentences()).toEqual([]);
  });

  test("tries again what could not be made, and says why it is not counted meanwhile", async () => {
    const { cluster, look, arrived, sentences } = await watchOf();
    cluster.refused.add("sales_b.dlq");
    cluster.topics.add("sales_b");
    await look();
    expect(sentences()[0]).toContain("sales_b.dlq: it is missing, and so is the right Create");
    expect(arrived).toEqual([]);
    cluster.refused.clear();
    await look();
    expect(arrived).toEqual([["sales_a", "sales_b"]]);
    expect(sentences()).toEqual([]);
  });

  // Each look tried all of it again and said so, and the one that failed kept a place of sixteen.
  test("tries what fails less and less often, says so once, and gives its place to others", async () => {
    const { cluster, look, arrived, lines, told } = await watchOf();
    let tries = 0;
    cluster.admin.createTopic = async (topic) => {
      if (!topic.includes("sales_b")) return void cluster.topics.add(topic);
      if (topic.endsWith(".of-sales_b")) tries++;
      throw new KafkaError("No.", { code: "TOPIC_AUTHORIZATION_FAILED", verdict: "fatal" });
    };
    cluster.topics.add("sales_b");
    for (let i = 0; i < 25; i++) await look();
    // After 5, 10, 20 and then each 30 s.
    expect(tries).toBe(6);
    expect([lines.length, told.length]).toEqual([1, 2]);
    for (let i = 0; i < 15; i++) cluster.topics.add(`sales_c${i}`);
    await look();
    expect(arrived.at(-1)).toHaveLength(16);
    expect(arrived.at(-1)).not.toContain("sales_b");
  });

  // The name of a topic that somebody has just deleted comes back from brokers for a moment.
  test("a topic that is deleted meanwhile is not made again", async () => {
    const { cluster, look, arrived } = await watchOf();
    cluster.topics.add("sales_b");
    cluster.admin.describeTopic = async (topic) => {
      if (topic === "sales_b") return undefined;
      return cluster.topics.has(topic) ? { partitions: 2 } : undefined;
    };
    const before = cluster.topics.size;
    await look();
    expect([arrived, cluster.topics.size]).toEqual([[], before]);
  });

  test("a dashboard alone waits for the totals of a topic, and says so", async () => {
    const { cluster, look, arrived, sentences } = await watchOf("serve");
    cluster.topics.add("processed_sales_topic.of-sales_a").add("sales_b");
    await look();
    expect(arrived).toEqual([]);
    expect(sentences()[0]).toContain("there is no topic processed_sales_topic.of-sales_b");
    cluster.topics.add("processed_sales_topic.of-sales_b");
    await look();
    expect(arrived).toEqual([["sales_a", "sales_b"]]);
    expect(sentences()).toEqual([]);
  });

  test("says that it cannot look only after a while, and until it can", async () => {
    const { cluster, look, sentences, told, clock } = await watchOf();
    await look();
    const since = clock.now;
    cluster.isAway = true;
    await look();
    await look();
    expect(told).toEqual([]);
    await look();
    expect(told).toMatchObject([{ since }]);
    expect(sentences()).toEqual([
      "It is not known whether there are more topics that match sales_*: the brokers do not name " +
        "their topics.",
    ]);
    await look();
    expect(told).toHaveLength(1);
    cluster.isAway = false;
    await look();
    expect(sentences()).toEqual([]);
  });

  // The client asks again and again for more than a minute before it gives up.
  test("says that it does not know, however long the question stays open", async () => {
    const { cluster, look, sentences } = await watchOf();
    let asked = 0;
    cluster.admin.topicNames = () => {
      asked++;
      return new Promise(() => {});
    };
    await look(11.9 * SECOND);
    await look(100);
    expect(sentences()[0]).toContain("It is not known whether there are more topics");
    expect(asked).toBe(1);
  });
});
