/** What is said when Kafka cannot create its own topics. */

import { expect, test } from "bun:test";
import { KAFKAS_OWN, notCreated } from "../../src/topics/kafkas-own.ts";

const start =
  "Kafka has not created its topic __consumer_offsets, without which nothing is counted: it never " +
  "does while offsets.topic.replication.factor, which is 3 by default, is larger than the number " +
  "of brokers";

// A slow broker was about to make its topic: "Kafka cannot create its topic", said the log.
test.each([
  [undefined, "."],
  [1, ", and there is 1 broker."],
  [2, ", and there are 2 brokers."],
])("names topic, setting and, where known, the number of brokers: %j", (brokers, end) => {
  expect(notCreated(KAFKAS_OWN.group, brokers)).toBe(`${start}${end}`);
});
