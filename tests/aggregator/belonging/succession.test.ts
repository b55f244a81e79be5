/** Whether the records of a transaction stand behind those of the one before. */

import { expect, test } from "bun:test";
import { AppendedEnds } from "../../../src/aggregator/belonging/succession.ts";
import { configOf } from "../../support/context.ts";

const rules = "product: title; price: cost; by store: shop";
const config = configOf("run", "--output-topic", "out", "--map", rules);

/** Of transactions whose records begin at this offset of each partition; below 0 = unknown. */
function following() {
  const ends = new AppendedEnds(config);
  return (first: number, partitions: readonly number[] = [0]) => {
    const appended = () => partitions.map((partition) => ({ partition, first, last: first + 2 }));
    ends.follow({ appended });
  };
}

// Each of them would have cost a transaction and a restore of its own.
test("topics that were made anew together are noticed together, and once", () => {
  const follow = following();
  follow(50, [0, 2]);
  expect(() => follow(0, [0, 2])).toThrow(
    "Earlier records of out.history, partition 0, 2; out.by-store, partition 0, 2, are gone: " +
      "the log was cut, or the topic was made anew",
  );
  follow(4, [0, 2]);
});

test("a partition is compared with itself alone", () => {
  const follow = following();
  follow(50, [0]);
  follow(0, [1]);
  expect(() => follow(52, [0])).toThrow("partition 0,");
});

test("an unknown place neither is a cut, nor hides the one before", () => {
  const follow = following();
  follow(50);
  follow(-1);
  expect(() => follow(10)).toThrow("are gone");
});
