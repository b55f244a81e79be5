/** Which settings of topics endanger sales, totals or a restart, and what mends them. */

import { boardTopics, type Config, perTopic } from "../config/config.ts";
import type { TopicSettings } from "../kafka/kafka.ts";
import { DEAD_LETTER_SETTINGS, OUTPUT_SETTINGS } from "./own-settings.ts";

/**
 * Larger segments are compacted too seldom: a restart reads the open segment of each partition. A
 * policy of a managed cluster that asks for 50 MB is all right.
 */
const SEGMENT_BYTES_MAX = 128 * 1024 * 1024;
/** An aggregator that is away for longer loses sales; nobody mends a night's outage sooner. */
const INPUT_RETENTION_MS_MIN = 60 * 60 * 1000;
const DIRTY_RATIO_MAX = 0.9;
/** What is younger is not compacted, and read by each restart. */
const UNCOMPACTED_MS_MAX = 24 * 60 * 60 * 1000;
const LIMIT = "max.message.bytes";
/** A topic of totals or history that takes less may refuse single records. */
const LIMIT_BYTES_MIN = 4096;
const LIMIT_BYTES_DEFAULT = 1_048_588;
const LAG = "min.compaction.lag.ms";
const UNCLEAN = "unclean.leader.election.enable";
/** Room for the headers that a letter has besides those of its record. */
const HEADERS_BYTES_MAX = 64 * 1024;

type NewValues = Readonly<Record<string, string>>;

/** What a topic is to Salesboard. */
export type TopicUse = "input" | "output" | "history" | "deadLetters";

const HELD: Readonly<Record<TopicUse, string>> = {
  input: "sales",
  output: "totals",
  history: "slots of the graph",
  deadLetters: "dead letters",
};

export interface Danger {
  readonly topic: string;
  /** A sentence: what is set, and what follows from it. */
  readonly text: string;
  /** What mends it. */
  readonly command: string;
  /** A problem loses sales or totals, or stops the count; a warning may do so one day. */
  readonly weight: "warning" | "problem";
}

/** The topics that this process uses, by name. */
export function topicsOf(config: Config): Map<string, TopicUse> {
  const parts = new Map<string, TopicUse>();
  for (const of of perTopic(config)) {
    parts.set(of.inputTopic, "input");
    if (!of.roles.some((role) => role !== "producer")) continue;
    parts.set(of.outputTopic, "output");
    if (of.history === "on") parts.set(of.historyTopic, "history");
    for (const { topic } of boardTopics(of)) parts.set(topic, "output");
    parts.set(of.deadLetterTopic, "deadLetters");
  }
  return parts;
}

/** @param brokers as a command names them */
export function dangersOf(
  { topic, part, brokers }: { topic: string; part: TopicUse; brokers: string },
  { values, replicas }: TopicSettings,
): Danger[] {
  const set = (settings: NewValues) => alterCommand(brokers, topic, settings);
  const number = (name: string) => numberOf(values, name);
  const policy = values.get("cleanup.policy") ?? "";
  const found: Danger[] = [];
  const tell = (weight: Danger["weight"], text: string, settings: NewValues) =>
    found.push({ topic, text, command: set(settings), weight });

  if (part === "output" || part === "history") {
    if (policy.includes("delete")) tell("problem", deletes(topic, part, values), OUTPUT_SETTINGS);
    else if (number("segment.bytes") > SEGMENT_BYTES_MAX) {
      const bytes = `segment.bytes is ${number("segment.bytes")}`;
      tell("warning", seldom(topic, bytes), OUTPUT_SETTINGS);
    } else if (number("min.cleanable.dirty.ratio") > DIRTY_RATIO_MAX) {
      const ratio = `min.cleanable.dirty.ratio is ${number("min.cleanable.dirty.ratio")}`;
      tell("warning", seldom(topic, ratio), OUTPUT_SETTINGS);
    } else if (number(LAG) > UNCOMPACTED_MS_MAX) {
      const lag = `${LAG} is ${durationOf(number(LAG))}`;
      tell("warning", seldom(topic, lag), { [LAG]: "0" });
    }
    if (number(LIMIT) < LIMIT_BYTES_MIN) {
      const text =
        `The topic ${topic} takes records of at most ${number(LIMIT)} bytes (${LIMIT}): larger ` +
        `${HELD[part]} are refused, and their partition is not counted.`;
      tell("problem", text, { [LIMIT]: String(LIMIT_BYTES_DEFAULT) });
    }
  }
  if (part === "input") found.push(...dangersOfInput(topic, values, set));
  if (part === "deadLetters") found.push(...dangersOfLetters(topic, values, set));
  if (values.get(UNCLEAN) === "true") {
    const text =
      `The topic ${topic} may lose ${HELD[part]} when brokers fail (${UNCLEAN}=true)` +
      (part === "output" ? ": what is lost is counted again." : ".");
    tell("warning", text, { [UNCLEAN]: "false" });
  }
  if (number("min.insync.replicas") > replicas && replicas > 0) {
    const has = replicas === 1 ? "has 1 replica" : `has ${replicas} replicas`;
    tell(
      "problem",
      `Brokers before Kafka 4 take no record for the topic ${topic}: its min.insync.replicas is ` +
        `${number("min.insync.replicas")}, and a partition ${has}.`,
      { "min.insync.replicas": String(replicas) },
    );
  }
  return found;
}

/** A dead letter holds its whole record, so its topic takes as large records as the input. */
export function dangerOfSizes(
  { topic, input, brokers }: { topic: string; input: string; brokers: string },
  letters: TopicSettings,
  records: TopicSettings,
): Danger[] {
  const [own, theirs] = [numberOf(letters.values, LIMIT), numberOf(records.values, LIMIT)];
  if (!(own < theirs)) return [];
  const enough = Math.max(Number(DEAD_LETTER_SETTINGS[LIMIT]), theirs + HEADERS_BYTES_MAX);
  return [
    {
      topic,
      text:
        `The topic ${topic} takes records of at most ${own} bytes, and ${input} has up to ` +
        `${theirs}: large dead letters are cut.`,
      command: alterCommand(brokers, topic, { ...DEAD_LETTER_SETTINGS, [LIMIT]: String(enough) }),
      weight: "warning",
    },
  ];
}

function dangersOfLetters(
  topic: string,
  values: ReadonlyMap<string, string>,
  set: (settings: NewValues) => string,
): Danger[] {
  if (!(values.get("cleanup.policy") ?? "").includes("compact")) return [];
  const text =
    `The topic ${topic} is compacted: it takes no dead letter without a key, so that the ` +
    "partition of such a record is not counted, and of letters with one key only the last stays.";
  return [{ topic, text, command: set({ "cleanup.policy": "delete" }), weight: "problem" }];
}

function dangersOfInput(
  topic: string,
  values: ReadonlyMap<string, string>,
  set: (settings: NewValues) => string,
): Danger[] {
  const policy = values.get("cleanup.policy") ?? "";
  if (policy.includes("compact")) {
    const text =
      `The topic ${topic} is compacted (cleanup.policy=${policy}): Kafka removes a sale once ` +
      "a later one has its key, and sales that are not counted by then are lost.";
    return [{ topic, text, command: set({ "cleanup.policy": "delete" }), weight: "problem" }];
  }
  const retention = numberOf(values, "retention.ms");
  if (!(retention >= 0 && retention < INPUT_RETENTION_MS_MIN)) return [];
  const text =
    `The topic ${topic} keeps its records for ${durationOf(retention)} only (retention.ms): ` +
    "sales that are not counted by then are lost.";
  const command = set({ "retention.ms": String(7 * 24 * 60 * 60 * 1000) });
  return [{ topic, text, command, weight: "warning" }];
}

function deletes(topic: string, part: TopicUse, values: ReadonlyMap<string, string>): string {
  const retention = numberOf(values, "retention.ms");
  const after = retention >= 0 ? `after ${durationOf(retention)}` : "when the topic is too large";
  const lost =
    part === "output"
      ? "totals of products that are not sold meanwhile are lost, and partitions are refused"
      : "the graph loses its past";
  return (
    `Kafka deletes records of the topic ${topic} ${after} ` +
    `(cleanup.policy=${values.get("cleanup.policy")}): ${lost}.`
  );
}

function seldom(topic: string, why: string): string {
  return (
    `The topic ${topic} is compacted too seldom (${why}): it grows by gigabytes, and a restart ` +
    "has to read them before it counts."
  );
}

/** NaN when the setting cannot be read, so that no comparison holds. */
function numberOf(values: ReadonlyMap<string, string>, name: string): number {
  return Number(values.get(name) ?? Number.NaN);
}

/** What changes settings. Commas separate them, so that a value with one stands in brackets. */
export function alterCommand(brokers: string, topic: string, settings: NewValues): string {
  const added = Object.entries(settings)
    .map(([name, value]) => `${name}=${value.includes(",") ? `[${value}]` : value}`)
    .join(",");
  return (
    `kafka-configs.sh --bootstrap-server ${brokers} --alter --entity-type topics ` +
    `--entity-name ${topic} --add-config ${added}`
  );
}

function durationOf(ms: number): string {
  const units = [
    [24 * 60 * 60 * 1000, "day"],
    [60 * 60 * 1000, "hour"],
    [60 * 1000, "minute"],
    [1000, "second"],
  ] as const;
  const [unit, name] = units.find(([unit]) => ms >= unit && ms % unit === 0) ?? [1, "ms"];
  const count = ms / unit;
  return `${count} ${name}${count === 1 || name === "ms" ? "" : "s"}`;
}
