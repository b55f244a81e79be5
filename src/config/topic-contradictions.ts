/** Finds names of topics that contradict each other, or are too long. */

import {
  boardTopics,
  type Command,
  type Config,
  HISTORY,
  isPattern,
  LETTERS,
  patternsOf,
  perTopic,
} from "./config.ts";
import { type Key, options } from "./options.ts";

const TOPIC_CHARACTERS_MAX = 249;
/** Topics whose default name is that of another topic plus a suffix. */
const derivedTopics = [
  ["deadLetterTopic", "inputTopics", LETTERS],
  ["historyTopic", "outputTopic", HISTORY],
] as const;
/** They use no topic, and may share the environment with a service. */
const withoutTopics: readonly Command[] = ["health", "top", "token"];

/** One sentence for each contradiction. `named`: an option with its value, and where that stands. */
export function* topicContradictions(
  config: Config,
  named: (key: Key) => string,
): Generator<string> {
  const { inputs, isEmbedded, command } = config;
  const patterns = patternsOf(config);
  if (inputs.length === 1 && patterns.length === 0) return yield* ofOne(config, named);
  const topics = named("inputTopics");
  if (patterns.length > 0 && isEmbedded && !withoutTopics.includes(command)) {
    yield `Cannot use ${topics} without --brokers (KAFKA_BOOTSTRAP_SERVERS): the embedded broker has ` +
      "only topics that are named, so that there is none to find. Name each topic.";
  }
  yield* ofSeveral(config, topics);
}

function* ofOne(config: Config, named: (key: Key) => string): Generator<string> {
  const keys = (["inputTopics", "outputTopic", "deadLetterTopic", "historyTopic"] as const).filter(
    (key) => key !== "historyTopic" || config.history === "on",
  );
  const topicOf = (key: (typeof keys)[number]) =>
    config[key === "inputTopics" ? "inputTopic" : key];
  for (const [i, key] of keys.entries()) {
    const twin = keys.slice(i + 1).find((other) => topicOf(other) === topicOf(key));
    if (twin) {
      yield `Cannot use ${named(key)} together with ${named(twin)}: ` +
        "input, output, dead letters and history must be different topics.";
    }
  }
  for (const { name, topic } of boardTopics(config)) {
    const twin = keys.find((key) => topicOf(key) === topic);
    if (twin) yield `Cannot use ${named(twin)}: the rule by ${name} writes to the topic ${topic}.`;
    if (topic.length <= TOPIC_CHARACTERS_MAX) continue;
    yield `Cannot use the rule by ${name}: ${topic} has more than ${TOPIC_CHARACTERS_MAX} characters.`;
  }
  for (const [key, of, suffix] of derivedTopics) {
    if (config[key].length <= TOPIC_CHARACTERS_MAX || !keys.includes(key)) continue;
    yield `Cannot use ${named(of)}: with ${suffix} appended, it must have at most ` +
      `${TOPIC_CHARACTERS_MAX} characters. Shorten it, or set ${options[key].flag}.`;
  }
}

/** Who reads or writes one topic cannot take several, and each has topics of its own. */
function* ofSeveral(config: Config, topics: string): Generator<string> {
  const { command, roles, inputs } = config;
  if (command === "inspect") {
    yield `Cannot use ${topics} with inspect: it looks at one topic. Name one of them.`;
  }
  if (roles.includes("producer")) {
    yield command === "produce"
      ? `Cannot use ${topics} with produce: it sends to one topic. Name one of them.`
      : `Cannot use ${topics} with the role producer: it sends to one topic. Use ` +
        `--roles aggregator,dashboard, and produce --input-topic ${nameIn(inputs)} beside it.`;
  }
  const uses = new Map<string, string>();
  for (const of of perTopic(config)) {
    const own: [topic: string, use: string][] = [
      [of.inputTopic, `the input topic ${of.inputTopic}`],
      [of.outputTopic, `the totals of ${of.inputTopic}`],
      [of.deadLetterTopic, "the dead letters"],
      ...boardTopics(of).map(({ name, topic }): [string, string] => [
        topic,
        `the totals of ${of.inputTopic} by ${name}`,
      ]),
    ];
    if (config.history === "on") own.push([of.historyTopic, `the history of ${of.inputTopic}`]);
    for (const [topic, use] of own) {
      const other = uses.get(topic) ?? use;
      if (other !== use) yield `Cannot use ${topics}: ${topic} would hold ${other} and ${use}.`;
      uses.set(topic, use);
      if (topic.length <= TOPIC_CHARACTERS_MAX) continue;
      yield `Cannot use ${topics}: the topic for ${use} would have more than ` +
        `${TOPIC_CHARACTERS_MAX} characters, ${topic}.`;
    }
  }
}

function nameIn(inputs: readonly string[]): string {
  return inputs.find((input) => !isPattern(input)) ?? "NAME";
}
