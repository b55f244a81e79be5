/** What is said when Kafka cannot create its own topics. */

import { expect, test } from "bun:test";
import { cannotCreate, KAFKAS_OWN } from "../../src/topics/kafkas-own.ts";

const start =
  "Kafka cannot create its topic __consumer_offsets, without which nothing is counted: " +
  "offsets.topic.replication.factor, which is 3 by default, must be at most the number of brokers";

test.each([
  [undefined, "."],
  [1, ", and there is 1 broker."],
  [2, ", and there are 2 brokers."],
])("names topic, setting and, where known, the number of brokers: %j", (brokers, end) => {
  expect(cannotCreate(KAFKAS_OWN.group, brokers)).toBe(`${start}${end}`);
});
