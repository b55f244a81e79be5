/** Offsets are sent by the member that the partitions were given to, and by nobody else. */

import { afterAll, expect, test } from "bun:test";
import { RecordBatch } from "../../src/kafka/batch.ts";
import type { NativeConsumer } from "../../src/kafka/native.ts";
import {
  ANSWER_MS_MAX,
  API,
  ERROR,
  failureOf,
  GROUP,
  joined,
  NativeCluster,
  NativeMember,
  offered,
  start,
} from "../support/native.ts";

/** On a busy machine one attempt in three meets the moment. */
const ATTEMPTS_MAX = 30;
/** Each takes three seconds, or several times that on a busy machine. */
const ATTEMPT_MS_MAX = 20_000;

const batch = new RecordBatch({ recordsMax: 10, bytesMax: 100 });
const cluster = new NativeCluster();
afterAll(() => cluster.close());

// The broker would take them, without a look at who owns the partitions: nothing fences them.
test("Producer.sendOffsets refuses a consumer that is not a member of its group", async () => {
  const topic = cluster.newTopic();
  const consumer = cluster.consumer({ "group.id": "stranger" });
  await consumer.assign(topic, start(0));
  const producer = await cluster.transactionalProducer("stranger");
  producer.beginTransaction();
  const send = () => producer.sendOffsets(consumer, topic, start(0), ANSWER_MS_MAX);
  expect(await failureOf(send())).toMatchObject({
    code: "UNKNOWN_MEMBER_ID",
    message: "Cannot send offsets to the transaction: the consumer is not a member of its group.",
    txnRequiresAbort: true,
    fatal: false,
  });
  await producer.abortTransaction(ANSWER_MS_MAX);
});

// librdkafka lost its session while it waited for an answer, said nothing, and joined again as
// another member with all it believed to own: the group took offsets of partitions that others
// might have counted meanwhile. Only the simulation noticed.
test(
  "Producer.sendOffsets refuses a consumer that has become another member",
  async () => {
    // When it hears of it is a matter of milliseconds. Now and then librdkafka notices the loss and
    // says so, or hears nothing in time and stays the member that it was: then once more.
    const outcomes: string[] = [];
    while (outcomes.length < ATTEMPTS_MAX && !outcomes.includes("_ASSIGNMENT_LOST")) {
      outcomes.push(await offsetsOfAnother(`another-${outcomes.length}`));
    }
    expect(outcomes).toContain("_ASSIGNMENT_LOST");
  },
  ATTEMPTS_MAX * ATTEMPT_MS_MAX,
);

/** What becomes of offsets that are sent once the session was lost unnoticed. */
async function offsetsOfAnother(group: string): Promise<string> {
  const topic = cluster.newTopic(2);
  const config = { ...GROUP, "group.id": group };
  const cooperative = { ...config, "partition.assignment.strategy": "cooperative-sticky" };
  const first = cluster.consumer(cooperative);
  const second = cluster.consumer(cooperative);
  try {
    await loseSession(topic, { first, second });
    const producer = await cluster.transactionalProducer(group);
    const members = {
      first: new NativeMember(first, topic),
      second: new NativeMember(second, topic),
    };
    for (;;) {
      await members.second.step();
      const { events } = await members.first.step();
      if (events.some((event) => event.type === "revoked" && event.lost)) return "lost";
      producer.beginTransaction();
      const outcome = await producer.sendOffsets(first, topic, start(0), ANSWER_MS_MAX).then(
        () => "taken",
        ({ code }) => code,
      );
      await producer.abortTransaction(ANSWER_MS_MAX);
      if (outcome === "UNKNOWN_MEMBER_ID") continue;
      if (outcome === "taken") return outcome;
      expect(await failureOf(first.poll(batch.memory, 0))).toMatchObject({
        code: outcome,
        message: "Cannot poll: the consumer has become another member of its group.",
      });
      return outcome;
    }
  } finally {
    // Else they would hear what is meant for those of the next attempt.
    await Promise.all([first, second].map((client) => client.close(ANSWER_MS_MAX)));
  }
}

/** While `first` owes the answer to a revocation, it hears that nobody knows it any more. */
async function loseSession(
  topic: string,
  { first, second }: { first: NativeConsumer; second: NativeConsumer },
): Promise<void> {
  for (const partition of await joined(first, topic)) await first.assign(topic, start(partition));
  await second.subscribe(topic);
  const revoked = await offered(first, "revoked");
  // One: what is left over comes when librdkafka owes no answer any more, and it notices that.
  cluster.mock.pushRequestErrors(API.heartbeat, [ERROR.unknownMemberId]);
  await Bun.sleep(1_000);
  await first.unassign(topic, revoked);
}
