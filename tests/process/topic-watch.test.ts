/** What is told of topics that others made or changed, and what is not. */

import { describe, expect, test } from "bun:test";
import { type Admin, type Kafka, KafkaError, type TopicSettings } from "../../src/kafka/kafka.ts";
import { TopicWatch } from "../../src/process/topic-watch.ts";
import { OUTPUT_SETTINGS } from "../../src/topics/own-settings.ts";
import { configOf, recordingLog } from "../support/context.ts";

const config = configOf("run", "--brokers", "kafka:9092", "--input-topic", "in");
const good: TopicSettings = { replicas: 3, values: new Map(Object.entries(OUTPUT_SETTINGS)) };
const deleting: TopicSettings = {
  replicas: 3,
  values: new Map([
    ["cleanup.policy", "delete"],
    ["retention.ms", "604800000"],
  ]),
};

/** A cluster whose topics have these settings, by name; an input topic as Kafka makes them. */
function watchOf(settings: Record<string, TopicSettings | KafkaError>) {
  const { log, lines } = recordingLog();
  let told: readonly string[] = [];
  const admin: Partial<Admin> = {
    topicSettings: async (topic) => {
      const found = settings[topic] ?? (topic === config.outputTopic ? good : undefined);
      if (found instanceof Error) throw found;
      if (found) return found;
      throw new KafkaError("No.", { code: "TOPIC_AUTHORIZATION_FAILED", verdict: "fatal" });
    },
  };
  const tell = (dangers: readonly string[]) => {
    told = dangers;
  };
  const { signal } = new AbortController();
  const watch = new TopicWatch({ config, kafka: {} as Kafka, log, tell, signal });
  const look = async () => {
    await watch.look(admin as Admin);
    watch.tell();
    return told;
  };
  return { look, lines, settings };
}

describe("TopicWatch", () => {
  test("tells of a danger until it is mended, and logs it once", async () => {
    const { look, lines, settings } = watchOf({ [config.outputTopic]: deleting });
    const [sentence] = await look();
    expect(sentence).toMatch(/^Kafka deletes records .* Mend it by: kafka-configs.sh .*--alter/);
    await look();
    expect(lines).toHaveLength(1);
    settings[config.outputTopic] = good;
    expect(await look()).toEqual([]);
  });

  test("settings that may not be read are no danger, and nothing to warn of", async () => {
    const { look, lines } = watchOf({ [config.historyTopic]: good });
    expect(await look()).toEqual([]);
    expect(lines).toEqual([]);
  });

  test("what is known stays while Kafka is away", async () => {
    const { look, settings } = watchOf({ [config.outputTopic]: deleting });
    expect(await look()).toHaveLength(1);
    settings.in = new KafkaError("Timed out.", { code: "_TIMED_OUT", verdict: "retry" });
    expect(await look()).toHaveLength(1);
  });
});
