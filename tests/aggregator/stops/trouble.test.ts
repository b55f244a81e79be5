/** When the aggregator reports what the brokers hold against its clients. */

import { expect, test } from "bun:test";
import { reportTrouble } from "../../../src/aggregator/stops/trouble.ts";
import type { Kafka } from "../../../src/kafka/kafka.ts";
import type { Stats } from "../../../src/role.ts";
import { TestClock } from "../../support/clock.ts";
import { configOf, quietLog } from "../../support/context.ts";

// A rotated password kept the aggregator in one wait for 42 s, in which it reported nothing.
test("a trouble is reported when it comes and when it is over, and once", async () => {
  const clock = new TestClock();
  const stopping = new AbortController();
  const looks = [undefined, "The brokers refuse the login", "The brokers refuse the login"];
  const kafka = {
    trouble: () => {
      if (looks.length === 0) stopping.abort();
      return looks.shift();
    },
  } as Partial<Kafka> as Kafka;
  const reports: Stats[] = [];
  const report = (stats: Stats) => void reports.push(stats);
  const context = { clock, config: configOf("--brokers", "kafka:9092"), log: quietLog, report };
  const admin = { groupMembers: async () => [] };
  await reportTrouble({ ...context, kafka, signal: stopping.signal }, admin);
  expect(reports).toEqual([{ hindrance: "The brokers refuse the login" }, { hindrance: "" }]);
  const { signal } = new AbortController();
  await reportTrouble({ ...context, kafka: {} as Kafka, signal }, admin);
});
