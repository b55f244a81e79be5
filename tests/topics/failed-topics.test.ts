/** When a topic that could not be made is tried again. */

import { expect, test } from "bun:test";
import { FailedTopics } from "../../src/topics/failed-topics.ts";

const failure = { topic: "sales_x", text: "sales_x is not counted: it is refused." };

test("a topic that fails again and again is tried after 5, 10, 20 and then every 30 seconds", () => {
  let nowMs = 0;
  const failed = new FailedTopics(() => nowMs);
  for (const pauseMs of [5_000, 10_000, 20_000, 30_000, 30_000]) {
    failed.note(failure);
    nowMs += pauseMs - 1;
    expect(failed.early("sales_x")).toEqual(failure);
    nowMs += 1;
    expect(failed.early("sales_x")).toBeUndefined();
  }
  failed.forget("sales_x");
  expect(failed.has("sales_x")).toBe(false);
});

test("what failed for a topic that is gone is forgotten", () => {
  const failed = new FailedTopics(() => 0);
  failed.note(failure);
  failed.note({ ...failure, topic: "sales_y" });
  failed.keepOnly(["sales_y", "sales_z"]);
  expect(["sales_x", "sales_y"].filter((topic) => failed.has(topic))).toEqual(["sales_y"]);
});

// It was tried again an hour later.
test("a clock that is set back by an hour does not make a pause longer", () => {
  let nowMs = 3_600_000;
  const failed = new FailedTopics(() => nowMs);
  failed.note(failure);
  nowMs = 0;
  expect(failed.early("sales_x")).toBeUndefined();
});
