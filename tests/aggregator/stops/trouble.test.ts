/** When the aggregator reports what the brokers hold against its clients. */

import { expect, test } from "bun:test";
import { reportTrouble } from "../../../src/aggregator/stops/trouble.ts";
import type { Kafka } from "../../../src/kafka/kafka.ts";
import type { Stats } from "../../../src/role.ts";
import { TestClock } from "../../support/clock.ts";

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
  await reportTrouble({ kafka, clock, report, signal: stopping.signal });
  expect(reports).toEqual([{ hindrance: "The brokers refuse the login" }, { hindrance: "" }]);
  await reportTrouble({ kafka: {} as Kafka, clock, report, signal: new AbortController().signal });
});
