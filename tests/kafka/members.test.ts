/** What is said about the members of a group that own partitions which nobody counts. */

import { expect, test } from "bun:test";
import { groupUse, memberNames, ownersOf, strangersAmong } from "../../src/kafka/members.ts";

const settings = { group: "board", inputTopic: "sales", rdkafka: {} };
const use = groupUse(settings);
const at = (partition: number, topic = "sales") => ({ topic, partition });
const warehouse = { client: "warehouse", host: "/10.0.0.7", assigned: [at(3), at(0)] };
const ours = { client: "salesboard", host: "/10.0.0.8", assigned: [at(1), at(2)] };

test("another program is named with its partitions, and what to do", () => {
  expect(ownersOf([0, 1, 3], [ours, warehouse], use).stranger).toBe(
    "partitions 0, 3 of sales belong to warehouse at 10.0.0.7, in the same group board. By its " +
      "client id that is another program, so that no sale in these partitions is counted: stop " +
      "that program, or give it another group",
  );
  expect(ownersOf(undefined, [ours, warehouse], use)).toEqual(
    ownersOf([0, 1, 2, 3], [ours, warehouse], use),
  );
  const kcat = { client: "rdkafka", host: "/10.0.0.9", assigned: [at(1)] };
  expect(ownersOf([1], [kcat], use).stranger).toStartWith(
    "partition 1 of sales belongs to rdkafka at 10.0.0.9",
  );
  expect(ownersOf([0, 1], [warehouse, kcat], use).stranger).toEndWith(
    "By their client ids those are other programs, so that no sale in these partitions is " +
      "counted: stop them, or give them another group",
  );
});

test("another process of our name is named apart, because it may count into another output", () => {
  const { stranger, other } = ownersOf([1], [ours, warehouse], use);
  expect(stranger).toBeUndefined();
  expect(other).toBe(
    "partition 1 of sales belongs to salesboard at 10.0.0.8, in the same group board. Its log " +
      "says why nothing is counted. A process with another --output-topic needs a --group of its own",
  );
});

test("nobody is named who owns other partitions, other topics, or nothing that is known", () => {
  const elsewhere = { client: "warehouse", host: "/10.0.0.7", assigned: [at(0, "stock")] };
  const unknown = { client: "warehouse", host: "/10.0.0.7" };
  expect(ownersOf([0], [elsewhere, unknown, ours], use)).toEqual({
    stranger: undefined,
    other: undefined,
  });
});

test("who has our name is the user's client.id, when there is one", () => {
  const named = groupUse({ ...settings, rdkafka: { "client.id": "warehouse" } });
  expect(strangersAmong([ours, warehouse], named)).toEqual([ours]);
  const six = Array.from({ length: 6 }, (_, i) => ({ client: `c${i}`, host: "/h" }));
  expect(memberNames(six)).toBe("c0 at h, c1 at h, c2 at h, c3 at h, c4 at h and 1 more");
});
