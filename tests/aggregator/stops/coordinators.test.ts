/** Brokers of a hand-made set-up cannot make Kafka's own topics, and nothing said so for 75 s. */

import { expect, test } from "bun:test";
import { explainedWhenLate } from "../../../src/aggregator/stops/coordinators.ts";
import { KafkaError } from "../../../src/kafka/kafka.ts";
import type { RoleContext } from "../../../src/role.ts";
import { recordingLog } from "../../support/context.ts";

/** A wait that is over when the test says so. */
function late(described: { partitions: number } | undefined | KafkaError, brokers = 1) {
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
  const describeTopic = async () => {
    if (described instanceof KafkaError) throw described;
    return described;
  };
  const admin = { describeTopic, ping: async () => ({ brokers }) };
  const waiting = explainedWhenLate("transactions", work.promise, { context, admin });
  return { waiting, reports, lines, told: told.promise, end: work.resolve };
}

test("names the setting of the brokers when their topic is missing, until it is there", async () => {
  const { waiting, reports, lines, told, end } = late(undefined);
  await told;
  expect(lines).toEqual([
    "Kafka has not opened the transactions of this process yet. Kafka shows no topic " +
      "__transaction_state. It never makes it while transaction.state.log.replication.factor, " +
      "which is 3 by default, is larger than the number of brokers, and there is 1 broker. Mend " +
      "it by: transaction.state.log.replication.factor=1 in the properties of the broker, and its " +
      "restart.",
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

// Some managed Kafkas never show it: there, the other reason must be named too.
test("a topic that several brokers do not show proves nothing", async () => {
  const { lines, told, end } = late(undefined, 3);
  await told;
  expect(lines[0]).toMatch(/yet: its coordinator may be away.* Kafka shows no topic __transaction/);
  end("open");
});

// "There is no right to read the topic __consumer_offsets", with a command, said the page. Nobody
// needs that right to count.
test("a topic that the user may not see is not said to lack a right", async () => {
  const refused = new KafkaError("No right", {
    code: "TOPIC_AUTHORIZATION_FAILED",
    verdict: "fatal",
  });
  const { lines, told, end } = late(refused);
  await told;
  expect(lines[0]).not.toMatch(/right/i);
  expect(lines[0]).toContain("transaction.state.log.replication.factor is larger than the number");
  end("open");
});
