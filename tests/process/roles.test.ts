/** What holds of a process while its roles restart. */

import { expect, test } from "bun:test";
import { withFound } from "../../src/config/config.ts";
import type { Admin, Kafka } from "../../src/kafka/kafka.ts";
import { runRoles } from "../../src/process/roles.ts";
import { configOf, quietLog } from "../support/context.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

const told = {
  counting: { refused: ["Partition 3."], stopped: [] },
  late: "The group is late.",
  waits: ["Partition 0 waits."],
  oddTimes: ["A sale is of 1970."],
  figures: { early: 1, last: 2 },
};

/** What a dashboard that was restarted has heard, by the topic of the aggregator. */
async function heardAgain(
  args: readonly string[],
  found?: readonly string[],
  onListening: (url: string) => void = () => {},
): Promise<object> {
  const before = new Set<unknown>(SIGNALS.flatMap((signal) => process.listeners(signal)));
  const admin = { close: async () => {} } as Partial<Admin> as Admin;
  const kafka = { admin: () => admin } as Partial<Kafka> as Kafka;
  const config = configOf("run", "--roles", "aggregator,dashboard", ...args);
  const ready = found ? withFound(config, found) : config;
  const prepared = Promise.resolve({ config: ready, uncounted: [], notes: [] });
  const cluster = { brokers: "127.0.0.1:9092", prepared, kafka };
  const entry = new URL("../fixtures/forgetful.ts", import.meta.url);
  const run = runRoles({
    config,
    cluster: Promise.resolve(cluster),
    entry,
    log: quietLog,
    onListening,
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
  return JSON.parse(error.message);
}

// The dashboard alone kept what it had heard: after a restart of it, a partition that is refused
// for good was Live on the page, and /readyz said ready.
test("a restarted dashboard hears again all that the aggregator ever reported", async () => {
  // A role that has worked for some seconds also says that it is in no trouble.
  expect(await heardAgain([])).toMatchObject({ "": told });
}, 600_000);

test("each of several input topics has an aggregator, whose reports say of which it is", async () => {
  const heard = await heardAgain(["--input-topic", "a,b"]);
  expect(heard).toMatchObject({ a: told, b: told });
  expect(Object.keys(heard as object)).toHaveLength(2);
}, 600_000);

test("topics by name are counted at once, and shown once those of the pattern are known", async () => {
  const args = ["--brokers", "k:9092", "--input-topic", "a,b,s*"];
  const shown: string[] = [];
  const heardOfAll = await heardAgain(args, ["s1", "s2"], (topics) => shown.push(topics));
  expect(heardOfAll).toMatchObject({ a: told, b: told, s1: told, s2: told });
  // A board of the names alone was live, and lacked the topics of the pattern beside them.
  expect(shown).toEqual(["of ", "of a,b,s1,s2"]);
  const heard = await heardAgain(args, []);
  expect(heard).toMatchObject({ a: told, b: told });
  expect(heard).not.toHaveProperty("s1");
}, 600_000);
