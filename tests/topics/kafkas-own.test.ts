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

// Three brokers that had no turn to make it were told of a default that they meet.
test("does not blame the default where there are as many brokers", () => {
  expect(notShown(KAFKAS_OWN.group, 3)).toBe(
    "Kafka shows no topic __consumer_offsets. It makes it when a client first needs it, but not " +
      "while offsets.topic.replication.factor is larger than the number of brokers, and there are " +
      "3 brokers.",
  );
});
