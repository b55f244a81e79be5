/** What the log of an aggregator says about other programs in its group. */

import { expect, test } from "bun:test";
import { namingStrangers, Strangers } from "../../../src/aggregator/stops/strangers.ts";
import { type GroupMember, KafkaError } from "../../../src/kafka/kafka.ts";
import { TestClock } from "../../support/clock.ts";
import { configOf, recordingLog } from "../../support/context.ts";

const config = configOf("--brokers", "kafka:9092", "--group", "board", "--input-topic", "sales");
const warehouse: GroupMember = {
  client: "warehouse",
  host: "/10.0.0.7",
  assigned: [{ topic: "sales", partition: 2 }],
};

// Another program had joined the group: its partitions were not counted, and the log of an
// aggregator without a page had not one line about that.
test("another program with partitions of the input is named once, until it has none", async () => {
  const clock = new TestClock();
  const { log, lines } = recordingLog();
  let members: GroupMember[] = [warehouse];
  const strangers = new Strangers({ clock, config, log }, { groupMembers: async () => members });
  const look = async (ms: number) => {
    clock.pass(ms);
    await strangers.tick();
  };
  await look(29_999);
  expect(lines).toEqual([]);
  await look(1);
  await look(30_000);
  expect(lines).toEqual([expect.stringContaining("Partition 2 of sales belongs to warehouse at")]);
  members = [];
  await look(30_000);
  members = [warehouse];
  await look(30_000);
  expect(lines).toHaveLength(2);
});

test("brokers that do not answer are asked again later", async () => {
  const clock = new TestClock();
  const { log, lines } = recordingLog();
  const away = new KafkaError("No broker answered", { code: "_TIMED_OUT", verdict: "retry" });
  const answers = [Promise.reject(away), Promise.resolve([warehouse])];
  const groupMembers = () => answers.shift() ?? Promise.resolve([]);
  const strangers = new Strangers({ clock, config, log }, { groupMembers });
  clock.pass(30_000);
  await strangers.tick();
  expect(lines).toEqual([]);
  clock.pass(30_000);
  await strangers.tick();
  expect(lines).toHaveLength(1);
});

// "Other programs are members of group board" named none of them.
test("a group that refuses us because of other programs names them", async () => {
  const refusal = new KafkaError("Other programs are members of group board", {
    code: "INCONSISTENT_GROUP_PROTOCOL",
    verdict: "fatal",
  });
  const admin = { groupMembers: async () => [warehouse] };
  await expect(namingStrangers(Promise.reject(refusal), { config, admin })).rejects.toThrow(
    "Other programs are members of group board. In the group now: warehouse at 10.0.0.7",
  );
  const other = new KafkaError("Away", { code: "_TRANSPORT", verdict: "fatal" });
  await expect(namingStrangers(Promise.reject(other), { config, admin })).rejects.toBe(other);
  expect(await namingStrangers(Promise.resolve("done"), { config, admin })).toBe("done");
});
