/** Whether the records of a transaction follow the last ones of this process. */

import { pairedTopics } from "../../config/config.ts";
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
  producer: Pick<TransactionalProducer, "appended">,
  topic: string,
  owned: readonly Pick<OwnedPartition, "id" | "tail">[],
): Map<number, { first: number; last: number }> {
  const spans = new Map(producer.appended(topic).map((span) => [span.partition, span]));
  for (const { id, tail } of owned) {
    if (spans.get(id)?.first === tail) continue;
    const first = spans.get(id)?.first ?? -1;
    if (first >= 0 && first < tail) throw cutAt([`${topic}, partition ${id}`]);
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
  readonly #ends: ReadonlyMap<string, Map<number, number>>;

  constructor(config: Parameters<typeof pairedTopics>[0]) {
    const topics = pairedTopics(config).filter((topic) => topic !== config.outputTopic);
    this.#ends = new Map(topics.map((topic) => [topic, new Map()]));
  }

  /** @throws KafkaError when these records do not stand behind the last ones: restore */
  follow(producer: Pick<TransactionalProducer, "appended">): void {
    const cut = [...this.#ends].flatMap(([topic, ends]) => {
      const partitions = notBehind(ends, producer.appended(topic));
      return partitions.length === 0 ? [] : `${topic}, partition ${partitions.join(", ")}`;
    });
    if (cut.length > 0) throw cutAt(cut);
  }
}

/** Memory knows more than these logs hold, so that all of them is read. */
function cutAt(places: readonly string[]): KafkaError {
  const why = "the log was cut, or the topic was made anew";
  const message = `Earlier records of ${places.join("; ")}, are gone: ${why}`;
  return new KafkaError(message, { code: LOG_CUT, verdict: "abort" });
}

/** The partitions whose records do not stand behind the last ones. Moves the ends. */
function notBehind(
  ends: Map<number, number>,
  spans: ReturnType<TransactionalProducer["appended"]>,
): number[] {
  const known = spans.filter(({ first }) => first >= 0);
  const cut = known.filter(({ partition, first }) => first <= (ends.get(partition) ?? -1));
  for (const { partition, last } of known) ends.set(partition, last);
  return cut.map(({ partition }) => partition);
}
