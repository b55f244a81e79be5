/** What a description of a topic says against reading and writing it. */

import { expect, test } from "bun:test";
import { silenceProblem } from "../../src/kafka/health.ts";
import {
  leaderProblem,
  ledPartitions,
  readProblem,
  rightProblem,
  syncProblem,
} from "../../src/kafka/kafka.ts";

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

test("silent leaders are named, each with its partitions", () => {
  const led = (leader: number) => ({ leader, replicas: [leader], inSync: [leader] });
  const topics = [{ name: "out", partitions: [led(2), led(3), led(2), led(-1)] }];
  const cluster = {
    topics,
    brokers: [
      { id: 1, address: "kafka-1:9092" },
      { id: 2, address: "kafka-2:9092" },
      { id: 3, address: "" },
    ],
  };
  expect(silenceProblem("out", [0, 1, 2], cluster)).toBe(
    "broker 2 at kafka-2:9092, which leads the partitions 0, 2 of out, and broker 3, which leads " +
      "partition 1 of out, do not answer, though other brokers do: look whether they run, and " +
      "whether their addresses can be reached from here",
  );
  expect(silenceProblem("out", [3, 7], cluster)).toBeUndefined();
  expect(silenceProblem("in", [0], cluster)).toBeUndefined();
  const both = { topics, brokers: cluster.brokers.slice(1) };
  expect(silenceProblem("out", [0, 1, 2], both)).toBeUndefined();
});

test("partitions without a leader are not asked about", () => {
  const states = [1, -1, 2].map((leader) => ({ leader, replicas: [1, 2], inSync: [1] }));
  expect(ledPartitions({ partitions: 3, states })).toEqual([0, 2]);
  expect(ledPartitions({ partitions: 2 })).toEqual([0, 1]);
});
