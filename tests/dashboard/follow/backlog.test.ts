/** When sales that wait are said to be counted by nobody. */

import { afterEach, expect, setSystemTime, test } from "bun:test";
import { Backlog } from "../../../src/dashboard/follow/backlog.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import type { Admin, Consumer, Kafka } from "../../../src/kafka/kafka.ts";
import { quietLog } from "../../support/context.ts";
import { waitFor } from "../../support/wait.ts";

const PATIENCE_MS = 10_000;
afterEach(() => setSystemTime());

/** Whether a sale that nobody has counted for `waitedMs` is taken for one that nobody will. */
async function isStalled({ commitIntervalMs, waitedMs }: Record<string, number>): Promise<boolean> {
  let probes = 0;
  const admin = {
    describeTopic: async () => ({ partitions: 1 }),
    watermarks: async () => {
      // The first probe finds the sale, the second one that it still waits.
      if (++probes === 2) setSystemTime(Date.now() + (waitedMs ?? 0));
      return { low: 0, high: 1 };
    },
    close: async () => {},
  } as Partial<Admin> as Admin;
  const reader = {
    assign: async () => {},
    poll: async (batch) => {
      batch.clear();
      batch.append({ value: new Uint8Array(1) });
      return [];
    },
    close: async () => {},
  } as Partial<Consumer> as Consumer;
  const stopping = new AbortController();
  let looks = 0;
  const backlog = new Backlog({
    kafka: { admin: () => admin, reader: () => reader } as Partial<Kafka> as Kafka,
    topic: "input",
    commitIntervalMs: commitIntervalMs ?? 0,
    view: new SalesView(),
    isCurrent: () => true,
    log: quietLog,
    onChange: () => void looks++,
    signal: stopping.signal,
  });
  const running = backlog.run();
  await waitFor(() => looks >= 2, { what: "two looks" });
  const { stall } = backlog;
  stopping.abort();
  await running;
  return stall !== undefined;
}

// A commit interval above ten seconds made the page say that nobody counts, from commit to commit.
test("Backlog waits for a commit before it says that nobody counts", async () => {
  const long = { commitIntervalMs: 60_000 };
  expect(await isStalled({ ...long, waitedMs: 60_000 })).toBe(false);
  expect(await isStalled({ ...long, waitedMs: 60_000 + PATIENCE_MS })).toBe(true);
  expect(await isStalled({ commitIntervalMs: 100, waitedMs: 100 + PATIENCE_MS })).toBe(true);
}, 30_000);
