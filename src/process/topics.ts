/** Creates missing topics. */

import type { Config } from "../config/config.ts";
import { type Admin, KafkaError } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";

/** A dead letter is the record plus headers, so its topic accepts larger records than the input. */
const DEAD_LETTER_BYTES_MAX = 16 * 1024 * 1024;

/** Compaction keeps the last total of each product for ever. */
const OUTPUT_SETTINGS = { "cleanup.policy": "compact" };
/**
 * History has a bounded number of keys, so compaction bounds the topic. Kafka compacts only closed
 * segments, so segments are small. Transaction markers stay as long as deletions: at ten a second,
 * the default of one day would hold more markers than slots.
 */
const HISTORY_SETTINGS = {
  "cleanup.policy": "compact",
  "max.message.bytes": String(1024 * 1024),
  "segment.bytes": String(4 * 1024 * 1024),
  "min.cleanable.dirty.ratio": "0.3",
  "delete.retention.ms": String(10 * 60 * 1000),
};
const DEAD_LETTER_SETTINGS = { "max.message.bytes": String(DEAD_LETTER_BYTES_MAX) };

/**
 * Creates the input topic, and the other topics for an aggregator. Partitions of output and history
 * correspond one to one to those of the input, so there are as many.
 * @throws SalesboardError naming the topic that is missing and cannot be created
 */
export async function ensureTopics(admin: Admin, config: Config): Promise<void> {
  const { inputTopic, outputTopic, deadLetterTopic, history, historyTopic, roles } = config;
  const writes = roles.includes("producer") || roles.includes("aggregator");
  if (!writes) return;
  const partitions = await ensureTopic(admin, config, inputTopic, config.partitions, {});
  if (!roles.includes("aggregator")) return;
  const output = await ensureTopic(admin, config, outputTopic, partitions, OUTPUT_SETTINGS);
  if (output < partitions) await admin.addPartitions(outputTopic, partitions);
  if (history === "on") {
    const found = await ensureTopic(admin, config, historyTopic, partitions, HISTORY_SETTINGS);
    if (found < partitions) await admin.addPartitions(historyTopic, partitions);
  }
  await ensureTopic(admin, config, deadLetterTopic, partitions, DEAD_LETTER_SETTINGS);
}

/** Creates the topic if it is missing. Returns its number of partitions. */
async function ensureTopic(
  admin: Admin,
  config: Config,
  topic: string,
  partitions: number,
  settings: Record<string, string>,
): Promise<number> {
  try {
    const found = await admin.describeTopic(topic);
    if (found) return found.partitions;
    const { replicationFactor } = config;
    await admin.createTopic(topic, { partitions, replicationFactor, config: settings });
    return partitions;
  } catch (cause) {
    if (!(cause instanceof KafkaError)) throw cause;
    // Another process created the topic first, and its settings count.
    if (cause.code === "TOPIC_ALREADY_EXISTS") return partitionsOf(admin, topic, partitions);
    throw new SalesboardError(
      `Cannot use topic ${topic}: it is missing or inaccessible, and creating it failed ` +
        `(${cause.message}).`,
      { final: true, cause },
    );
  }
}

async function partitionsOf(admin: Admin, topic: string, expected: number): Promise<number> {
  return (await admin.describeTopic(topic))?.partitions ?? expected;
}
