/** What an aggregator does when another process has its `group.instance.id`. */

import { expect, test } from "bun:test";
import { yieldingToNamesake } from "../../../src/aggregator/stops/namesake.ts";
import { type GroupMember, KafkaError } from "../../../src/kafka/kafka.ts";
import { TestClock } from "../../support/clock.ts";
import { configOf, recordingLog } from "../../support/context.ts";

const config = configOf(
  ...["--brokers", "kafka:9092", "--group", "board", "--input-topic", "sales"],
  ...["-X", "group.instance.id=till"],
);
const namesake: GroupMember = { client: "salesboard", host: "/10.0.0.7", instance: "till" };
const other: GroupMember = { ...namesake, instance: "desk" };
const fenced = failure("FENCED_INSTANCE_ID", "fatal");

function failure(code: string, verdict: "retry" | "fatal"): KafkaError {
  return new KafkaError(`The group says ${code}`, { code, verdict });
}

/** What is reported and logged until the role may start again, and how long that takes. */
async function waited(answers: readonly (GroupMember[] | KafkaError)[], error = fenced) {
  const clock = new TestClock();
  const reports: unknown[] = [];
  const { log, lines } = recordingLog();
  const left = [...answers];
  const groupMembers = async () => {
    const answer = left.shift();
    if (!answer) throw new Error("The group was asked too often.");
    if (answer instanceof KafkaError) throw answer;
    return answer;
  };
  const report = (stats: unknown) => void reports.push(stats);
  const { signal } = new AbortController();
  const context = { clock, config, log, report, signal };
  const work = yieldingToNamesake(Promise.reject(error), { context, admin: { groupMembers } });
  await expect(work).rejects.toBe(error);
  return { lines, reports, ms: clock.now(), unasked: left.length };
}

// Two replicas had the same id: each took the place of the other one, every few seconds, for ever.
test("who was there first waits until its namesake has left the group", async () => {
  const { lines, ms, reports } = await waited([
    [namesake, other],
    failure("_TIMED_OUT", "retry"),
    [other, namesake],
    [other],
  ]);
  expect(ms).toBe(15_000);
  const sentence = expect.stringMatching(
    /^Another process .+ -X group\.instance\.id=till\. .+ own\.$/,
  );
  expect(lines).toEqual([sentence]);
  expect(reports).toEqual([{ late: sentence }, { late: "" }]);
});

test("without the right to look at the group, the role starts again at once", async () => {
  const { ms } = await waited([failure("GROUP_AUTHORIZATION_FAILED", "fatal")]);
  expect(ms).toBe(0);
});

test("nobody waits after another failure", async () => {
  const { lines, unasked } = await waited([[namesake]], failure("_TRANSPORT", "retry"));
  expect([lines, unasked]).toEqual([[], 1]);
});
