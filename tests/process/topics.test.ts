/** Missing topics on clusters that refuse some or all of them. */

import { describe, expect, test } from "bun:test";
import { type Admin, KafkaError } from "../../src/kafka/kafka.ts";
import { ensureTopics } from "../../src/process/topics.ts";
import { configOf } from "../support/context.ts";

const config = configOf("run", "--brokers", "kafka:9092", "--input-topic", "in");
const names = ["in", config.outputTopic, config.historyTopic, config.deadLetterTopic];

type CreateOptions = Parameters<Admin["createTopic"]>[1];

/** A cluster without topics, in which `refuse` says what it refuses. */
function clusterOf(refuse: (topic: string, options: CreateOptions) => KafkaError | undefined) {
  const made = new Map<string, CreateOptions>();
  const admin: Partial<Admin> = {
    describeTopic: async (topic) => {
      const options = made.get(topic);
      return options && { partitions: options.partitions };
    },
    createTopic: async (topic, options) => {
      const error = refuse(topic, options);
      if (error) throw error;
      made.set(topic, options);
    },
  };
  return { admin: admin as Admin, made };
}

function refusal(code: string, message = "Cannot create topic: no.") {
  return new KafkaError(message, { code, verdict: "fatal" });
}

const said: string[] = [];
const log = { warning: (text: string) => void said.push(text) };
const ensured = (admin: Admin) => ensureTopics(admin, config, log).then(() => "", String);

describe("ensureTopics", () => {
  test("creates what is missing", async () => {
    const { admin, made } = clusterOf(() => undefined);
    expect(await ensured(admin)).toBe("");
    expect([...made.keys()]).toEqual(names);
  });

  test("creates those of each input topic, with as many partitions as that has", async () => {
    const { admin, made } = clusterOf(() => undefined);
    const args = ["--input-topic", "a,b", "--output-topic", "o", "--partitions", "3"];
    await admin.createTopic("b", { partitions: 5, replicationFactor: undefined, config: {} });
    await ensureTopics(admin, configOf("aggregate", "--brokers", "kafka:9092", ...args));
    expect([...made].map(([topic, { partitions }]) => `${topic} ${partitions}`)).toEqual([
      ...["b 5", "a 3", "o 3", "o.history 3", "a.dlq 3"],
      ...["o.of-b 5", "o.of-b.history 5", "b.dlq 5"],
    ]);
  });

  // Three tries and a look into the source were needed for four commands.
  test("a setting that a policy refuses is left out and named", async () => {
    said.length = 0;
    const { admin, made } = clusterOf((_, { config }) =>
      Number(config["segment.bytes"] ?? 1e9) < 52_428_800
        ? refusal("POLICY_VIOLATION", "Topic config segment.bytes must be at least 52428800.")
        : undefined,
    );
    expect(await ensured(admin)).toBe("");
    expect(made.get(config.outputTopic)?.config).toMatchObject({
      "cleanup.policy": "compact",
      "segment.bytes": "67108864",
    });
    expect(said).toEqual([
      `The cluster refuses segment.bytes=4194304 for the topic ${config.outputTopic}.`,
      `The cluster refuses segment.bytes=4194304 for the topic ${config.historyTopic}.`,
    ]);
  });

  test("a cluster that refuses whatever is asked of it is told of once", async () => {
    const { admin } = clusterOf(() => refusal("POLICY_VIOLATION", "Topics are made by others."));
    expect(await ensured(admin)).toContain("Cannot use topic in: it is missing or inaccessible");
  });

  test("all missing topics are in one message, with what creates them", async () => {
    const { admin } = clusterOf((topic) =>
      topic === "in" ? undefined : refusal("TOPIC_AUTHORIZATION_FAILED"),
    );
    const sentence = await ensured(admin);
    for (const topic of names.slice(1)) {
      expect(sentence).toContain(`${topic}: it is missing, and so is the right Create on it`);
    }
    expect(sentence).toContain(`Cannot use topic ${config.outputTopic}: it is missing`);
    expect(sentence).toContain(
      "These commands create what is missing: " +
        `kafka-topics.sh --bootstrap-server kafka:9092 --create --topic ${config.outputTopic} ` +
        `--partitions ${config.partitions} --config cleanup.policy=compact`,
    );
    for (const topic of names.slice(1)) expect(sentence).toContain(`--create --topic ${topic} `);
    expect(sentence).not.toContain("--topic in ");
  });

  test("too few brokers for the replicas name the option", async () => {
    const text = "The target replication factor of 3 cannot be reached: only 1 broker(s).";
    const { admin } = clusterOf(() => refusal("INVALID_REPLICATION_FACTOR", text));
    const sentence = await ensured(admin);
    expect(sentence).toContain("see --replication-factor");
    expect(sentence).toContain("only 1 broker");
  });
});
