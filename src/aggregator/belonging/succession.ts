/** Whether the records of a transaction follow the last ones of this process in the output. */

import { KafkaError, type TransactionalProducer } from "../../kafka/kafka.ts";
import type { OwnedPartition } from "../../state/owned-partition.ts";

/** The error code of a transaction whose records do not follow the last ones. */
export const NOT_OURS = "_NOT_OURS";

/**
 * Where the records of this transaction stand in the output. Two that restored one partition, with
 * an input or a group each, do not fence each other. But only one of them writes right behind what
 * it has read. The other one notices here, before anybody sees a mixed total.
 * @throws KafkaError when somebody else has written since the last transaction, or this process
 *   has aborted one: a restore tells
 */
export function spansOf(
  producer: TransactionalProducer,
  topic: string,
  owned: readonly Pick<OwnedPartition, "id" | "tail">[],
): Map<number, { first: number; last: number }> {
  const spans = new Map(producer.appended(topic).map((span) => [span.partition, span]));
  for (const { id, tail } of owned) {
    if (spans.get(id)?.first === tail) continue;
    const where = `${topic}[${id}]`;
    const message = `Records that this process has not committed stand at offset ${tail} of ${where}`;
    throw new KafkaError(message, { code: NOT_OURS, verdict: "abort" });
  }
  return spans;
}
