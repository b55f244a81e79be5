/**
 * The broker that Salesboard brings along: librdkafka's mock cluster. It speaks the Kafka protocol on
 * a free port of 127.0.0.1 and keeps its data in memory only: the last 5 MB of each partition.
 */

import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { native } from "./native.ts";

export interface EmbeddedBroker {
  /** `host:port`, for this process and for any other Kafka client on this machine. */
  readonly brokers: string;
  close(): void;
}

/** Starts it with the topics of `config`, for it cannot create any on request. */
export function startEmbeddedBroker(config: Config, log: Log): EmbeddedBroker {
  const { inputTopic, outputTopic, deadLetterTopic, partitions } = config;
  const cluster = new native.MockCluster(1);
  for (const topic of [inputTopic, outputTopic, deadLetterTopic]) {
    cluster.createTopic(topic, partitions);
  }
  const brokers = cluster.bootstrapServers;
  log.info(`Embedded broker at ${brokers}: in memory, gone when Salesboard stops.`, { brokers });
  return { brokers, close: () => cluster.close() };
}
