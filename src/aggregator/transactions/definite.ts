/** Repeats the steps of a transaction until their outcome is known. */

import { KafkaError, type TransactionalProducer } from "../../kafka/kafka.ts";
import type { Clock } from "../../lib/clock.ts";

/** How long a step is retried before the producer is to be replaced. */
const STEP_MS_MAX = 30_000;
const RETRY_WAIT_MS = 20;
/**
 * For a flush. Each record arrives or fails within transaction.timeout.ms, of which brokers take 15
 * minutes at most by default.
 */
export const FLUSH_MS_MAX = 900_000;

/**
 * Repeats a call while librdkafka says so. A time-out leaves the outcome of the call open, and only
 * another call makes it definite (librdkafka INTRODUCTION.md, Transactions).
 * @throws KafkaError of the last call, after 30 s or when a retry cannot help
 */
export async function untilDefinite(
  clock: Pick<Clock, "now" | "sleep">,
  step: () => Promise<void>,
): Promise<void> {
  const giveUpAt = clock.now() + STEP_MS_MAX;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      const again = error instanceof KafkaError && error.verdict === "retry";
      if (!again || clock.now() >= giveUpAt) throw error;
      await clock.sleep(RETRY_WAIT_MS);
    }
  }
}

/** A call that does not fit the state of the producer, often because something failed before. */
const WRONG_STATE = "_STATE";

/**
 * The failure behind an error of a transaction that is open. A call that comes after a failure says
 * at times no more than "Erroneous state"; who begins another transaction is told the failure.
 */
export function failureBehind(
  producer: Pick<TransactionalProducer, "begin">,
  error: KafkaError,
): KafkaError {
  if (error.code !== WRONG_STATE) return error;
  try {
    // Refused in any case while a transaction is open, and changes nothing.
    producer.begin();
  } catch (earlier) {
    if (earlier instanceof KafkaError && earlier.verdict === "abort") return earlier;
  }
  return error;
}
