/** What became of records that were not delivered. */

import { KafkaError, type TransactionalProducer } from "../../kafka/kafka.ts";
import type { Log } from "../../lib/log.ts";
import type { Undelivered } from "../stops/blame.ts";

/** The producer's metadata are outdated. A new producer fetches them; a retry does not. */
const STALE_METADATA = new Set(["_UNKNOWN_PARTITION", "_UNKNOWN_TOPIC"]);

/** Of a record that stood in one batch with those that were refused. */
const BESIDE = "_INVALID_DIFFERENT_RECORD";

interface UndeliveredRecords {
  /** The first failure, as that of the transaction; undefined = all was delivered. */
  readonly first: KafkaError | undefined;
  /** The topics that refused a record for its size. */
  readonly tooLarge: ReadonlySet<string>;
  /** The records that a partition, or its topic, is to blame for. */
  readonly undelivered: readonly Undelivered[];
}

/** Takes the failures that the producer has noted since the last call, and logs each. */
export function takeUndelivered(
  producer: Pick<TransactionalProducer, "takeFailures">,
  log: Log,
): UndeliveredRecords {
  let first: KafkaError | undefined;
  const tooLarge = new Set<string>();
  const undelivered: Undelivered[] = [];
  const failures = producer.takeFailures();
  const refused = failures.filter(({ error }) => error.code !== BESIDE);
  for (const { topic, partition, error, count } of refused.length > 0 ? refused : failures) {
    const { message, code } = error;
    log.warning(message, { topic, partition, records: count, code });
    if (code === "MSG_SIZE_TOO_LARGE") tooLarge.add(topic);
    else if (!STALE_METADATA.has(code)) undelivered.push({ topic, partition, error });
    const verdict = STALE_METADATA.has(code) ? "fatal" : "abort";
    first ??= new KafkaError(message, { code, verdict, cause: error });
  }
  return { first, tooLarge, undelivered };
}
