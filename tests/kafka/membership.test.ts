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
  NativeCluster,
  partitionsOf,
  pollUntil,
  start,
} from "../support/native.ts";

const ATTEMPTS_MAX = 5;

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
test("Producer.sendOffsets refuses a consumer that has become another member", async () => {
  // Now and then librdkafka does notice, and says that the partitions are lost: the other safe end.
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const outcome = await offsetsOfAnother(`another-${attempt}`);
    if (outcome === "lost") continue;
    expect(outcome).toBe("_ASSIGNMENT_LOST");
    return;
  }
  throw new Error(`librdkafka noticed it ${ATTEMPTS_MAX} times`);
}, 60_000);

/** What becomes of offsets that are sent once the session was lost unnoticed. */
async function offsetsOfAnother(group: string): Promise<string> {
  const topic = cluster.newTopic(2);
  const config = { ...GROUP, "group.id": group };
  const cooperative = { ...config, "partition.assignment.strategy": "cooperative-sticky" };
  const first = cluster.consumer(cooperative);
  const second = cluster.consumer(cooperative);
  await first.subscribe(topic);
  const { events } = await pollUntil(
    first,
    (seen) => partitionsOf(seen.events, "assigned").length > 0,
  );
  for (const partition of partitionsOf(events, "assigned")) {
    await first.assign(topic, start(partition));
  }
  await second.subscribe(topic);
  const given = await pollUntil(first, (seen) => partitionsOf(seen.events, "revoked").length > 0);
  // Unanswered, it hears that it is unknown, and its membership is gone.
  cluster.mock.pushRequestErrors(API.heartbeat, Array(8).fill(ERROR.unknownMemberId));
  await Bun.sleep(1_000);
  await first.unassign(topic, partitionsOf(given.events, "revoked"));
  const producer = await cluster.transactionalProducer(group);
  let outcome = "UNKNOWN_MEMBER_ID";
  while (outcome === "UNKNOWN_MEMBER_ID") {
    await step(second, topic);
    if (await step(first, topic)) return "lost";
    producer.beginTransaction();
    outcome = await producer.sendOffsets(first, topic, start(0), ANSWER_MS_MAX).then(
      () => "taken",
      ({ code }) => code,
    );
    await producer.abortTransaction(ANSWER_MS_MAX);
  }
  expect(await failureOf(first.poll(batch.memory, 0))).toMatchObject({
    code: "_ASSIGNMENT_LOST",
    message: "Cannot poll: the consumer has become another member of its group.",
  });
  return outcome;
}

/** Polls once and answers; true when partitions were lost. */
async function step(consumer: NativeConsumer, topic: string): Promise<boolean> {
  for (const event of await consumer.poll(batch.memory, 50)) {
    if (event.type === "revoked" && event.lost) return true;
    if (event.type === "assigned") await consumer.assign(topic, event.partitions.flatMap(start));
    if (event.type === "revoked") await consumer.unassign(topic, event.partitions);
  }
  return false;
}
