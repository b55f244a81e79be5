/**
 * The embedded broker: librdkafka's mock cluster. It speaks the Kafka protocol on a free port of
 * 127.0.0.1 and keeps its data in memory: the last 5 MB of each partition.
 */

import type { Config } from "../config/config.ts";
import { embeddedTimeoutsMs } from "../config/timeouts.ts";
import { native } from "./native.ts";

/** Its librdkafka properties: the broker answers a waiting fetch only when the wait is over. */
export const EMBEDDED_PROPERTIES = {
  "session.timeout.ms": String(embeddedTimeoutsMs["session.timeout.ms"]),
  "heartbeat.interval.ms": "500",
  "transaction.timeout.ms": String(embeddedTimeoutsMs["transaction.timeout.ms"]),
  "fetch.wait.max.ms": "20",
};

export interface EmbeddedBroker {
  /** `host:port`, for this process and for any other Kafka client on this machine. */
  readonly brokers: string;
  close(): void;
}

/** Starts the broker with the topics of `config`, because it cannot create topics on request. */
export function startEmbeddedBroker(config: Config): EmbeddedBroker {
  const { inputTopic, outputTopic, deadLetterTopic, history, historyTopic, partitions } = config;
  const cluster = new native.MockCluster(1);
  const topics = [inputTopic, outputTopic, deadLetterTopic];
  for (const topic of history === "on" ? [...topics, historyTopic] : topics) {
    cluster.createTopic(topic, partitions);
  }
  return { brokers: cluster.bootstrapServers, close: () => cluster.close() };
}
