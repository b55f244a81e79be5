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
function watchOf(settings: Record<string, TopicSettings | KafkaError>, brokers = 3) {
  const { log, lines } = recordingLog();
  let told: readonly string[] = [];
  const missing = new Set<string>();
  const admin: Partial<Admin> = {
    ping: async () => ({ brokers }),
    describeTopic: async (topic) => (missing.has(topic) ? undefined : { partitions: 4 }),
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
  const look = async (isUnderWay = false) => {
    await watch.look(admin as Admin, isUnderWay);
    watch.tell();
    return told;
  };
  return { look, lines, settings, missing };
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

  // A single broker with Kafka's defaults never makes the topics of transactions and groups, and
  // nobody was told: the page was live, and nothing was counted.
  test("one broker that cannot make Kafka's own topics is told of with the setting", async () => {
    const { look, missing } = watchOf({}, 1);
    expect(await look(true)).toEqual([]);
    missing.add("__transaction_state");
    expect(await look(false)).toEqual([]);
    expect((await look(true))[0]).toBe(
      "Kafka has not created its topic __transaction_state, without which nothing is counted: it " +
        "never does while transaction.state.log.replication.factor, which is 3 by default, is " +
        "larger than the number of brokers, and there is 1 broker. Mend it by: " +
        "transaction.state.log.replication.factor=1 in the properties of the broker, and its " +
        "restart",
    );
  });

  test("three brokers make their own topics", async () => {
    const { look, missing } = watchOf({}, 3);
    missing.add("__transaction_state");
    expect(await look(true)).toEqual([]);
  });
});
