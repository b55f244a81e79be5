/** Which partitions are tried again, and which wait for a person. */

import { expect, test } from "bun:test";
import { refusals } from "../../../src/aggregator/stops/stops.ts";
import { Uncounted } from "../../../src/aggregator/stops/uncounted.ts";
import type { Stats } from "../../../src/role.ts";
import { quietLog } from "../../support/context.ts";

// An input that was made anew with fewer partitions stopped the others, and then they were refused:
// they were read again in each turn of the loop, for ever, and the log said so each time.
test("a partition that is refused is not tried again, and is no longer said to be", () => {
  let now = 0;
  let told: Stats = {};
  const uncounted = new Uncounted({
    clock: { now: () => now } as never,
    log: quietLog,
    report: (stats) => {
      told = { ...told, ...stats };
    },
  });
  uncounted.stop([1, 2], { reason: "one of its partitions does not exist" });
  now += 60_000;
  expect(uncounted.due()).toHaveLength(2);
  uncounted.refuse(1, "the input topic was deleted and created again");
  expect(uncounted.due()).toEqual([{ partition: 2, topic: undefined }]);
  expect(told.counting).toMatchObject({
    refused: ["The aggregator refuses partition 1: the input topic was deleted and created again."],
    stopped: [
      "Partition 2 is not counted for now: one of its partitions does not exist. It is tried again.",
    ],
  });
});

test("says why partitions are refused, of many reasons the first three", () => {
  const same = [0, 4].map((id) => [id, "the totals are of another input."] as const);
  expect(refusals(new Map(same))).toEqual([
    "The aggregator refuses partitions 0, 4: the totals are of another input.",
  ]);
  const each = Array.from({ length: 6 }, (_, id) => [id, `offset ${id} is cut`] as const);
  expect(refusals(new Map(each))).toEqual([
    "The aggregator refuses partition 0: offset 0 is cut.",
    "The aggregator refuses partition 1: offset 1 is cut.",
    "The aggregator refuses partition 2: offset 2 is cut.",
    "The aggregator refuses 3 more partitions. Its log says which, and why.",
  ]);
  expect(refusals(new Map())).toEqual([]);
});
