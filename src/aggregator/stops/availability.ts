/** Looks before a restore which partitions can be read, so that a bad one holds up no other. */

import { type Config, pairedTopics } from "../../config/config.ts";
import {
  type Admin,
  KafkaError,
  leaderProblem,
  rightProblem,
  type TopicDescription,
} from "../../kafka/kafka.ts";
import type { Cause, OnStop } from "./stops.ts";

interface Looking {
  config: Pick<Config, "inputTopic" | "outputTopic" | "history" | "historyTopic" | "mapping">;
  admin: Pick<Admin, "describeTopic" | "addPartitions">;
  stop: OnStop;
}

/**
 * Those of `partitions` that have leaders, and counterparts in our topics. Adds missing
 * counterparts. Stops the other partitions.
 */
export async function availableOf(
  partitions: readonly number[],
  { config, admin, stop }: Looking,
): Promise<number[]> {
  const left = new Set(partitions);
  const leaveOut = (ids: readonly number[], cause: Cause) => {
    if (ids.length === 0) return;
    for (const id of ids) left.delete(id);
    stop(ids, cause);
  };
  const { inputTopic } = config;
  const asked = [inputTopic, ...pairedTopics(config)].map((topic) => {
    const description = admin.describeTopic(topic);
    // Awaited below, one after the other.
    description.catch(() => {});
    return { topic, description };
  });
  for (const { topic, description } of asked) {
    if (left.size === 0) break;
    try {
      const described = await description;
      if (!described) {
        leaveOut([...left], { reason: absent(topic), topic });
        continue;
      }
      const reason = rightProblem(topic, "Read", described);
      if (reason) leaveOut([...left], { reason, topic });
      if (topic !== inputTopic) await grow(topic, described, { admin, left, leaveOut });
      for (const id of left) {
        const problem = leaderProblem(topic, id, described);
        if (problem) leaveOut([id], { reason: problem, topic });
      }
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      leaveOut([...left], { reason: error.message });
    }
  }
  return [...left];
}

/** The clause about a topic that somebody deleted, or nobody has made. */
export function absent(topic: string): string {
  return `the topic ${topic} does not exist`;
}

/** Adds partitions to one of our topics. Leaves out those that cannot be added. */
async function grow(
  topic: string,
  described: TopicDescription,
  of: {
    admin: Looking["admin"];
    left: ReadonlySet<number>;
    leaveOut: OnStop;
  },
): Promise<void> {
  const missing = [...of.left].filter((id) => id >= described.partitions);
  if (missing.length === 0) return;
  try {
    await of.admin.addPartitions(topic, Math.max(...missing) + 1);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    const reason =
      `the topic ${topic} has only ${described.partitions} partitions, and more cannot be ` +
      `added: ${error.message}`;
    of.leaveOut(missing, { reason, topic });
  }
}
