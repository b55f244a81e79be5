/** A consumer that rests asks for no records, and loses none. */

import { afterAll, expect, test } from "bun:test";
import { ANSWER_MS_MAX, batchOf, NativeCluster, pollUntil } from "../support/native.ts";

const cluster = new NativeCluster();
afterAll(() => cluster.close());

test("while a consumer rests, no record comes, and afterwards all of them", async () => {
  const topic = cluster.newTopic();
  const producer = cluster.producer();
  const consumer = cluster.consumer();
  const sent: string[] = [];
  const received: string[] = [];
  const send = async () => {
    sent.push(`${sent.length}`);
    producer.produce(topic, batchOf(sent.slice(-1)).memory, 0);
    await producer.flush(ANSWER_MS_MAX);
  };
  await consumer.assign(topic, [{ partition: 0, offset: 0 }]);
  await send();
  const first = await pollUntil(consumer, ({ values }) => values.length === 1);
  received.push(...first.values);
  consumer.restFetch(600_000);
  // A request that was under way may still bring one.
  while (received.length === sent.length) {
    await send();
    received.push(...(await pollFor(1_000)));
  }
  consumer.restFetch(0);
  const last = await pollUntil(
    consumer,
    ({ values }) => received.length + values.length === sent.length,
  );
  received.push(...last.values);
  expect(received).toEqual(sent);

  async function pollFor(ms: number): Promise<string[]> {
    const endsAt = performance.now() + ms;
    const { values } = await pollUntil(
      consumer,
      ({ values }) => values.length > 0 || performance.now() > endsAt,
    );
    return values;
  }
});
