/** Whether the totals that are shown were counted from the input that this dashboard names. */

import type { Identity, Watermarks } from "../../kafka/kafka.ts";
import { type Bookkeeping, isOther } from "../../wire/bookkeeping.ts";

/**
 * Sentences about totals of something else, none if there are none. `notes`: the bookkeeping of the
 * partitions before `marks`, their ends, were asked for. `identity`: of the input topic; undefined =
 * unknown. What older versions did not note is compared with nothing.
 */
export function strangersIn(
  notes: ReadonlyMap<number, Bookkeeping | undefined>,
  input: {
    topic: string;
    identity: Identity | undefined;
    marks: ReadonlyMap<number, Watermarks>;
  },
): string[] {
  const { topic, identity, marks } = input;
  const sentences = new Map<string, number[]>();
  for (const [partition, { high }] of marks) {
    const bookkeeping = notes.get(partition);
    if (!bookkeeping) continue;
    const { inputTopic = topic, inputTopicId, clusterId, inputOffset } = bookkeeping;
    const problem =
      (inputTopic !== topic &&
        `were counted from the input topic ${inputTopic}, not from ${topic}`) ||
      (isOther(clusterId, identity?.clusterId) &&
        `were counted in the Kafka cluster ${clusterId}`) ||
      (isOther(inputTopicId, identity?.topicId) &&
        `are those of an earlier topic: ${topic} was deleted and created again`) ||
      (inputOffset > high && `go beyond the end of ${topic}: its log was cut`);
    if (problem) sentences.set(problem, [...(sentences.get(problem) ?? []), partition]);
  }
  return [...sentences].map(([problem, ids]) => {
    return `The totals of partition ${ids.join(", ")} ${problem}.`;
  });
}
