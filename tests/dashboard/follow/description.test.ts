/** What is known of a topic while a broker does not say. */

import { expect, test } from "bun:test";
import { Description } from "../../../src/dashboard/follow/description.ts";
import { KafkaError, type TopicDescription } from "../../../src/kafka/kafka.ts";

/** An admin whose answers the test gives. */
function questions() {
  const open: PromiseWithResolvers<TopicDescription | undefined>[] = [];
  const describeTopic = () => {
    const asked = Promise.withResolvers<TopicDescription | undefined>();
    open.push(asked);
    return asked.promise;
  };
  return { admin: { describeTopic }, open };
}

const AT_ONCE_MS = 0;
/** Longer than any test. */
const NEVER_MS = 3_600_000;

// A frozen broker was asked for the description: for 20 s nobody asked the others anything, and the
// page said that Kafka had not answered.
test("the last description holds while the answer is late, and is asked for once", async () => {
  const { admin, open } = questions();
  const description = new Description(AT_ONCE_MS);
  const first = description.of("out", admin);
  open[0]?.resolve({ partitions: 2 });
  expect(await first).toEqual({ topic: { partitions: 2 }, isNew: true });
  for (let i = 0; i < 3; i++) {
    expect(await description.of("out", admin)).toEqual({ topic: { partitions: 2 }, isNew: false });
  }
  expect(open).toHaveLength(2);
});

test("each answer in time is the newest, and a topic that is gone is gone", async () => {
  const { admin, open } = questions();
  const description = new Description(NEVER_MS);
  const told: unknown[] = [];
  for (const answer of [{ partitions: 1 }, undefined, { partitions: 4 }]) {
    const asked = description.of("out", admin);
    open.at(-1)?.resolve(answer);
    told.push((await asked).topic?.partitions);
  }
  expect(told).toEqual([1, undefined, 4]);
});

test("a failure reaches who waits, and another client is asked anew", async () => {
  const { admin, open } = questions();
  const description = new Description(NEVER_MS);
  const failure = new KafkaError("Away", { code: "_TIMED_OUT", verdict: "retry" });
  const asked = description.of("out", admin);
  open[0]?.reject(failure);
  await expect(asked).rejects.toBe(failure);
  void description.of("out", admin).catch(() => {});
  const other = questions();
  const anew = description.of("out", other.admin);
  other.open[0]?.resolve({ partitions: 1 });
  expect((await anew).isNew).toBe(true);
});
