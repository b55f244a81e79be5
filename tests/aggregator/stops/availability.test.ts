import { expect, test } from "bun:test";
import { availableOf } from "../../../src/aggregator/stops/availability.ts";
import type { Cause } from "../../../src/aggregator/stops/stops.ts";
import type { TopicDescription } from "../../../src/kafka/kafka.ts";
import { configOf } from "../../support/context.ts";

// Somebody deleted the topic of a dimension under a running aggregator. The restore asked for its
// ends for two minutes, and then said that brokers were away or an election was under way.
test("one of our topics that does not exist is named at once, and no other topic", async () => {
  const by = "product: name; price: price; by store: $.store";
  const config = configOf("--output-topic", "totals", "--map", by);
  const whole = { partitions: 2 } as Partial<TopicDescription> as TopicDescription;
  const admin = {
    describeTopic: async (topic: string) => (topic === "totals.by-store" ? undefined : whole),
    addPartitions: async () => {},
  };
  const stopped: { ids: readonly number[]; cause: Cause }[] = [];
  const stop = (ids: readonly number[], cause: Cause) => void stopped.push({ ids, cause });
  expect(await availableOf([0, 1], { config, admin, stop })).toEqual([]);
  expect(stopped).toEqual([
    {
      ids: [0, 1],
      cause: {
        reason: "the topic totals.by-store does not exist; an aggregator that starts creates it",
        topic: "totals.by-store",
      },
    },
  ]);
});
