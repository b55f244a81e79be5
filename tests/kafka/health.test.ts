/** What a description of a topic says against reading and writing it. */

import { expect, test } from "bun:test";
import { leaderProblem, readProblem, rightProblem, syncProblem } from "../../src/kafka/kafka.ts";

// A cluster names operations in capitals: everybody was said to lack every right.
test("a right that the cluster names is there", () => {
  const rights = ["READ", "WRITE", "DESCRIBE"];
  expect(rightProblem("in", "Read", { partitions: 1, rights })).toBeUndefined();
  expect(rightProblem("in", "Write", { partitions: 1, rights: ["ALL"] })).toBeUndefined();
  expect(rightProblem("in", "Write", { partitions: 1 })).toBeUndefined();
  expect(rightProblem("in", "Write", { partitions: 1, rights: ["READ"] })).toContain(
    "the user needs the operation Write on the resource Topic in",
  );
});

test("a partition without leader names its brokers, and how many of them answer", () => {
  const states = [{ leader: -1, replicas: [3], inSync: [3] }];
  const described = { partitions: 1, states, brokers: [1, 2] };
  const said = "partition 0 of out has no leader, because its broker 3 is away";
  expect(leaderProblem("out", 0, described)).toBe(said);
  expect(readProblem("out", described)).toBe(`${said}; 2 of 3 brokers answer`);
});

test("missing replicas are counted", () => {
  const states = [{ leader: 1, replicas: [1, 2, 3], inSync: [1] }];
  expect(syncProblem("out", 0, { partitions: 1, states })).toContain(
    "only 1 of 3 in-sync replicas",
  );
});
