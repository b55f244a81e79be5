/** Whether the topics are there and set up so that nothing is lost: ours, and Kafka's own. */

import type { Config } from "../config/config.ts";
import {
  leaderless,
  readProblem,
  syncProblem,
  type TopicDescription,
  type TopicSettings,
} from "../kafka/kafka.ts";
import { counted } from "../lib/text.ts";
import {
  alterCommand,
  type Danger,
  dangerOfSizes,
  dangersOf,
  type TopicUse,
} from "../topics/dangers.ts";
import { cureOf, DEFAULT_REPLICAS, KAFKAS_OWN } from "../topics/kafkas-own.ts";
import {
  createCommand,
  DEAD_LETTER_SETTINGS,
  HISTORY_SETTINGS,
  OUTPUT_SETTINGS,
} from "../topics/own-settings.ts";
import { allowCommand } from "../topics/rights.ts";
import { type ClusterFacts, isMissing, partitionsOf, type TopicFacts } from "./facts.ts";
import { type Finding, say } from "./finding.ts";

const { ok, warning, problem, skipped } = say("topics");

const settingsOf: Record<TopicUse, Readonly<Record<string, string>>> = {
  input: {},
  output: OUTPUT_SETTINGS,
  history: HISTORY_SETTINGS,
  deadLetters: DEAD_LETTER_SETTINGS,
};

const words: Record<TopicUse, string> = {
  input: "input",
  output: "totals",
  history: "history",
  deadLetters: "dead letters",
};

export function checkTopics(config: Config, cluster: ClusterFacts): Finding[] {
  return [...cluster.topics].flatMap(([topic, facts]) => {
    const { described, use } = facts;
    // What is said of a right stands among the rights.
    if ("why" in described) {
      const isRight = described.code === "TOPIC_AUTHORIZATION_FAILED";
      return isRight ? [] : [warning(`Cannot look at the topic ${topic}: ${described.why}`)];
    }
    const found = described.value;
    if (!found) return missing(config, cluster, { topic, use });
    const bad = [
      ...ofPartitions(config, cluster, { topic, use, found }),
      ...ofSettings(config, cluster, topic, facts),
    ];
    if (bad.some(({ state }) => state !== "skipped")) return bad;
    const replicas = replicasOf(found);
    const copies = replicas === undefined ? "" : `, ${counted(replicas, "replica")} each`;
    return [
      ok(
        `The topic ${topic} (${words[use]}) has ${counted(found.partitions, "partition")}${copies}`,
      ),
      ...bad,
    ];
  });
}

function missing(
  config: Config,
  cluster: ClusterFacts,
  { topic, use }: { topic: string; use: TopicUse },
): Finding[] {
  const { brokers, inputTopic, replicationFactor } = config;
  const partitions = partitionsOf(cluster.topics.get(inputTopic)).length || config.partitions;
  const settings = settingsOf[use];
  const command = createCommand({ brokers, topic, partitions, settings, replicationFactor });
  if (use === "input") {
    const text = `There is no topic ${topic}, so that there is no sale to count: is --input-topic right?`;
    return [problem(text, command)];
  }
  const none = `The topic ${topic} (${words[use]}) is not there yet`;
  return config.roles.includes("aggregator")
    ? [ok(`${none}: the aggregator creates it`)]
    : [warning(`${none}: has an aggregator ever started, with the same --output-topic?`, command)];
}

function ofPartitions(
  { brokers, inputTopic }: Config,
  { topics }: ClusterFacts,
  { topic, use, found }: { topic: string; use: TopicUse; found: TopicDescription },
): Finding[] {
  const { rights: _, ...withoutRights } = found;
  const headless = readProblem(topic, withoutRights);
  const findings = headless === undefined ? [] : [problem(headless)];
  const lagging = (found.states ?? []).flatMap((_, id) => {
    return leaderless(found).includes(id) ? [] : (syncProblem(topic, id, found) ?? []);
  });
  if (lagging[0]) findings.push(warning(lagging[0]));
  const inputs = partitionsOf(topics.get(inputTopic)).length;
  const isPaired = use === "output" || use === "history";
  if (isPaired && found.partitions < inputs) {
    const has = `The topic ${topic} has ${counted(found.partitions, "partition")}, and ${inputTopic} has`;
    const command =
      `kafka-topics.sh --bootstrap-server ${brokers} --alter --topic ${topic} ` +
      `--partitions ${inputs}`;
    findings.push(
      warning(`${has} ${inputs}: the aggregator adds some, by the right Alter`, command),
    );
  }
  return findings;
}

function ofSettings(
  config: Config,
  cluster: ClusterFacts,
  topic: string,
  { use, settings }: TopicFacts,
): Finding[] {
  const brokers = config.brokers ?? "";
  if (!settings) return [];
  if ("why" in settings) {
    const right = { resource: "Topic", name: topic, right: "DescribeConfigs" } as const;
    const command = allowCommand(right, { brokers, user: config.rdkafka["sasl.username"] });
    const text = `Cannot read the settings of topic ${topic}, so no danger in them is told`;
    return settings.code === "TOPIC_AUTHORIZATION_FAILED"
      ? [skipped(text, command)]
      : [warning(`${text}: ${settings.why}`)];
  }
  const { value } = settings;
  const dangers = dangersOf({ topic, part: use, brokers }, value);
  const input = cluster.topics.get(config.inputTopic)?.settings;
  if (use === "deadLetters" && input && "value" in input) {
    const sizes = { topic, input: config.inputTopic, brokers };
    dangers.push(...dangerOfSizes(sizes, value, input.value));
  }
  return [
    ...dangers.map(ofDanger),
    ...ofReplicas(topic, value, { brokers, count: cluster.brokers }),
  ];
}

function ofDanger({ text, command, weight }: Danger): Finding {
  return { check: "topics", state: weight, text, mend: command };
}

/** A cluster of one broker is a choice; in a larger one, a broker may leave. */
function ofReplicas(
  topic: string,
  { replicas, values }: TopicSettings,
  { brokers, count }: { brokers: string; count: number },
): Finding[] {
  const inSyncMin = Number(values.get("min.insync.replicas") ?? Number.NaN);
  if (count > 1 && replicas === 1) {
    const text = `The topic ${topic} has 1 replica: without its broker, nothing is counted or shown`;
    return [warning(text, "kafka-reassign-partitions.sh, to 3 replicas")];
  }
  if (replicas === 1 || inSyncMin !== replicas) return [];
  const has = `${replicas} replicas and min.insync.replicas=${inSyncMin}`;
  const text = `The topic ${topic} has ${has}: when one broker is away, nobody can write`;
  const cure = alterCommand(brokers, topic, { "min.insync.replicas": String(inSyncMin - 1) });
  return [warning(text, cure)];
}

/** Of the partition that has the fewest. */
function replicasOf({ states }: TopicDescription): number | undefined {
  return states?.length ? Math.min(...states.map(({ replicas }) => replicas.length)) : undefined;
}

/** The topics of transactions and of groups. */
export function checkKafkasOwn(
  { roles }: Pick<Config, "roles">,
  { own, brokers }: Pick<ClusterFacts, "own" | "brokers">,
): Finding[] {
  if (!roles.includes("aggregator")) return [];
  const told = say("kafka");
  const findings: Finding[] = [];
  for (const kafkas of Object.values(KAFKAS_OWN)) {
    const { topic } = kafkas;
    if (brokers >= DEFAULT_REPLICAS || !isMissing(own.get(topic))) continue;
    // It makes them when the first aggregator asks. Some managed Kafkas never show them.
    const text = `Kafka shows no topic ${topic}. If it has none and cannot make it, nothing is counted`;
    findings.push(told.warning(text, cureOf(kafkas, brokers)));
  }
  for (const [topic, asked] of own) {
    if ("why" in asked) {
      const isRight = asked.code === "TOPIC_AUTHORIZATION_FAILED";
      const why = isRight ? "this user may not see it" : asked.why;
      findings.push(told.skipped(`Kafka's topic ${topic} was not looked at: ${why}`));
      continue;
    }
    const { value: found } = asked;
    const replicas = found && replicasOf(found);
    const headless = found && readProblem(topic, { ...found, rights: ["ALL"] });
    if (headless) findings.push(told.problem(headless));
    if (replicas !== undefined && replicas < Math.min(brokers, DEFAULT_REPLICAS)) {
      const text = `Kafka's topic ${topic} has ${counted(replicas, "replica")} at ${brokers} brokers`;
      const mend = `kafka-reassign-partitions.sh, to ${DEFAULT_REPLICAS} replicas`;
      findings.push(told.warning(`${text}: when its broker is away, nothing is counted`, mend));
    }
  }
  if (findings.some(({ state }) => state !== "skipped")) return findings;
  const names = [...own].flatMap(([topic, asked]) => ("value" in asked ? [topic] : []));
  if (names.length === 0) return findings;
  return [told.ok(`Kafka's own topics are all right: ${names.join(", ")}`), ...findings];
}
