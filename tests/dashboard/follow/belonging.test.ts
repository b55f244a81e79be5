/** When a dashboard says that the totals which it reads are not those of its input. */

import { expect, test } from "bun:test";
import { strangersIn } from "../../../src/dashboard/follow/belonging.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import type { Bookkeeping } from "../../../src/wire/bookkeeping.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";

const origin = { inputTopic: "in", inputTopicId: "T1", clusterId: "C1" };

/** What is said of two partitions with this bookkeeping, while the input `in` ends at 5. */
function saidOf(part: Partial<Bookkeeping>, identity = { topicId: "T1", clusterId: "C1" }) {
  const view = new SalesView();
  for (const partition of [0, 2]) view.apply(partition, BOOKKEEPING_KEY, bookkeepingRecord(part));
  const end = { low: 0, high: 5 };
  const marks = new Map([0, 1, 2].map((partition) => [partition, end]));
  const notes = new Map([0, 1, 2].map((id) => [id, view.partition(id).bookkeeping]));
  return strangersIn(notes, { topic: "in", identity, marks });
}

test("strangersIn says nothing of totals of the input, nor of those of earlier versions", () => {
  expect(saidOf({ ...origin, inputOffset: 5 })).toEqual([]);
  expect(saidOf({ inputOffset: 5 })).toEqual([]);
});

test("strangersIn names another input topic once for all partitions", () => {
  expect(saidOf({ ...origin, inputTopic: "shop" })).toEqual([
    "The totals of partition 0, 2 were counted from the input topic shop, not from in.",
  ]);
});

// A cluster was wiped under a running dashboard: it stayed live with the totals of the former one.
test("strangersIn tells a topic and a cluster from others of the same name", () => {
  expect(saidOf({ ...origin, inputTopicId: "T0" })).toEqual([
    "The totals of partition 0, 2 are those of an earlier topic: in was deleted and created again.",
  ]);
  expect(saidOf({ ...origin, clusterId: "C0" })).toEqual([
    "The totals of partition 0, 2 were counted in the Kafka cluster C0.",
  ]);
});

test("strangersIn finds a log that ends before what was counted of it", () => {
  expect(saidOf({ ...origin, inputOffset: 6 })).toEqual([
    "The totals of partition 0, 2 go beyond the end of in: its log was cut.",
  ]);
});
