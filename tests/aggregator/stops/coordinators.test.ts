/** Brokers of a hand-made set-up cannot make Kafka's own topics, and nothing said so for 75 s. */

import { expect, test } from "bun:test";
import { explainedWhenLate } from "../../../src/aggregator/stops/coordinators.ts";
import type { RoleContext } from "../../../src/role.ts";
import { recordingLog } from "../../support/context.ts";

/** A wait that is over when the test says so. */
function late(described: { partitions: number } | undefined) {
  const work = Promise.withResolvers<string>();
  const told = Promise.withResolvers<void>();
  const reports: (string | undefined)[] = [];
  const { log, lines } = recordingLog();
  const clock = { sleep: async () => {} };
  const report = ({ late }: { late?: string }) => {
    reports.push(late);
    told.resolve();
  };
  const signal = new AbortController().signal;
  const context = { clock, log, report, signal } as unknown as RoleContext;
  const admin = { describeTopic: async () => described };
  const waiting = explainedWhenLate("transactions", work.promise, { context, admin });
  return { waiting, reports, lines, told: told.promise, end: work.resolve };
}

test("names the setting of the brokers when their topic is missing, until it is there", async () => {
  const { waiting, reports, lines, told, end } = late(undefined);
  await told;
  expect(lines).toEqual([
    "Kafka has not opened the transactions of this process yet. Kafka has not created its topic " +
      "__transaction_state, without which nothing is counted: it never does while " +
      "transaction.state.log.replication.factor, which is 3 by default, is larger than the " +
      "number of brokers.",
  ]);
  end("open");
  expect(await waiting).toBe("open");
  expect(reports).toEqual([lines[0], ""]);
});

test("says that the coordinator may be away when the topic is there", async () => {
  const { lines, told, end } = late({ partitions: 50 });
  await told;
  expect(lines[0]).toContain("yet: its coordinator may be away, or take no more connections");
  end("open");
});
