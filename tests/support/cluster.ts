/** The embedded broker with the topics of a configuration, and the port to it. */

import { type Config, pairedTopics, perTopic } from "../../src/config/config.ts";
import { EMBEDDED_PROPERTIES } from "../../src/kafka/embedded.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../src/kafka/native.ts";
import { quietLog } from "./context.ts";

/** The caller closes the cluster; faults are pushed into it. */
export function openCluster(
  config: Config,
  partitions: number,
): { cluster: NativeMockCluster; kafka: Kafka } {
  const cluster = new native.MockCluster(1);
  for (const of of perTopic(config)) {
    const { inputTopic, deadLetterTopic, historyTopic } = of;
    const ours = pairedTopics({ ...of, history: "off" });
    for (const topic of [inputTopic, deadLetterTopic, historyTopic, ...ours]) {
      cluster.createTopic(topic, partitions);
    }
  }
  const brokers = cluster.bootstrapServers;
  const kafka = librdkafka({ brokers, properties: EMBEDDED_PROPERTIES, log: quietLog });
  return { cluster, kafka };
}
