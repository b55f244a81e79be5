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

// The disk of a broker was full: "because its broker 3 is away", said the page, and it was up.
test("a broker that is up is not said to be away", () => {
  const states = [{ leader: -1, replicas: [3], inSync: [3] }];
  const described = { partitions: 1, states, brokers: [1, 2, 3] };
  expect(leaderProblem("out", 0, described)).toBe(
    "partition 0 of out has no leader, although its broker 3 is up: another one is elected just " +
      "now, or a disk is full or broken, or no replica is in sync (the log of the broker says which)",
  );
  expect(leaderProblem("out", 0, { partitions: 1, states })).toContain("broker 3 is away");
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
  expect(silenceProblem("out", [7], cluster)).toBeUndefined();
  expect(silenceProblem("in", [0], cluster)).toBeUndefined();
});

// A frozen broker lost its partitions: while they moved nothing was said of them, and after 20 s
// that Kafka had not answered.
test("of partitions that move it is said who leads them now, or that nobody does", () => {
  const led = (leader: number) => ({ leader, replicas: [1, 2, 3], inSync: [1, 2] });
  const brokers = [1, 2].map((id) => ({ id, address: `kafka-${id}:9092` }));
  const moving = { topics: [{ name: "out", partitions: [led(1), led(-1), led(2)] }], brokers };
  const headless = "partition 1 of out has no leader, because its broker 3 is away";
  expect(silenceProblem("out", [1], moving)).toBe(headless);
  expect(silenceProblem("out", [0, 1, 2], moving)).toBe(
    `${headless}; broker 1 at kafka-1:9092, which leads partition 0 of out, and broker 2 at ` +
      "kafka-2:9092, which leads partition 2 of out, have not said yet where these partitions end",
  );
});

test("partitions without a leader are not asked about", () => {
  const states = [1, -1, 2].map((leader) => ({ leader, replicas: [1, 2], inSync: [1] }));
  expect(ledPartitions({ partitions: 3, states })).toEqual([0, 2]);
  expect(ledPartitions({ partitions: 2 })).toEqual([0, 1]);
});
