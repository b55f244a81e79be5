/** Which topics the patterns of --input-topic find, and which of these are counted. */

import {
  BY,
  type Config,
  HISTORY,
  isPattern,
  LETTERS,
  OF,
  patternsOf,
  perTopic,
  withFound,
} from "../config/config.ts";
import { INPUT_TOPICS_MAX } from "../config/options.ts";
import { topicContradictions } from "../config/topic-contradictions.ts";
import { counted } from "../lib/text.ts";

/** Topics that a sentence names. */
const NAMES_MAX = 5;
/** Sentences about topics; a pattern may match thousands. */
const SENTENCES_MAX = 20;

/** A topic that belongs to the board and is not on it. */
export interface UncountedTopic {
  readonly topic: string;
  /** A sentence that says why. */
  readonly text: string;
}

export interface FoundTopics {
  /** The settings with all topics that are counted. */
  readonly config: Config;
  readonly uncounted: readonly UncountedTopic[];
  /** Sentences about topics that are gone, and totals that are not on the board. */
  readonly notes: readonly string[];
}

/**
 * Finds topics among `names`, those of all topics that there are. The topics that `config` has
 * found before stay, whether they exist or not: each topic that was once on the board stays there
 * for as long as the process runs. Those that are counted already, by whatever process, come
 * before others, so that a topic more takes the place of none. Those that `isFailing` come last.
 */
export function findTopics(
  config: Config,
  names: readonly string[],
  isFailing = (_topic: string) => false,
): FoundTopics {
  const there = new Set(names);
  const isCounted = (topic: string) => there.has(namesFor(topic, config).outputTopic);
  const fresh = matching(config, names).filter((topic) => !config.foundTopics.includes(topic));
  const known = fresh.filter(isCounted);
  const others = fresh.filter((topic) => !known.includes(topic));
  // Who only reads totals can show nothing of a topic before it is counted.
  const waits = !makesTotals(config) && config.inputTopics.length + known.length > 0;
  const found = [...config.foundTopics];
  const uncounted: UncountedTopic[] = [];
  const inTurn = [...known, ...others].sort((a, b) => Number(isFailing(a)) - Number(isFailing(b)));
  for (const topic of waits ? known : inTurn) {
    const problem = problemOf(topic, config, found);
    if (problem === undefined) found.push(topic);
    else uncounted.push({ topic, text: sentence(topic, config, problem) });
  }
  for (const topic of waits ? others : []) {
    const { outputTopic } = namesFor(topic, config);
    const why =
      `there is no topic ${outputTopic}. An aggregator makes it that has the same --input-topic, ` +
      "--output-topic and --group";
    uncounted.push({ topic, text: sentence(topic, config, why) });
  }
  const notes = [...goneTopics(config, there), ...strayTotals(config, there)];
  return {
    config: withFound(config, found),
    uncounted: bounded(uncounted),
    notes: notes.slice(0, SENTENCES_MAX),
  };
}

/** The first ones, and how many there are beyond. */
function bounded(uncounted: readonly UncountedTopic[]): readonly UncountedTopic[] {
  const [first] = uncounted.slice(SENTENCES_MAX);
  if (!first) return uncounted;
  const more = counted(uncounted.length - SENTENCES_MAX, "topic");
  const text =
    `Beyond these, ${more} that match --input-topic, the first of them ${first.topic}, are not ` +
    "counted. Narrow the pattern.";
  return [...uncounted.slice(0, SENTENCES_MAX), { ...first, text }];
}

/** Says of a topic that it is not counted. `why`: a clause. */
export function sentence(topic: string, config: Config, why: string): string {
  const pattern = patternsOf(config).find((each) => matches(each, topic));
  return `The topic ${topic} matches ${pattern} and is not counted: ${why}.`;
}

/** The settings of one topic that a pattern finds. */
export function namesFor(topic: string, config: Config): Config {
  const [of = config] = perTopic({ ...withFound(config, [topic]), inputTopics: [topic] });
  return of;
}

/** Topics that may be found, in the order of their names. */
export function matching(config: Config, names: readonly string[]): string[] {
  const patterns = patternsOf(config);
  const isNamed = (topic: string) => config.inputs.includes(topic);
  return names
    .filter((topic) => !isNamed(topic) && !isOurs(topic, config))
    .filter((topic) => patterns.some((pattern) => matches(pattern, topic)))
    .sort();
}

/**
 * Whether the pattern finds the topic: `*` stands for any characters, or none. As with hidden files,
 * a name that begins with _ is only found by a pattern that does, because such topics belong to
 * programs. In linear time, whatever the pattern.
 */
export function matches(pattern: string, topic: string): boolean {
  if (topic.startsWith("_") && !pattern.startsWith("_")) return false;
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === topic;
  if (topic.length < first.length + last.length) return false;
  if (!topic.startsWith(first) || !topic.endsWith(last)) return false;
  let at = first.length;
  const end = topic.length - last.length;
  for (const part of rest) {
    const found = topic.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/**
 * Whether Salesboard, or Kafka itself, writes the topic: to count it would be a loop. The marks of
 * our names are enough, because two boards must not count each other's topics either.
 */
function isOurs(topic: string, config: Config): boolean {
  const { outputTopic, historyTopic, deadLetterTopic } = config;
  return (
    topic.startsWith("__") ||
    topic.endsWith(LETTERS) ||
    topic.includes(OF) ||
    topic.startsWith(outputTopic + BY) ||
    [outputTopic, outputTopic + HISTORY, historyTopic, deadLetterTopic].includes(topic)
  );
}

/** Why the topic cannot be counted beside those that are found, as a clause. */
function problemOf(topic: string, config: Config, found: readonly string[]): string | undefined {
  const named = config.inputs.filter((input) => !isPattern(input)).length;
  // A reset deletes what was counted by whatever process.
  if (config.command !== "reset" && named + found.length >= INPUT_TOPICS_MAX) {
    return (
      `a board has at most ${INPUT_TOPICS_MAX} input topics. Narrow the pattern of --input-topic, ` +
      "or count the topic on another board"
    );
  }
  const all = withFound(config, [...found, topic]);
  const [problem] = topicContradictions(all, () => `the topic ${topic}`);
  return problem?.replace(/^Cannot use (the topic \S+): /, "").replace(/\.$/, "");
}

/** Sentences about topics that are on the board, because they were there once. */
function goneTopics({ foundTopics }: Config, there: ReadonlySet<string>): string[] {
  return foundTopics
    .filter((topic) => !there.has(topic))
    .map((topic) => `The topic ${topic} is gone. Its totals are on the board until a restart.`);
}

/**
 * Sentences about totals that were counted once, and are not on the board: of topics that are gone,
 * and of the topic that was counted by its name before a pattern found it.
 */
function strayTotals(config: Config, there: ReadonlySet<string>): string[] {
  const { outputTopic, inputs, foundTopics } = config;
  const stray = [...there].sort().flatMap((name) => {
    const topic = name.startsWith(outputTopic + OF) ? name.slice((outputTopic + OF).length) : "";
    const isOfOther = topic.endsWith(HISTORY) || topic.includes(BY);
    if (topic === "" || isOfOther || there.has(topic)) return [];
    if (inputs.includes(topic) || foundTopics.includes(topic)) return [];
    if (!patternsOf(config).some((pattern) => matches(pattern, topic))) return [];
    return [`The totals in ${name} are not on the board: the topic ${topic} is gone.`];
  });
  if (!inputs.every(isPattern) || !there.has(outputTopic)) return stray;
  return [
    `The totals in ${outputTopic} are not on the board: a topic that a pattern finds has names of ` +
      "its own, and is counted from its beginning. To go on with these totals, put the name of " +
      `their topic first, such as --input-topic NAME,${inputs.join(",")}.`,
    ...stray,
  ];
}

/** The topics that could be meant, as a sentence. */
export function topicsThere(names: readonly string[]): string {
  const shown = names.filter((name) => !name.startsWith("_")).sort();
  if (shown.length === 0) return "The brokers name no topic that this user may see.";
  const more = shown.length - NAMES_MAX;
  const others = more > 0 ? ` and ${counted(more, "other")}` : "";
  return `The brokers have ${shown.slice(0, NAMES_MAX).join(", ")}${others}.`;
}

function makesTotals({ command, roles }: Config): boolean {
  return command === "reset" || roles.includes("aggregator");
}
