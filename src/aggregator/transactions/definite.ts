/** Repeats the steps of a transaction until their outcome is known. */

import { KafkaError } from "../../kafka/kafka.ts";
import type { Clock } from "../../lib/clock.ts";

/** How long a step is retried before the producer is to be replaced. */
const STEP_MS_MAX = 30_000;
const RETRY_WAIT_MS = 20;

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
