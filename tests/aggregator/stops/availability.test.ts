/** Which partitions can be read, and what is said of the others. */

import { expect, test } from "bun:test";
import { availableOf } from "../../../src/aggregator/stops/availability.ts";
import type { TopicDescription } from "../../../src/kafka/kafka.ts";
import { configOf } from "../../support/context.ts";

// The history topic was deleted under a running aggregator: sales waited, and nothing said why.
test("a topic that does not exist stops the partitions, and is named", async () => {
  const config = configOf("aggregate", "--brokers", "b:9092", "--output-topic", "out");
  const described: Record<string, TopicDescription> = {
    [config.inputTopic]: { partitions: 2 },
    out: { partitions: 2 },
  };
  const admin = {
    describeTopic: async (topic: string) => described[topic],
    addPartitions: () => Promise.reject(new Error("Nothing is to be added")),
  };
  const stopped: unknown[] = [];
  const stop = (...stop: unknown[]) => void stopped.push(stop);
  expect(await availableOf([0, 1], { config, admin, stop })).toEqual([]);
  const topic = "out.history";
  const cause = { reason: "the topic out.history does not exist", topic };
  expect(stopped).toEqual([[[0, 1], cause]]);
  described[topic] = { partitions: 2 };
  expect(await availableOf([0, 1], { config, admin, stop })).toEqual([0, 1]);
});
