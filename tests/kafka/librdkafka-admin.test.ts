/** How the admin asks a cluster that does not answer as hoped. Its clients below are made up. */

import { expect, test } from "bun:test";
import { LibrdkafkaAdmin } from "../../src/kafka/librdkafka-admin.ts";
import type { NativeAdmin, NativeConsumer } from "../../src/kafka/native.ts";

// "Cannot describe topic sales: TOPIC_AUTHORIZATION_FAILED" left the reader to find out what that is.
test("a topic that cannot be described is explained, by its name", async () => {
  const found = { name: "sales", error: "TOPIC_AUTHORIZATION_FAILED", partitions: [], rights: [] };
  const reader = { metadata: async () => ({ topics: [found], brokers: [] }) };
  const admin = new LibrdkafkaAdmin(reader as unknown as NativeConsumer, {} as NativeAdmin);
  const failure = await admin.describeTopic("sales").catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED", verdict: "fatal" });
  expect(String(failure)).toContain("sales");
  expect(String(failure)).toContain("kafka-acls.sh");
});
