/** What the totals of a partition were counted from, and what is counted now. */

import { describe, expect, test } from "bun:test";
import { contradictionOf, movedGroup } from "../../../src/aggregator/belonging/laws.ts";
import { anewProblem, cutProblem, OriginSource } from "../../../src/aggregator/belonging/origin.ts";
import { Totals } from "../../../src/domain/totals.ts";
import type { Admin, Identity } from "../../../src/kafka/kafka.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import type { Bookkeeping } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingOf } from "../../support/bookkeeping.ts";
import { configOf } from "../../support/context.ts";

const config = configOf(
  "run",
  "--brokers",
  "b:9092",
  "--input-topic",
  "in",
  "--output-topic",
  "out",
);
const origin = { inputTopic: "in", inputTopicId: "T1", clusterId: "C1" };
const startOver =
  "to count anew, stop all aggregators and type `salesboard reset --brokers b:9092 --input-topic in " +
  "--output-topic out`";

function problemOf(part: Partial<Bookkeeping>): string | undefined {
  const bookkeeping = bookkeepingOf(part);
  const restored = { problem: undefined, totals: new Totals(), bookkeeping, end: 2 };
  return contradictionOf(0, restored, config, origin);
}

describe("contradictionOf", () => {
  test("accepts bookkeeping of this input, and of builds that did not note it", () => {
    expect(problemOf(origin)).toBeUndefined();
    expect(problemOf({})).toBeUndefined();
    expect(problemOf({ inputTopic: "in" })).toBeUndefined();
  });

  test("names the other input topic", () => {
    expect(problemOf({ ...origin, inputTopic: "shop" })).toBe(
      "the totals in out were counted from the input topic shop, not from in, and two input topics " +
        "cannot share an output topic. Run with another --output-topic and another --group, or, " +
        startOver,
    );
  });

  test("names the other cluster, whatever else differs", () => {
    expect(problemOf({ ...origin, clusterId: "C0", inputTopicId: "T0" })).toBe(
      "the totals in out were counted in the Kafka cluster C0, and this is the cluster C1: offsets " +
        `of one mean nothing in the other. Run with the brokers of the former cluster, or, ${startOver}`,
    );
  });

  test("says that the topic was created again", () => {
    expect(problemOf({ ...origin, inputTopicId: "T0" })).toBe(
      "the input topic in was deleted and created again: the totals in out were counted from the " +
        "topic with the id T0, and its id is T1 now. No record of the new topic is counted; " +
        startOver,
    );
  });
});

describe("movedGroup", () => {
  const config = { group: "g", outputTopic: "out" };
  const bookkeeping = bookkeepingOf({ group: "g", inputOffset: 5 });

  test("accepts the offset of the bookkeeping alone", () => {
    expect(movedGroup(5, bookkeeping, config)).toBeUndefined();
    expect(movedGroup(null, bookkeeping, config)).toBe(
      "group g has no offset, but the totals go up to 5",
    );
    expect(movedGroup(7, bookkeeping, config)).toBe(
      "group g is at offset 7, but the totals go up to 5",
    );
  });

  test("names the other group", () => {
    expect(movedGroup(5, { ...bookkeeping, group: "old" }, config)).toBe(
      "the totals in out belong to group old, not to g",
    );
  });
});

// Sales between the cut and the old position were never counted, and the page was live (R28).
describe("cutProblem", () => {
  const partition = { id: 0, position: 3000 };

  test("accepts a log that reaches to the position", () => {
    expect(cutProblem(partition, { cutAt: undefined, high: 3000 }, config)).toBeUndefined();
    expect(cutProblem(partition, { cutAt: 3000, high: 4000 }, config)).toBeUndefined();
  });

  test("counts what is gone and what is not counted after a cut that has grown over", () => {
    expect(cutProblem(partition, { cutAt: 1000, high: 4000 }, config)).toBe(
      "the log of the input topic in, partition 0, was cut at offset 1000, as after an unclean leader " +
        "election: 2000 records that were read are gone, and 2000 others that stand in their place " +
        `are not counted; ${startOver}`,
    );
  });

  test("counts what is gone when the log ends before the position", () => {
    expect(cutProblem(partition, { cutAt: undefined, high: 2999 }, config)).toContain(
      "was cut at offset 2999, as after an unclean leader election: 1 records that were read are gone",
    );
  });
});

test("a topic that is gone for the moment is the former one until another has its name", async () => {
  const answers: (Identity | undefined)[] = [
    { topicId: "T1", clusterId: "C1" },
    undefined,
    { topicId: "T2", clusterId: "C1" },
    { topicId: "T1", clusterId: "C2" },
  ];
  const admin = { identity: async () => answers.shift() } as Partial<Admin> as Admin;
  const source = new OriginSource({ clock: systemClock, config }, admin);
  await source.ask();
  const restored = { origin: source.origin };
  await source.ask();
  expect(source.isOther(restored)).toBe(false);
  await source.ask();
  expect(source.isOther(restored)).toBe(true);
  // The addresses lead elsewhere.
  await source.ask();
  expect(source.isOther(restored)).toBe(true);
});

// The log said that the topic was deleted and created again, when the whole cluster was wiped under
// a process that runs.
test("anewProblem names the other cluster before the topic", () => {
  const other = { ...origin, inputTopicId: "T2", clusterId: "C2" };
  expect(anewProblem(origin, other, config)).toStartWith(
    "the totals in out were counted in the Kafka cluster C1, and this is the cluster C2: offsets",
  );
  expect(anewProblem(origin, { ...other, clusterId: "C1" }, config)).toStartWith(
    "the input topic in was deleted and created again: the totals in out",
  );
  expect(anewProblem(origin, origin, config)).toBeUndefined();
});
