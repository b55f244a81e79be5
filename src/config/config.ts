/** The settings as the rest of the program sees them. */

import { DIMENSION_NAME } from "../mapping/model/mapping.ts";
import type { SchemaFile } from "../mapping/schema-file.ts";
import type { GivenValue } from "./arguments.ts";
import type { commands, Key, tokenActions, Values } from "./options.ts";

export type Role = "producer" | "aggregator" | "dashboard";

export type Command = keyof typeof commands;

/**
 * The settings: each one checked alone, then all of them together; frozen. `options.ts` says what
 * each option means. The fields here follow from several options.
 */
export interface Config
  extends Readonly<
    Omit<Values, "inputTopics" | "roles" | "deadLetterTopic" | "historyTopic" | "demoPast">
  > {
  readonly command: Command;
  /** With `token` alone. */
  readonly action: (typeof tokenActions)[number] | undefined;
  readonly roles: readonly Role[];
  /** The input topics as the user gave them: names, and patterns with `*`. */
  readonly inputs: readonly string[];
  /** The names among them, and then `foundTopics`. */
  readonly inputTopics: readonly string[];
  /** Those that a pattern found. Empty until the brokers have said which topics there are. */
  readonly foundTopics: readonly string[];
  /** The first of `inputTopics`, or of `inputs` if there is none: see `perTopic`. */
  readonly inputTopic: string;
  readonly deadLetterTopic: string;
  readonly historyTopic: string;
  /** The user's librdkafka properties, for every client. */
  readonly rdkafka: Readonly<Record<string, string>>;
  /** The file that --schema names. */
  readonly schemaFile: SchemaFile | undefined;
  /** The file that --schema-registry-ca names; undefined when it holds the certificates itself. */
  readonly schemaRegistryCaFile: string | undefined;
  /** Days before today that the demo makes up sales for at its start; 0 = none. */
  readonly demoPast: number;
  /** The demo sells at the pace of its made-up shop, because nobody asked for a rate. */
  readonly hasShopPace: boolean;
  /** Without brokers Salesboard starts its own, which truncates its logs instead of compacting. */
  readonly isEmbedded: boolean;
}

/** The settings, the values that the user gave, and warnings about variables that are not used. */
export interface Settings {
  readonly show?: undefined;
  readonly config: Config;
  readonly given: ReadonlyMap<Key, GivenValue>;
  /** Librdkafka properties by name. */
  readonly properties: ReadonlyMap<string, GivenValue>;
  /** One sentence for each unknown environment variable. */
  readonly warnings: readonly string[];
}

/** After the name of the output topic, if the history topic has no other name. */
export const HISTORY = ".history";
/** After the name of the input topic, if the dead-letter topic has no other name. */
export const LETTERS = ".dlq";

/** Between the name of the output topic and that of a dimension. */
export const BY = ".by-";

/** The topic with the totals by one dimension, in the form of the output topic. */
export interface BoardTopic {
  /** Of the rule `by`, such as `store`. */
  readonly name: string;
  readonly topic: string;
}

/** Between the name of a topic or group of the first input topic, and another input topic. */
export const OF = ".of-";

/** Input topics, and the names that follow from them. */
export type InputSettings = Pick<
  Config,
  | "inputs"
  | "inputTopics"
  | "foundTopics"
  | "inputTopic"
  | "outputTopic"
  | "historyTopic"
  | "deadLetterTopic"
  | "group"
>;

/** Stands for any characters in the name of an input topic. */
const ANY = "*";

export function isPattern(input: string): boolean {
  return input.includes(ANY);
}

/** The patterns among the input topics. */
export function patternsOf({ inputs }: Pick<Config, "inputs">): readonly string[] {
  return inputs.filter(isPattern);
}

/** The same settings with the topics that their patterns found, instead of earlier ones. */
export function withFound<T extends InputSettings>(config: T, foundTopics: readonly string[]): T {
  const inputTopics = [...config.inputs.filter((input) => !isPattern(input)), ...foundTopics];
  const [inputTopic = config.inputs[0] ?? ""] = inputTopics;
  const deadLetterTopic = hasUsualLetters(config)
    ? `${inputTopic}${LETTERS}`
    : config.deadLetterTopic;
  return Object.freeze({ ...config, inputTopics, foundTopics, inputTopic, deadLetterTopic });
}

/**
 * One for each input topic, because each is counted by itself: by an aggregator, in a group and
 * into topics of its own. The first name has the names of the settings, so that a topic that is
 * added changes nothing for it. A topic that a pattern found never has them: which one is found
 * first depends on the moment. A dead-letter topic with a name of its own is that of all.
 */
export function perTopic<T extends InputSettings>(config: T): readonly T[] {
  const { inputs, inputTopics, foundTopics } = config;
  if (inputs.length === 1 && !inputs.some(isPattern)) return [config];
  return inputTopics.map((topic, i) => {
    const own = { inputs: [topic], inputTopics: [topic], foundTopics: [] };
    const isFirst = i === 0 && !foundTopics.includes(topic);
    return { ...config, ...own, ...(isFirst ? {} : namesOf(topic, config)) };
  });
}

function hasUsualLetters({ deadLetterTopic, inputTopic }: InputSettings): boolean {
  return deadLetterTopic === `${inputTopic}${LETTERS}`;
}

function namesOf(topic: string, of: InputSettings) {
  const outputTopic = `${of.outputTopic}${OF}${topic}`;
  const hasUsualHistory = of.historyTopic === `${of.outputTopic}${HISTORY}`;
  return {
    inputTopic: topic,
    outputTopic,
    historyTopic: hasUsualHistory ? `${outputTopic}${HISTORY}` : `${of.historyTopic}${OF}${topic}`,
    deadLetterTopic: hasUsualLetters(of) ? `${topic}${LETTERS}` : of.deadLetterTopic,
    group: `${of.group}${OF}${topic}`,
  };
}

/** Our topics whose partitions correspond to those of the input. */
export function pairedTopics(
  config: Pick<Config, "mapping" | "outputTopic" | "history" | "historyTopic">,
): string[] {
  const past = config.history === "on" ? [config.historyTopic] : [];
  return [config.outputTopic, ...past, ...boardTopics(config).map(({ topic }) => topic)];
}

/** One for each rule `by` of the mapping, in its order. */
export function boardTopics({
  mapping,
  outputTopic,
}: Pick<Config, "mapping" | "outputTopic">): readonly BoardTopic[] {
  const names = mapping?.by.map(({ name }) => name) ?? [];
  return names.map((name) => ({ name, topic: `${outputTopic}${BY}${name}` }));
}

/** Those of `topics` with totals by a dimension, by whatever mapping. Sorted by topic. */
export function boardTopicsAmong(
  topics: readonly string[],
  outputTopic: string,
): readonly BoardTopic[] {
  const start = outputTopic + BY;
  const name = new RegExp(`^${DIMENSION_NAME.source}$`);
  return topics
    .filter((topic) => topic.startsWith(start) && name.test(topic.slice(start.length)))
    .sort()
    .map((topic) => ({ name: topic.slice(start.length), topic }));
}
