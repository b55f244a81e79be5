/** What is said when Kafka does not show its own topics. */

import { expect, test } from "bun:test";
import { KAFKAS_OWN, notShown } from "../../src/topics/kafkas-own.ts";

const start =
  "Kafka shows no topic __consumer_offsets. It never makes it while " +
  "offsets.topic.replication.factor, which is 3 by default, is larger than the number of brokers";

// "Kafka has not created its topic", said the page of a Kafka that hides it, and all was counted.
test.each([
  [1, ", and there is 1 broker."],
  [2, ", and there are 2 brokers."],
])("names topic, setting and the number of brokers: %j", (brokers, end) => {
  expect(notShown(KAFKAS_OWN.group, brokers)).toBe(`${start}${end}`);
});
