/** What the addon promises beyond carrying records, which is in batch.test.ts. */

import { afterAll, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { RecordBatch } from "../../src/kafka/batch.ts";
import {
  ANSWER_MS_MAX,
  API,
  batchOf,
  ERROR,
  failureOf,
  GROUP,
  joined,
  NativeCluster,
  NativeMember,
  pollUntil,
  start,
} from "../support/native.ts";
import { waitFor } from "../support/wait.ts";

const cluster = new NativeCluster();
afterAll(() => cluster.close());

// Room for many records, but for the bytes of one: all are fetched, and all but one carried over.
const narrow = () => new RecordBatch({ recordsMax: 100, bytesMax: 1 });

test("Consumer.seek drops what was fetched before, whatever is still carried over", async () => {
  const topic = cluster.newTopic();
  await cluster.send(topic, ["0", "1", "2", "3", "4", "5"]);
  const consumer = cluster.consumer();
  await consumer.assign(topic, start(0));
  const { values } = await pollUntil(consumer, (seen) => seen.values.length > 0, narrow());
  expect(values).toEqual(["0"]);
  await consumer.seek(topic, [{ partition: 0, offset: 4 }], ANSWER_MS_MAX);
  const after = await pollUntil(consumer, (seen) => seen.values.length >= 2, narrow());
  expect(after.values).toEqual(["4", "5"]);
});

// With `ulimit -c unlimited`, a crash left the passwords of the brokers in a core dump.
test("a process with the addon leaves no core dump, whatever its shell allows", () => {
  const native = fileURLToPath(new URL("../../src/kafka/native.ts", import.meta.url));
  const script = `const limit = async () => (await Bun.file("/proc/self/limits").text())
    .match(/^Max core file size +(\\S+)/m)[1];
    const before = await limit();
    await import(${JSON.stringify(native)});
    console.log(before + " " + (await limit()));`;
  const start = 'ulimit -S -c "$(ulimit -H -c)" && exec "$0" -e "$1"';
  const { stdout } = Bun.spawnSync(["/bin/sh", "-c", start, process.execPath, script]);
  expect(stdout.toString()).toMatch(/^\w+ 0\n$/);
});

// One after the other, 200 partitions took 200 round trips, and the dashboard was stale for ever.
test("Admin.watermarks asks each broker twice, however many partitions there are", async () => {
  const topic = cluster.newTopic(200);
  await cluster.send(topic, ["0", "1"], 7);
  const partitions = Array.from({ length: 200 }, (_, id) => id);
  const own = new NativeCluster();
  own.mock.createTopic(topic, 200);
  const admin = own.admin({ "statistics.interval.ms": "20" });
  const marks = await admin.watermarks(topic, partitions, ANSWER_MS_MAX);
  expect(marks.map(({ partition }) => partition)).toEqual(partitions);
  const asked = await waitFor(() => questions(own), { what: "the statistics" });
  expect(asked).toBe(2);
  await own.close();
  const others = await cluster.admin().watermarks(topic, [0, 7], ANSWER_MS_MAX);
  expect(others).toEqual([
    { partition: 0, low: 0, high: 0 },
    { partition: 7, low: 0, high: 2 },
  ]);
});

/** ListOffsets requests, by the latest statistics. */
function questions({ events }: NativeCluster): number {
  const latest = events.findLast((event) => event.type === "stats");
  if (!latest) return 0;
  const { brokers } = JSON.parse(latest.json) as { brokers: Record<string, Statistics> };
  const counts = Object.values(brokers).map(({ req }) => req.ListOffsets ?? 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

interface Statistics {
  req: Record<string, number>;
}

test("Consumer.unassign and assign leave no record of the time before", async () => {
  const topic = cluster.newTopic();
  await cluster.send(topic, ["0", "1", "2", "3"]);
  const consumer = cluster.consumer();
  await consumer.assign(topic, start(0));
  await pollUntil(consumer, (seen) => seen.values.length > 0, narrow());
  await consumer.unassign(topic, [0]);
  const batch = narrow();
  await consumer.poll(batch.memory, 0);
  expect(batch.count).toBe(0);
  await consumer.assign(topic, [{ partition: 0, offset: 3 }]);
  const { values } = await pollUntil(consumer, (seen) => seen.values.length > 0, batch);
  expect(values).toEqual(["3"]);
});

test("Consumer.poll reports a position outside the partition", async () => {
  const topic = cluster.newTopic();
  const consumer = cluster.consumer({ "auto.offset.reset": "error" });
  await consumer.assign(topic, [{ partition: 0, offset: 17 }]);
  const { events } = await pollUntil(consumer, (seen) => seen.events.length > 0);
  expect(events).toMatchObject([
    { type: "error", partition: 0, error: { code: "_AUTO_OFFSET_RESET" } },
  ]);
});

// It was counted how often partitions were revoked: on a busy machine, where a member is late, the
// group shares them out more than once.
for (const strategy of ["cooperative-sticky", "range"]) {
  test(`Consumer of a ${strategy} group gives partitions to a newcomer and gets them back`, async () => {
    const topic = cluster.newTopic(2);
    await cluster.send(topic, ["0"], 0);
    await cluster.send(topic, ["1"], 1);
    const config = { ...GROUP, "group.id": strategy, "partition.assignment.strategy": strategy };
    const consumers = [cluster.consumer(config), cluster.consumer(config)] as const;
    const [first, second] = [
      new NativeMember(consumers[0], topic),
      new NativeMember(consumers[1], topic),
    ];
    await consumers[0].subscribe(topic);
    const before: string[] = [];
    while (before.length < 2) before.push(...(await first.step()).values);
    expect(before.toSorted()).toEqual(["0", "1"]);

    await consumers[1].subscribe(topic);
    const read: string[] = [];
    const isShared = () => first.owned.size === 1 && second.owned.size === 1;
    while (!isShared() || !read.includes(String([...second.owned]))) {
      const owned = [...first.owned].toSorted();
      for (const event of (await first.step()).events) {
        if (event.type !== "revoked" || event.lost) continue;
        // All that it owns, to share anew; or the one that the other gets.
        if (strategy === "range") expect(event.partitions.toSorted()).toEqual(owned);
        else expect(event.partitions.length).toBeLessThan(2);
      }
      read.push(...(await second.step()).values);
    }
    expect([...first.owned, ...second.owned].toSorted()).toEqual([0, 1]);

    const [moved] = second.owned;
    await consumers[1].close(ANSWER_MS_MAX);
    const after: string[] = [];
    while (first.owned.size < 2 || !after.includes(String(moved))) {
      after.push(...(await first.step()).values);
    }
  }, 600_000);
}

test("Producer shows records to read_committed readers when the transaction commits", async () => {
  const topic = cluster.newTopic();
  const producer = await cluster.transactionalProducer("visible");
  const send = async (value: string) => {
    producer.beginTransaction();
    producer.produce(topic, batchOf([value]).memory, 0);
    await producer.flush(ANSWER_MS_MAX);
  };
  const read = async () => {
    const consumer = cluster.consumer({ "isolation.level": "read_committed" });
    await consumer.assign(topic, start(0));
    return pollUntil(consumer, ({ events }) => events.some(({ type }) => type === "end"));
  };
  expect(() => producer.produce(topic, batchOf(["outside"]).memory, 0)).toThrow("Cannot produce");
  await send("aborted");
  await producer.abortTransaction(ANSWER_MS_MAX);
  await send("committed");
  expect(await read()).toEqual({ values: [], events: [{ type: "end", partition: 0, offset: 2 }] });
  await producer.commitTransaction(ANSWER_MS_MAX);
  const events = [{ type: "end" as const, partition: 0, offset: 4 }];
  expect(await read()).toEqual({ values: ["committed"], events });
  expect(producer.takeFailures()).toEqual([]);
});

test("Producer.sendOffsets commits the consumer's positions with the transaction", async () => {
  const topic = cluster.newTopic(2);
  const consumer = cluster.consumer({ ...GROUP, "group.id": "offsets" });
  await joined(consumer, topic);
  const producer = await cluster.transactionalProducer("offsets");
  const committed = async () => {
    const positions = await consumer.committed(topic, [0, 1], ANSWER_MS_MAX);
    return positions.map(({ offset }) => offset);
  };
  const send = (offset: number) => {
    return producer.sendOffsets(consumer, topic, [{ partition: 0, offset }], ANSWER_MS_MAX);
  };
  expect(await committed()).toEqual([-1001, -1001]);
  for (const end of ["commitTransaction", "abortTransaction"] as const) {
    producer.beginTransaction();
    await send(end === "commitTransaction" ? 7 : 8);
    await producer[end](ANSWER_MS_MAX);
    expect(await committed()).toEqual([7, -1001]);
  }
  producer.beginTransaction();
  cluster.mock.pushRequestErrors(API.txnOffsetCommit, [ERROR.illegalGeneration]);
  expect(await failureOf(send(9))).toMatchObject({ txnRequiresAbort: true, fatal: false });
  await producer.abortTransaction(ANSWER_MS_MAX);
  producer.beginTransaction();
  await consumer.close(ANSWER_MS_MAX);
  expect(await failureOf(send(9))).toMatchObject({ code: "_DESTROY", fatal: false });
});

test("Consumer.committed rejects with the error of the group", async () => {
  cluster.mock.pushRequestErrors(API.offsetFetch, [ERROR.groupAuthorizationFailed]);
  const answer = cluster.consumer().committed(cluster.newTopic(), [0], ANSWER_MS_MAX);
  expect(await failureOf(answer)).toMatchObject({ code: "GROUP_AUTHORIZATION_FAILED", number: 30 });
});

test("Producer that was fenced fails for good", async () => {
  const fenced = await cluster.transactionalProducer("fenced");
  fenced.beginTransaction();
  fenced.produce(cluster.newTopic(), batchOf(["late"]).memory, 0);
  await fenced.flush(ANSWER_MS_MAX);
  await cluster.transactionalProducer("fenced");
  const failure = await failureOf(fenced.commitTransaction(ANSWER_MS_MAX));
  expect(failure).toMatchObject({ code: "_FENCED", fatal: true, retriable: false });
  expect(failure.message).toStartWith("Cannot commit the transaction: ");
  expect(() => fenced.beginTransaction()).toThrow("Cannot begin a transaction: ");
});

// A new broker has no coordinator for a while. The call is made in slices, and librdkafka reports
// one whose time is over by the last answer instead of `_TIMED_OUT`: that ended the call at once.
test("Producer.initTransactions waits for a coordinator as long as it may", async () => {
  cluster.mock.pushRequestErrors(API.initProducerId, Array(4).fill(ERROR.notCoordinator));
  const producer = await cluster.transactionalProducer("early");
  producer.beginTransaction();
});

test("Producer.commitTransaction that times out can be called again until it is definite", async () => {
  const topic = cluster.newTopic();
  const producer = await cluster.transactionalProducer("slow");
  producer.beginTransaction();
  producer.produce(topic, batchOf(["slow"]).memory, 0);
  await producer.flush(ANSWER_MS_MAX);
  cluster.mock.setBrokerRtt(1, 500);
  const first = await failureOf(producer.commitTransaction(1));
  cluster.mock.setBrokerRtt(1, 0);
  expect(first).toMatchObject({ code: "_TIMED_OUT", retriable: true, fatal: false });
  // librdkafka refuses the call for a moment, when the first one's request leaves after its time.
  let isDefinite = false;
  while (!isDefinite) {
    isDefinite = await producer.commitTransaction(ANSWER_MS_MAX).then(
      () => true,
      (error: { code?: string }) => {
        if (error.code === "_STATE") return false;
        throw error;
      },
    );
  }
  producer.beginTransaction();
});

test("Producer failures carry librdkafka's flags and are counted by kind", async () => {
  const topic = cluster.newTopic();
  const transactional = await cluster.transactionalProducer("flags");
  transactional.beginTransaction();
  transactional.produce(topic, batchOf(["x", "y"]).memory, 0);
  cluster.mock.pushRequestErrors(API.produce, [ERROR.topicAuthorizationFailed]);
  await transactional.flush(ANSWER_MS_MAX);
  expect(transactional.takeFailures()).toMatchObject([
    { topic, partition: 0, count: 2, error: { code: "TOPIC_AUTHORIZATION_FAILED", number: 29 } },
  ]);
  expect(transactional.takeFailures()).toEqual([]);
  expect(await failureOf(transactional.commitTransaction(ANSWER_MS_MAX))).toMatchObject({
    txnRequiresAbort: true,
    fatal: false,
  });
  await transactional.abortTransaction(ANSWER_MS_MAX);

  const plain = cluster.producer({ "message.max.bytes": "1000" });
  const batch = batchOf(["small", "x".repeat(5_000), "y".repeat(5_000), "small"]);
  expect(plain.produce(topic, batch.memory, 0)).toBe(4);
  await plain.flush(ANSWER_MS_MAX);
  expect(plain.takeFailures()).toMatchObject([{ count: 2, error: { code: "MSG_SIZE_TOO_LARGE" } }]);
});

test("Producer with all requests under way waits for their answers without a core", async () => {
  const REQUESTS_AND_MORE = 8; // librdkafka has five of a partition under way
  const WAIT_MS = 1_000;
  const own = new NativeCluster();
  const topic = own.newTopic();
  const producer = own.producer({ "enable.idempotence": "true", "linger.ms": "1" });
  producer.produce(topic, batchOf(["first"]).memory, 0);
  await producer.flush(ANSWER_MS_MAX);
  own.mock.setBrokerRtt(1, 3 * WAIT_MS);
  for (let i = 0; i < REQUESTS_AND_MORE; i++) {
    producer.produce(topic, batchOf([`${i}`]).memory, 0);
    await Bun.sleep(20); // each in a request of its own
  }
  const before = process.cpuUsage();
  await Bun.sleep(WAIT_MS);
  const { user, system } = process.cpuUsage(before);
  expect(producer.inFlight).toBe(REQUESTS_AND_MORE);
  expect((user + system) / 1_000).toBeLessThan(WAIT_MS / 2);
  own.mock.setBrokerRtt(1, 0);
  await producer.flush(ANSWER_MS_MAX);
  await own.close();
}, 600_000);
