/** Settings of topics that others made, and what is said of them. */

import { describe, expect, test } from "bun:test";
import { dangerOfSizes, dangersOf, topicsOf } from "../../src/topics/dangers.ts";
import { OUTPUT_SETTINGS } from "../../src/topics/own-settings.ts";
import { configOf } from "../support/context.ts";

type Part = Parameters<typeof dangersOf>[0]["part"];

/** What Kafka says of a topic that was created without any setting. */
const defaults = {
  "cleanup.policy": "delete",
  "segment.bytes": "1073741824",
  "min.cleanable.dirty.ratio": "0.5",
  "retention.ms": "604800000",
  "max.message.bytes": "1048588",
  "min.insync.replicas": "1",
  "min.compaction.lag.ms": "0",
  "unclean.leader.election.enable": "false",
};

function dangers(part: Part, settings: Record<string, string>, replicas = 3) {
  const values = new Map(Object.entries({ ...defaults, ...settings }));
  return dangersOf({ topic: "shop", part, brokers: "kafka:9092" }, { values, replicas });
}

describe("an output topic", () => {
  test("with our own settings is all right", () => {
    expect(dangers("output", OUTPUT_SETTINGS)).toEqual([]);
    expect(dangers("history", OUTPUT_SETTINGS)).toEqual([]);
  });

  test.each(["delete", "compact,delete"])("of policy %s loses totals", (policy) => {
    const settings = { "cleanup.policy": policy, "retention.ms": "60000" };
    const [danger, ...others] = dangers("output", settings);
    expect(others).toEqual([]);
    expect(danger?.text).toBe(
      `Kafka deletes records of the topic shop after 1 minute (cleanup.policy=${policy}): totals ` +
        "of products that are not sold meanwhile are lost, and partitions are refused.",
    );
    expect(danger?.command).toBe(
      "kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics " +
        "--entity-name shop --add-config cleanup.policy=compact,segment.bytes=4194304," +
        "min.cleanable.dirty.ratio=0.3,delete.retention.ms=600000",
    );
  });

  test("of an earlier build has segments that are never closed", () => {
    const [danger] = dangers("output", { "cleanup.policy": "compact" });
    expect(danger?.text).toContain("compacted too seldom (segment.bytes is 1073741824)");
    expect(danger?.command).toContain("segment.bytes=4194304");
  });

  test("whose records stay as they are for days is read by each restart", () => {
    const settings = { ...OUTPUT_SETTINGS, "min.compaction.lag.ms": "604800000" };
    const [danger] = dangers("output", settings);
    expect(danger?.text).toContain("too seldom (min.compaction.lag.ms is 7 days)");
    expect(danger?.command).toEndWith("--add-config min.compaction.lag.ms=0");
  });

  // Page and log said for a quarter of a minute only that records are refused for their size.
  test("that takes only the smallest records stops partitions", () => {
    const [danger] = dangers("output", { ...OUTPUT_SETTINGS, "max.message.bytes": "300" });
    expect(danger?.text).toBe(
      "The topic shop takes records of at most 300 bytes (max.message.bytes): larger totals are " +
        "refused, and their partition is not counted.",
    );
    expect(danger?.command).toContain("max.message.bytes=1048588");
    expect(dangers("history", { ...OUTPUT_SETTINGS, "max.message.bytes": "4096" })).toEqual([]);
  });

  test("with the smallest segments that managed clusters allow is all right", () => {
    const settings = { "cleanup.policy": "compact", "segment.bytes": "52428800" };
    expect(dangers("output", settings)).toEqual([]);
  });
});

describe("an input topic", () => {
  test("with Kafka's defaults is all right", () => {
    expect(dangers("input", {})).toEqual([]);
  });

  test("that is compacted loses sales", () => {
    const [danger] = dangers("input", { "cleanup.policy": "compact" });
    expect(danger?.text).toContain("sales that are not counted by then are lost");
    expect(danger?.command).toEndWith("--add-config cleanup.policy=delete");
  });

  test("whose records are gone within minutes loses sales", () => {
    const [danger] = dangers("input", { "retention.ms": "300000" });
    expect(danger?.text).toContain("keeps its records for 5 minutes only");
    expect(dangers("input", { "retention.ms": "-1" })).toEqual([]);
  });
});

// "Nobody can write to the topic", said the page, and Kafka 4.3 counted the sales: it asks for no more
// in-sync replicas than there are.
test("a topic that asks for more in-sync replicas than it has may not be written", () => {
  const [danger] = dangers("deadLetters", { "min.insync.replicas": "2" }, 1);
  expect(danger?.text).toBe(
    "Brokers before Kafka 4 take no record for the topic shop: its min.insync.replicas is 2, and a " +
      "partition has 1 replica.",
  );
  expect(danger?.command).toEndWith("--add-config min.insync.replicas=1");
});

test.each([
  ["input", /may lose sales when brokers fail .+=true\)\.$/],
  ["output", /may lose totals .+ what is lost is counted again\.$/],
  ["history", /may lose slots .+=true\)\.$/],
  ["deadLetters", /may lose dead letters/],
] as const)("an unclean election of the %s is a danger", (part, text) => {
  const own = part === "output" || part === "history" ? OUTPUT_SETTINGS : {};
  const [danger, ...others] = dangers(part, { ...own, "unclean.leader.election.enable": "true" });
  expect(others).toEqual([]);
  expect(danger?.text).toMatch(text);
  expect(danger?.command).toEndWith("--add-config unclean.leader.election.enable=false");
});

// A bad record without a key stopped its partition: nothing said so before.
test("a topic that refuses dead letters stops partitions", () => {
  const [compacted] = dangers("deadLetters", { "cleanup.policy": "compact,delete" });
  expect(compacted?.text).toContain("takes no dead letter without a key");
  expect(compacted?.weight).toBe("problem");
});

test("a compacted topic of dead letters loses letters; one for smaller records cuts them", () => {
  expect(dangers("deadLetters", { "cleanup.policy": "compact" })).toHaveLength(1);
  const of = (bytes: string) => ({ replicas: 1, values: new Map([["max.message.bytes", bytes]]) });
  const names = { topic: "shop.dlq", input: "shop", brokers: "kafka:9092" };
  expect(dangerOfSizes(names, of("1000"), of("2000"))[0]?.text).toBe(
    "The topic shop.dlq takes records of at most 1000 bytes, and shop has up to 2000: " +
      "large dead letters are cut.",
  );
  expect(dangerOfSizes(names, of("2000"), of("2000"))).toEqual([]);
});

// The command set 16 MiB whatever the input takes: who typed it still had the danger.
test.each([
  [2_000, 16_777_216],
  [20_000_000, 20_065_536],
])("letters of records of up to %d bytes need a limit of %d", (theirs, enough) => {
  const of = (bytes: number) => {
    return { replicas: 1, values: new Map([["max.message.bytes", String(bytes)]]) };
  };
  const names = { topic: "shop.dlq", input: "shop", brokers: "kafka:9092" };
  const [danger] = dangerOfSizes(names, of(1_000), of(theirs));
  expect(danger?.command).toBe(
    "kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics " +
      `--entity-name shop.dlq --add-config max.message.bytes=${enough}`,
  );
  expect(dangerOfSizes(names, of(enough), of(theirs))).toEqual([]);
});

test("settings that cannot be read are no danger", () => {
  const values = new Map<string, string>();
  for (const part of ["input", "output", "history", "deadLetters"] as const) {
    const names = { topic: "shop", part, brokers: "kafka:9092" };
    expect(dangersOf(names, { values, replicas: 1 })).toEqual([]);
  }
});

test("a producer looks at its topic alone, an aggregator without history at three", () => {
  const producer = configOf("run", "--roles", "producer");
  expect([...topicsOf(producer).values()]).toEqual(["input"]);
  const aggregator = configOf("run", "--history", "off");
  expect([...topicsOf(aggregator).values()]).toEqual(["input", "output", "deadLetters"]);
});

test("all topics of several inputs are looked at, and shared dead letters once", () => {
  const args = ["--input-topic", "a,b", "--output-topic", "o", "--dead-letter-topic", "d"];
  const config = configOf("serve", "--brokers", "kafka:9092", ...args);
  expect([...topicsOf(config)]).toEqual([
    ["a", "input"],
    ["o", "output"],
    ["o.history", "history"],
    ["d", "deadLetters"],
    ["b", "input"],
    ["o.of-b", "output"],
    ["o.of-b.history", "history"],
  ]);
});
