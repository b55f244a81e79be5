/** Whether the records of a transaction stand behind those of the one before. */

import { expect, test } from "bun:test";
import { AppendedEnds, spansOf } from "../../../src/aggregator/belonging/succession.ts";
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

// The output was made anew: counting went on from memory, and wrote only what changed.
test("records before the last ones of the output tell of a cut, and those behind of others", () => {
  const appended = (first: number) => () => [{ partition: 0, first, last: first + 2 }];
  const look = (first: number) =>
    spansOf({ appended: appended(first) }, "out", [{ id: 0, tail: 9 }]);
  expect(look(9).get(0)).toMatchObject({ first: 9, last: 11 });
  expect(() => look(0)).toThrow("Earlier records of out, partition 0, are gone");
  expect(() => look(12)).toThrow("Records that are not ours stand at offset 9 of out[0]");
  expect(() => look(-1)).toThrow("Records that are not ours");
});
