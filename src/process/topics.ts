/** The topics of the README, created where they are missing. */

import type { Config } from "../config/config.ts";
import { type Admin, KafkaError } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";

/**
 * A dead letter is its record and three headers: the topic takes what the input takes, and more.
 */
const DEAD_LETTER_BYTES_MAX = 16 * 1024 * 1024;

/** Compaction keeps the last total of each product, for ever. */
const OUTPUT_SETTINGS = { "cleanup.policy": "compact" };
/**
 * The keys of history are bounded, and so is the topic if it is compacted in time. Only segments
 * that are closed are, so they are small. Markers of transactions stay for as long as deletions do:
 * ten a second, for the default of a day, would be more than the slots.
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
 * Creates the input topic, and for an aggregator the others: partitions of output and history
 * correspond one to one to input partitions, so there are as many.
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

/** Returns the number of partitions that the topic has now. */
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
    // Somebody else was faster; its settings are what counts.
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
