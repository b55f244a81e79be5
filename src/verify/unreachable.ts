/** Says of a `verify` that failed whether the brokers are away. */

import type { Config } from "../config/config.ts";
import { type Admin, KafkaError } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import { withoutStop } from "../lib/text.ts";
import { NOT_REACHED } from "../state/held-up.ts";

/**
 * The error to report. If the brokers are away it says so, because the symptom (a call without an
 * answer, or a silent partition) would not help the user.
 */
export async function unreachableError(
  cause: unknown,
  { admin, config }: { admin: Admin; config: Config },
): Promise<unknown> {
  if (!(cause instanceof Error)) return cause;
  const isKafkas = cause instanceof KafkaError && cause.code !== NOT_REACHED;
  if (isKafkas && cause.verdict === "fatal") return cause;
  try {
    await admin.ping(config.startupTimeoutMs);
    if (!isKafkas) return cause;
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
  }
  const reason = withoutStop(cause.message);
  return new SalesboardError(
    `Cannot verify: brokers ${config.brokers} no longer answer: ${reason}.`,
    { exitStatus: 69, cause },
  );
}
