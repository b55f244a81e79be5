/** A coordinator or the controller goes away, and another broker takes its place. */

import { afterAll, expect, test } from "bun:test";
import { verdict } from "../../src/kafka/librdkafka-errors.ts";
import {
  ANSWER_MS_MAX,
  failureOf,
  GROUP,
  joined,
  NativeCluster,
  start,
} from "../support/native.ts";
import { waitFor } from "../support/wait.ts";

const [FIRST, SECOND] = [1, 2];
/** Far longer than it takes to find the other broker, once somebody looks. */
const HANGS_MS = 60_000;
const SILENCE_MS = 500;

const cluster = new NativeCluster(2);
afterAll(() => cluster.close());

// An aggregator whose coordinator was killed stood still for two minutes, without a word: its
// offsets waited for the next broker that would go away, and the time-out that they were given was
// not obeyed.
test(
  "Producer.sendOffsets finds the coordinator that took over, though no broker changes",
  async () => {
    const { mock } = cluster;
    const topic = cluster.newTopic();
    mock.setCoordinator("transaction", "moved", FIRST);
    mock.setCoordinator("group", "moved", SECOND);
    // A session that outlives the outage.
    const session = { ...GROUP, "session.timeout.ms": String(2 * HANGS_MS) };
    const consumer = cluster.consumer({ "group.id": "moved", ...session });
    await joined(consumer, topic);
    await consumer.assign(topic, start(0));
    const producer = await cluster.transactionalProducer("moved", {
      "transaction.timeout.ms": String(2 * HANGS_MS),
    });
    const send = async () => {
      producer.beginTransaction();
      await producer.sendOffsets(consumer, topic, start(0), ANSWER_MS_MAX);
      await producer.commitTransaction(ANSWER_MS_MAX);
    };
    await send();
    const told = () => cluster.reported.get(producer) ?? 0;
    const before = told();
    mock.setBrokerDown(SECOND);
    const sent = send();
    let isOver = false;
    void sent.finally(() => {
      isOver = true;
    });
    // The request waits for the broker that it knows, and that broker has refused a connection.
    await waitFor(() => told() > before, { what: "a lost broker", timeoutMs: HANGS_MS });
    mock.setCoordinator("group", "moved", FIRST);
    await waitFor(() => isOver, { what: "an answer", timeoutMs: HANGS_MS });
    await sent;
    mock.setBrokerUp(SECOND);
    expect(isOver).toBe(true);
  },
  2 * HANGS_MS,
);

// On Kafka with KRaft any broker is named as the controller. When that one was killed, nobody
// learned which topics there are until it was back: the page was not ready, and restores waited.
test("Consumer.metadata asks the next controller when the one that it knows is away", async () => {
  const topic = cluster.newTopic();
  cluster.mock.setController(SECOND);
  const consumer = cluster.consumer();
  await consumer.metadata(topic, ANSWER_MS_MAX);
  cluster.mock.setBrokerDown(SECOND);
  // Kafka names a broker that was killed for some more seconds.
  const failure = await failureOf(consumer.metadata(topic, SILENCE_MS));
  // Its code depends on what happens first: the question, the end of the connection, or metadata
  // without the broker. The last one, "_DESTROY_BROKER", once ended the process.
  expect(verdict(failure)).toBe("retry");
  cluster.mock.setController(FIRST);
  const { topics } = await consumer.metadata(topic, ANSWER_MS_MAX);
  expect(topics.map(({ name }) => name)).toEqual([topic]);
  cluster.mock.setBrokerUp(SECOND);
}, 600_000);
