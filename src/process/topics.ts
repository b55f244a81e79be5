/** Creates missing topics. */

import { boardTopics, type Config, perTopic } from "../config/config.ts";
import { type Admin, KafkaError } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { withoutStop } from "../lib/text.ts";
import {
  createCommand,
  DEAD_LETTER_SETTINGS,
  HISTORY_SETTINGS,
  OUTPUT_SETTINGS,
  withoutRefused,
} from "../topics/own-settings.ts";

type TopicConfig = Readonly<Record<string, string>>;

/** How often a setting is left out because a policy of the cluster refuses it. */
const REFUSALS_MAX = 6;
const REFUSES_SETTINGS = new Set(["POLICY_VIOLATION", "INVALID_CONFIG"]);
const REFUSES_US = new Set(["TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"]);

/**
 * Creates the input topics, and for an aggregator the others. Partitions of output, dimensions and
 * history correspond one to one to those of their input, so there are as many.
 * @throws SalesboardError naming all topics that cannot be used, why, and what creates them
 */
export async function ensureTopics(
  admin: Admin,
  config: Config,
  log?: Pick<Log, "warning">,
): Promise<void> {
  const { roles } = config;
  const writes = roles.includes("producer") || roles.includes("aggregator");
  if (!writes) return;
  const topics = new Topics(admin, config, log);
  for (const of of perTopic(config)) {
    const partitions = await topics.ensure(of.inputTopic, of.partitions, {});
    const ours = roles.includes("aggregator") ? ownTopics(of) : [];
    for (const [topic, settings, grows] of ours) {
      const found = await topics.ensure(topic, partitions, settings);
      if (grows && found < partitions) await admin.addPartitions(topic, partitions);
    }
  }
  topics.check();
}

/** Those that the aggregator of an input topic writes. */
function ownTopics(config: Config): [topic: string, settings: TopicConfig, grows: boolean][] {
  const { outputTopic, deadLetterTopic, history, historyTopic } = config;
  const ours: [topic: string, settings: TopicConfig, grows: boolean][] = [
    [outputTopic, OUTPUT_SETTINGS, true],
    [deadLetterTopic, DEAD_LETTER_SETTINGS, false],
  ];
  for (const { topic } of boardTopics(config)) ours.splice(1, 0, [topic, OUTPUT_SETTINGS, true]);
  if (history === "on") ours.splice(1, 0, [historyTopic, HISTORY_SETTINGS, true]);
  return ours;
}

class Topics {
  readonly #admin: Admin;
  readonly #config: Config;
  readonly #log: Pick<Log, "warning"> | undefined;
  readonly #problems: { text: string; command: string; cause: KafkaError }[] = [];

  constructor(admin: Admin, config: Config, log: Pick<Log, "warning"> | undefined) {
    this.#admin = admin;
    this.#config = config;
    this.#log = log;
  }

  /** @returns the number of partitions: `partitions` when the topic is new, or cannot be used */
  async ensure(topic: string, partitions: number, settings: TopicConfig): Promise<number> {
    try {
      const found = await this.#admin.describeTopic(topic);
      if (found) return found.partitions;
    } catch (cause) {
      const text = `${topic}: it is missing, or the right Describe on it is`;
      this.#note(cause, { topic, partitions, settings, text });
      return partitions;
    }
    try {
      await this.#create(topic, partitions, settings);
    } catch (cause) {
      // Another process created the topic first, and its settings count.
      if (cause instanceof KafkaError && cause.code === "TOPIC_ALREADY_EXISTS") {
        return (await this.#admin.describeTopic(topic))?.partitions ?? partitions;
      }
      const text = `${topic}: it is missing, and so is the right Create on it`;
      this.#note(cause, { topic, partitions, settings, text });
    }
    return partitions;
  }

  /** @throws SalesboardError when a topic cannot be used */
  check(): void {
    const [first] = this.#problems;
    if (!first) return;
    const texts = this.#problems.map(({ text }) => text).join("; ");
    const commands = this.#problems.map(({ command }) => command).join("; ");
    throw new SalesboardError(
      `Cannot use topic ${texts}. These commands create what is missing: ${commands}.`,
      { final: true, cause: first.cause },
    );
  }

  async #create(topic: string, partitions: number, wanted: TopicConfig): Promise<void> {
    const { replicationFactor } = this.#config;
    let config = { ...wanted };
    for (let refusals = 0; ; refusals++) {
      try {
        await this.#admin.createTopic(topic, { partitions, replicationFactor, config });
        return;
      } catch (error) {
        const isRefusal = error instanceof KafkaError && REFUSES_SETTINGS.has(error.code);
        const isEmpty = Object.keys(config).length === 0;
        if (!isRefusal || isEmpty || refusals === REFUSALS_MAX) throw error;
        const { settings, leftOut } = withoutRefused(config, error.message);
        config = settings;
        for (const { name, value, instead } of leftOut) {
          const has = instead === undefined ? "the default of the cluster" : instead;
          this.#log?.warning(`The cluster refuses ${name}=${value} for the topic ${topic}.`, {
            topic,
            instead: has,
            reason: error.message,
          });
        }
      }
    }
  }

  /** Remembers a refusal. What may pass, or is none of Kafka's, ends the start. */
  #note(
    cause: unknown,
    of: { topic: string; partitions: number; settings: TopicConfig; text: string },
  ): void {
    if (!(cause instanceof KafkaError)) throw cause;
    const { topic, partitions, settings } = of;
    const { brokers, replicationFactor } = this.#config;
    const command = createCommand({ brokers, topic, partitions, settings, replicationFactor });
    this.#problems.push({ text: this.#textOf(cause, of), command, cause });
    if (cause.verdict === "retry") this.check();
  }

  #textOf({ code, message }: KafkaError, { topic, text }: { topic: string; text: string }): string {
    if (REFUSES_US.has(code)) return `${text} (${code})`;
    const reason = withoutStop(message);
    if (code === "INVALID_REPLICATION_FACTOR") {
      return `${topic}: the cluster has too few brokers for its replicas, see --replication-factor (${reason})`;
    }
    return `${topic}: it is missing or inaccessible, and creating it failed (${reason})`;
  }
}
