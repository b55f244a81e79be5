/** Whether the records of a transaction follow the last ones of this process. */

import { KafkaError, type TransactionalProducer } from "../../kafka/kafka.ts";
import type { OwnedPartition } from "../../state/owned-partition.ts";
import { LOG_CUT } from "../../state/totals-log.ts";

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

/**
 * Where the records of earlier transactions stand in the topics beside the output: history, and
 * totals by a dimension. What does not change is not written again, so that a log that was cut, or
 * a topic that was made anew, lacks it for good.
 */
export class AppendedEnds {
  /** Topic → partition → offset. */
  readonly #ends = new Map<string, Map<number, number>>();

  /** @throws KafkaError when these records do not stand behind the last ones: restore */
  follow(producer: Pick<TransactionalProducer, "appended">, topics: readonly string[]): void {
    const cut = topics.flatMap((topic) => {
      const partitions = this.#cut(topic, producer.appended(topic));
      return partitions.length === 0 ? [] : `${topic}, partition ${partitions.join(", ")}`;
    });
    if (cut.length === 0) return;
    const why = "the log was cut, or the topic was made anew";
    const message = `Earlier records of ${cut.join("; ")}, are gone: ${why}`;
    throw new KafkaError(message, { code: LOG_CUT, verdict: "abort" });
  }

  /** Partitions whose records do not stand behind the last ones. */
  #cut(topic: string, spans: ReturnType<TransactionalProducer["appended"]>): number[] {
    const ends = this.#ends.get(topic) ?? new Map<number, number>();
    this.#ends.set(topic, ends);
    const known = spans.filter(({ first }) => first >= 0);
    const cut = known.filter(({ partition, first }) => first <= (ends.get(partition) ?? -1));
    for (const { partition, last } of known) ends.set(partition, last);
    return cut.map(({ partition }) => partition);
  }
}
