/** The three topics of CONTRACT §2, created where they are missing. */

import type { Config } from "../config.ts";
import { SalesboardError } from "../errors.ts";
import { type Admin, KafkaError } from "./kafka.ts";

/**
 * A dead letter is its record and three headers: the topic takes what the input takes, and more.
 */
const DEAD_LETTER_BYTES_MAX = 16 * 1024 * 1024;

/** Compaction keeps the last total of each product, for ever. */
const OUTPUT_SETTINGS = { "cleanup.policy": "compact" };
const DEAD_LETTER_SETTINGS = { "max.message.bytes": String(DEAD_LETTER_BYTES_MAX) };

/**
 * Creates the input topic, and for an aggregator the other two: output partitions correspond one to
 * one to input partitions, so there are as many.
 * @throws SalesboardError naming the topic that is missing and cannot be created
 */
export async function ensureTopics(admin: Admin, config: Config): Promise<void> {
  const { inputTopic, outputTopic, deadLetterTopic, roles } = config;
  const writes = roles.includes("producer") || roles.includes("aggregator");
  if (!writes) return;
  const partitions = await ensureTopic(admin, config, inputTopic, config.partitions, {});
  if (!roles.includes("aggregator")) return;
  const output = await ensureTopic(admin, config, outputTopic, partitions, OUTPUT_SETTINGS);
  if (output < partitions) await admin.addPartitions(outputTopic, partitions);
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
      `Cannot use topic ${topic}: it is missing or out of reach, and creating it failed ` +
        `(${cause.message}).`,
      { final: true, cause },
    );
  }
}

async function partitionsOf(admin: Admin, topic: string, expected: number): Promise<number> {
  return (await admin.describeTopic(topic))?.partitions ?? expected;
}
