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
import { dangersOfKafka } from "../topics/kafkas-own.ts";

const LOOK_INTERVAL_MS = 60_000;
/** Kafka makes its own topics when the first transaction asks for them: two looks come sooner. */
const EARLY_INTERVAL_MS = 5_000;
const EARLY_LOOKS = 2;
const PING_MS_MAX = 5_000;

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
    for (let looks = 0; !signal.aborted; looks++) {
      const isUnderWay = looks >= EARLY_LOOKS;
      // A slow answer must not delay the stop.
      await orAborted(watch.look(admin, isUnderWay), signal);
      watch.tell();
      await pause(isUnderWay ? LOOK_INTERVAL_MS : EARLY_INTERVAL_MS, signal);
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

  /** @param isUnderWay whether an aggregator has had the time for its first transaction */
  async look(admin: Admin, isUnderWay: boolean): Promise<void> {
    const { config, log } = this.#options;
    const before = new Set(this.#dangers.map(({ text }) => text));
    try {
      const found = await this.#look(admin);
      if (isUnderWay) found.push(...(await this.#dangersOfKafka(admin)));
      this.#dangers = found;
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

  async #dangersOfKafka(admin: Admin): Promise<Danger[]> {
    if (!this.#options.config.roles.includes("aggregator")) return [];
    const { brokers } = await admin.ping(PING_MS_MAX);
    // Who may not see the topic cannot tell that it is missing.
    return dangersOfKafka(brokers, (topic) =>
      admin.describeTopic(topic).then(
        (described) => described === undefined,
        () => false,
      ),
    );
  }
}
