/** The adapter on the embedded broker, always, and on Apache Kafka where it can be run. */

import { expect, test } from "bun:test";
import { EMBEDDED_PROPERTIES } from "../../src/kafka/embedded.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { native } from "../../src/kafka/native.ts";
import { quietLog } from "../support/context.ts";
import { sharedKafka } from "../support/kafka.ts";
import { Member } from "../support/member.ts";
import { API, ERROR } from "../support/native.ts";
import { recordsOf } from "../support/records.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { kafkaContract } from "./contract.ts";

// The aggregator reads by whole record batches, and all others record by record.
for (const isWhole of [true, false]) {
  const how = isWhole ? "by whole record batches" : "record by record";
  const properties = { "fetch.whole.batches": String(isWhole) };

  kafkaContract(`librdkafka on the embedded broker, ${how}`, {
    test,
    start: async () => {
      const cluster = new native.MockCluster(1);
      return {
        kafka: librdkafka({
          brokers: cluster.bootstrapServers,
          properties: { ...EMBEDDED_PROPERTIES, ...properties },
          log: quietLog,
        }),
        createTopic: async (topic, partitions) => cluster.createTopic(topic, partitions),
        stop: async () => cluster.close(),
      };
    },
  });

  kafkaContract(`librdkafka on Apache Kafka, ${how}`, {
    test: requirement("java", "maven"),
    start: async () => {
      const { brokers } = await sharedKafka();
      const kafka = librdkafka({ brokers, properties, log: quietLog });
      return {
        kafka,
        createTopic: async (topic, partitions) => {
          const admin = kafka.admin();
          await admin.createTopic(topic, { partitions, replicationFactor: 1, config: {} });
          await admin.close();
        },
        stop: async () => {},
      };
    },
  });
}

test("a producer that repeated an EndTxn is not used again, though its commit succeeded", async () => {
  const cluster = new native.MockCluster(1);
  cluster.createTopic("totals", 1);
  const kafka = librdkafka({
    brokers: cluster.bootstrapServers,
    properties: EMBEDDED_PROPERTIES,
    log: quietLog,
  });
  const producer = kafka.transactionalProducer({ transactionalId: "repeats" });
  const records = recordsOf([{ key: null, value: new Uint8Array([1]), partition: 0 }]);
  await producer.init();
  producer.begin();
  producer.produce("totals", records);
  await producer.commit();
  producer.begin();
  producer.produce("totals", records);
  cluster.pushRequestErrors(API.endTxn, [ERROR.notCoordinator]);
  const failure = await producer.commit().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "_TRANSPORT", verdict: "fatal" });
  expect(String(failure)).toContain("EndTxn 2 times");
  await producer.close();
  cluster.close();
});

// The client asks the broker that it knows, and waits in vain for an answer.
test("watermarks are found at the new leader, though the old one never answers", async () => {
  const cluster = new native.MockCluster(2);
  cluster.createTopic("sales", 2);
  for (const partition of [0, 1]) cluster.setLeader("sales", partition, partition + 1);
  const { bootstrapServers: brokers } = cluster;
  const admin = librdkafka({ brokers, properties: EMBEDDED_PROPERTIES, log: quietLog }).admin();
  expect((await admin.allWatermarks("sales", [0, 1])).size).toBe(2);
  cluster.setBrokerDown(2);
  const asked = admin.allWatermarks("sales", [0, 1]);
  cluster.setLeader("sales", 1, 1);
  expect([...(await asked).keys()]).toEqual([0, 1]);
  await admin.close();
  cluster.close();
}, 600_000);

// The client answered from its metadata that the new partition has no leader, for as long as those
// were kept; the aggregator failed with each restore until then.
requirement("java", "maven")(
  "watermarks of a partition that another client has just added are found",
  async () => {
    const { brokers } = await sharedKafka();
    const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
    const topic = `added-${crypto.randomUUID()}`;
    const [asks, adds] = [kafka.admin(), kafka.admin()];
    await adds.createTopic(topic, { partitions: 1, replicationFactor: 1, config: {} });
    expect(await asks.watermarks(topic, 0)).toEqual({ low: 0, high: 0 });
    await adds.addPartitions(topic, 2);
    expect((await asks.allWatermarks(topic, [1])).get(1)).toEqual({ low: 0, high: 0 });
    expect((await asks.allWatermarks(topic, [0, 1])).size).toBe(2);
    await Promise.all([asks.close(), adds.close()]);
  },
  600_000,
);

// Sales waited behind somebody's transaction, and no question about the topic told of it.
requirement("java", "maven")(
  "stable ends stop at the first record of an undecided transaction",
  async () => {
    const { brokers } = await sharedKafka();
    const kafka = librdkafka({ brokers, properties: {}, log: quietLog });
    const topic = `undecided-${crypto.randomUUID()}`;
    const admin = kafka.admin();
    await admin.createTopic(topic, { partitions: 2, replicationFactor: 1, config: {} });
    const producer = kafka.transactionalProducer({ transactionalId: topic });
    const send = () => {
      producer.begin();
      producer.produce(topic, recordsOf([{ value: new Uint8Array(1), partition: 0 }]));
      return producer.flush(30_000);
    };
    const ends = async () => Object.fromEntries(await admin.stableEnds(topic, [0, 1]));
    await producer.init();
    await send();
    await producer.commit();
    await send();
    expect(await ends()).toEqual({ 0: 2, 1: 0 });
    expect(await admin.watermarks(topic, 0)).toEqual({ low: 0, high: 3 });
    await producer.abort();
    // The coordinator answers before its marks stand in the partitions.
    await waitFor(async () => (await ends())[0] === 4, { what: "the mark of the abort" });
    await Promise.all([producer.close(), admin.close()]);
  },
  600_000,
);

// Who owns the partitions that nobody counts could not be told: only names of members were asked.
requirement("java", "maven")(
  "the members of a group are named with the partitions that they own",
  async () => {
    const { brokers } = await sharedKafka();
    const group = `members-${crypto.randomUUID()}`;
    const kafka = librdkafka({ brokers, properties: { "client.id": "warehouse" }, log: quietLog });
    const admin = kafka.admin();
    await admin.createTopic(group, { partitions: 2, replicationFactor: 1, config: {} });
    expect(await admin.groupMembers(group)).toEqual([]);
    const member = new Member(kafka, group, group);
    try {
      await member.until(() => member.owned.size === 2);
      const [{ assigned = [], ...found } = { client: "", host: "" }, ...others] =
        await admin.groupMembers(group);
      expect(found).toEqual({ client: "warehouse", host: "/127.0.0.1" });
      expect(assigned.map(({ topic, partition }) => `${topic} ${partition}`).sort()).toEqual([
        `${group} 0`,
        `${group} 1`,
      ]);
      expect(others).toEqual([]);
    } finally {
      await Promise.all([member.consumer.close(), admin.close()]);
    }
  },
  600_000,
);

// A mechanism whose tokens nobody gets waited for 30 s, and then told of a broken connection.
test.each([
  ["OAUTHBEARER", "nothing in Salesboard gets its tokens"],
  ["GSSAPI", "it is not built in"],
])("the mechanism %s is refused at once, with those that are accepted", (mechanism, why) => {
  const properties = { "security.protocol": "SASL_SSL", "sasl.mechanism": mechanism };
  const open = () => librdkafka({ brokers: "127.0.0.1:9", properties, log: quietLog }).admin();
  expect(open).toThrow(
    `Cannot use -X sasl.mechanism=${mechanism}: ${why}. ` +
      "Accepted are PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.",
  );
});

// Our OpenSSL knows only where Debian keeps the authorities: on other systems no broker of a cloud
// was trusted.
test("the authorities of any distribution are looked for, unless the user names them", async () => {
  const lines: string[] = [];
  const log = { ...quietLog, debug: (line: string) => void lines.push(line) };
  const properties = { "security.protocol": "SSL", debug: "security" };
  const admin = librdkafka({ brokers: "127.0.0.1:9", properties, log }).admin();
  try {
    // Found or not: the places of all distributions were looked at.
    const isLookedFor = () => lines.some((line) => /CA certificate (location|paths)/.test(line));
    await waitFor(isLookedFor, { what: `a look for authorities; the log: ${lines.join(" | ")}` });
  } finally {
    await admin.close();
  }
}, 600_000);

// A frozen broker held up every question for the ends of a topic, while others answered fetches.
test("it is known how long ago a broker answered, whatever it was asked", async () => {
  const cluster = new native.MockCluster(1);
  const kafka = librdkafka({
    brokers: cluster.bootstrapServers,
    properties: EMBEDDED_PROPERTIES,
    log: quietLog,
  });
  try {
    expect(kafka.heardMsAgo?.()).toBeUndefined();
    const admin = kafka.admin();
    await admin.ping(10_000);
    const heard = kafka.heardMsAgo?.();
    expect(heard).toBeGreaterThanOrEqual(0);
    // Connections end without an answer.
    cluster.setBrokerDown(1);
    const isSilent = () => (kafka.heardMsAgo?.() ?? 0) > 1_000;
    await waitFor(isSilent, { what: "the broker to be silent" });
    await admin.close();
    expect(kafka.heardMsAgo?.()).toBeGreaterThan(1_000);
  } finally {
    cluster.close();
  }
});
