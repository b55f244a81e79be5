/** What holds of a process while its roles restart. */

import { expect, test } from "bun:test";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { runRoles } from "../../src/process/run.ts";
import { configOf, quietLog } from "../support/context.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

// The dashboard alone kept what it had heard: after a restart of it, a partition that is refused
// for good was Live on the page, and /readyz said ready.
test("a restarted dashboard hears again all that the aggregator ever reported", async () => {
  const before = new Set<unknown>(SIGNALS.flatMap((signal) => process.listeners(signal)));
  const kafka = {} as Kafka;
  const cluster = { brokers: "127.0.0.1:9092", prepared: Promise.resolve(), kafka };
  const config = { ...configOf("run"), roles: ["aggregator", "dashboard"] as const };
  const entry = new URL("../fixtures/forgetful.ts", import.meta.url);
  const run = runRoles({
    config,
    cluster: Promise.resolve(cluster),
    entry,
    log: quietLog,
    onListening: () => {},
  });
  const error: Error = await run.then(
    () => new Error("nothing was heard"),
    (reason) => reason,
  );
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (!before.has(listener)) process.removeListener(signal, listener);
    }
  }
  expect(JSON.parse(error.message)).toEqual({
    counting: { refused: [3], stopped: [] },
    late: "The group is late.",
    waits: ["Partition 0 waits."],
    oddTimes: ["A sale is of 1970."],
    figures: { early: 1, last: 2 },
  });
}, 30_000);
