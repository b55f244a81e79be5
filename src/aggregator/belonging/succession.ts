/** Whether the records of a transaction follow the last ones of this process in the output. */

import { KafkaError, type TransactionalProducer } from "../../kafka/kafka.ts";
import type { OwnedPartition } from "../../state/owned-partition.ts";

/**
 * Where the records of this transaction stand in the output. Two that restored one partition, with
 * an input or a group each, do not fence each other. But only one of them writes right behind what
 * it has read. The other one notices here, before anybody sees a mixed total.
 * @throws KafkaError when somebody else has written since the last transaction: restore
 */
export function spansOf(
  producer: TransactionalProducer,
  topic: string,
  owned: readonly Pick<OwnedPartition, "id" | "tail">[],
): Map<number, { first: number; last: number }> {
  const spans = new Map(producer.appended(topic).map((span) => [span.partition, span]));
  for (const { id, tail } of owned) {
    if (spans.get(id)?.first === tail) continue;
    const message = `Records that are not ours stand at offset ${tail} of ${topic}[${id}]`;
    throw new KafkaError(message, { code: "_NOT_OURS", verdict: "abort" });
  }
  return spans;
}
