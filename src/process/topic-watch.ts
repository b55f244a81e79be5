/**
 * Looks at the settings of the topics now and then, because others made or change them, and says
 * what endangers sales, totals or a restart: to the log once, and to the dashboard.
 */

import { type Config, perTopic } from "../config/config.ts";
import { type Admin, type Kafka, KafkaError, type TopicSettings } from "../kafka/kafka.ts";
import { messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { orAborted, pause } from "../lib/wait.ts";
import { type Danger, dangerOfSizes, dangersOf, topicsOf } from "../topics/dangers.ts";

const LOOK_INTERVAL_MS = 60_000;

export interface TopicWatchOptions {
  config: Config;
  kafka: Kafka;
  log: Log;
  /** Hears the sentences about present dangers. */
  tell: (dangers: readonly string[]) => void;
  signal: AbortSignal;
}

/** Resolves after a stop. Survives every failure of Kafka. */
export async function watchTopics(options: TopicWatchOptions): Promise<void> {
  const { kafka, signal } = options;
  const watch = new TopicWatch(options);
  const admin = kafka.admin();
  try {
    while (!signal.aborted) {
      // A slow answer must not delay the stop.
      await orAborted(watch.look(admin), signal);
      watch.tell();
      await pause(LOOK_INTERVAL_MS, signal);
    }
  } finally {
    await admin.close().catch(() => {});
  }
}

export class TopicWatch {
  readonly #options: TopicWatchOptions;
  #dangers: readonly Danger[] = [];
  readonly #unreadable = new Set<string>();

  constructor(options: TopicWatchOptions) {
    this.#options = options;
  }

  tell(): void {
    this.#options.tell(this.#dangers.map(({ text, command }) => `${text} Mend it by: ${command}`));
  }

  async look(admin: Admin): Promise<void> {
    const { config, log } = this.#options;
    const before = new Set(this.#dangers.map(({ text }) => text));
    try {
      this.#dangers = await this.#look(admin);
    } catch (error) {
      // What is known stays; who counts and shows says that Kafka is away.
      log.debug("Cannot look at the settings of the topics.", { reason: messageOf(error) });
      return;
    }
    for (const { topic, text, command } of this.#dangers) {
      if (!before.has(text)) log.warning(text, { topic, command });
    }
    if (before.size > 0 && this.#dangers.length === 0) {
      log.info("The settings of the topics are all right.", { topics: topicsOf(config).size });
    }
  }

  async #look(admin: Admin): Promise<Danger[]> {
    const { config } = this.#options;
    const brokers = config.brokers ?? "";
    const found: Danger[] = [];
    const known = new Map<string, TopicSettings>();
    for (const [topic, part] of topicsOf(config)) {
      const settings = await this.#settingsOf(admin, topic);
      if (!settings) continue;
      known.set(topic, settings);
      found.push(...dangersOf({ topic, part, brokers }, settings));
    }
    for (const { inputTopic: input, deadLetterTopic: topic } of perTopic(config)) {
      const [letters, records] = [known.get(topic), known.get(input)];
      if (!letters || !records || !config.roles.includes("aggregator")) continue;
      found.push(...dangerOfSizes({ topic, input, brokers }, letters, records));
    }
    return found;
  }

  /** Undefined when the topic is missing, or its settings may not be read. */
  async #settingsOf(admin: Admin, topic: string): Promise<TopicSettings | undefined> {
    try {
      return await admin.topicSettings(topic);
    } catch (error) {
      if (!(error instanceof KafkaError) || error.verdict === "retry") throw error;
      const { message: reason } = error;
      if (!this.#unreadable.has(topic)) {
        const text = `Cannot read the settings of topic ${topic}, so no danger in them is told.`;
        this.#options.log.debug(text, { reason });
      }
      this.#unreadable.add(topic);
      return undefined;
    }
  }
}
