/**
 * The embedded broker: librdkafka's mock cluster. It speaks the Kafka protocol on a free port of
 * 127.0.0.1 and keeps its data in memory: the last 2 MB of each partition, and 4 MB of history.
 */

import { type Config, pairedTopics, perTopic } from "../config/config.ts";
import { embeddedTimeoutsMs } from "../lib/timeouts.ts";
import { native } from "./native.ts";

/** Its librdkafka properties: the broker answers a waiting fetch only when the wait is over. */
export const EMBEDDED_PROPERTIES = {
  "session.timeout.ms": String(embeddedTimeoutsMs["session.timeout.ms"]),
  "heartbeat.interval.ms": "500",
  "transaction.timeout.ms": String(embeddedTimeoutsMs["transaction.timeout.ms"]),
  "fetch.wait.max.ms": "20",
};

/**
 * The memory of a partition's log. It must hold all totals and all uncounted sales: see
 * `REFRESH_CYCLE_BYTES` in `aggregator/output-records.ts`, and `producer/backpressure.ts`.
 */
const LOG_BYTES_MAX = 2 * 1024 * 1024;
/**
 * A day of history is 2 400 slots, which are written again in turn like totals. For the six
 * products that the demo sells on a partition, one turn takes about 2 MB with all other records.
 */
const HISTORY_LOG_BYTES_MAX = 2 * LOG_BYTES_MAX;

export interface EmbeddedBroker {
  /** `host:port`, for this process and for any other Kafka client on this machine. */
  readonly brokers: string;
  close(): void;
}

/** Starts the broker with the topics of `config`, because it cannot create topics on request. */
export function startEmbeddedBroker(config: Config): EmbeddedBroker {
  const cluster = new native.MockCluster(1);
  const sizes = new Map<string, number>();
  for (const of of perTopic(config)) {
    for (const topic of [of.inputTopic, of.deadLetterTopic, ...pairedTopics(of)]) {
      sizes.set(topic, topic === of.historyTopic ? HISTORY_LOG_BYTES_MAX : LOG_BYTES_MAX);
    }
  }
  for (const [topic, bytes] of sizes) {
    cluster.limitLogs(bytes);
    cluster.createTopic(topic, config.partitions);
  }
  return { brokers: cluster.bootstrapServers, close: () => cluster.close() };
}
