/** Decides what each librdkafka error means. No other file does. */

import { setTimeout as sleep } from "node:timers/promises";
import { upperFirst } from "../lib/text.ts";
import { type Concerned, explained } from "./explanations.ts";
import { KafkaError, NO_ANSWER, type Verdict } from "./kafka.ts";
import type { NativeError } from "./native.ts";

/** Tries of a call whose failure passes by itself. */
const ATTEMPTS_MAX = 10;
const RETRY_WAIT_MS = 200;

/** Failures that pass by themselves, for calls without librdkafka's flags. */
const PASSING = new Set([
  ...NO_ANSWER,
  "_ALL_BROKERS_DOWN",
  "_WAIT_COORD",
  "_RESOLVE",
  "_MAX_POLL_EXCEEDED",
  "COORDINATOR_LOAD_IN_PROGRESS",
  "COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR",
  "NOT_LEADER_FOR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "REQUEST_TIMED_OUT",
  "UNSTABLE_OFFSET_COMMIT",
  "REBALANCE_IN_PROGRESS",
  "UNKNOWN_TOPIC_OR_PART",
  "_UNKNOWN_TOPIC",
  "_UNKNOWN_PARTITION",
  // "No leaders found", for any of the partitions whose offsets were requested.
  "_NOENT",
]);

/**
 * The client knows no leader of a partition that is new, or whose leader is being elected, or an
 * earlier leader. It does not ask again by itself: it takes what its metadata say for true.
 */
export const NO_LEADER = new Set([
  "_NOENT",
  "_UNKNOWN_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_FOR_PARTITION",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "OFFSET_NOT_AVAILABLE",
]);
/** The broker's errors for a topic that does not exist. */
export const NO_TOPIC = new Set(["UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC"]);
/** Nobody answered in time. */
export const SILENT = new Set([...NO_ANSWER, "REQUEST_TIMED_OUT"]);

export function verdict(error: NativeError): Verdict {
  return !error.fatal && (error.retriable || PASSING.has(error.code)) ? "retry" : "fatal";
}

/** Decides by librdkafka's flags. If none of the three is set, the producer is unusable. */
export function transactionVerdict(error: NativeError): Verdict {
  if (error.fatal) return "fatal";
  if (error.txnRequiresAbort) return "abort";
  return error.retriable ? "retry" : "fatal";
}

/** `of`: what the client was about, for the explanation. `partitions`: see `KafkaError`. */
export function kafkaError(
  error: NativeError,
  classify = verdict,
  of: Concerned = {},
  partitions?: readonly number[],
): KafkaError {
  return new KafkaError(explained(error.code, error.message, of), {
    code: error.code,
    verdict: classify(error),
    cause: error,
    ...(partitions && { partitions }),
  });
}

/** The same failure with a clause that says more, if there is one. */
export function reworded(cause: KafkaError, clause: string | undefined): KafkaError {
  if (clause === undefined) return cause;
  return new KafkaError(upperFirst(clause), { code: cause.code, verdict: cause.verdict, cause });
}

/** Turns a failure into a KafkaError. A TypeError is our mistake and stays a TypeError. */
export async function classify<T>(
  call: Promise<T>,
  classify = verdict,
  of: Concerned = {},
): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw isNativeError(error) ? kafkaError(error, classify, of) : error;
  }
}

/** Like `classify`, for a call that answers at once. */
export function classedNow<T>(call: () => T, classify = verdict, of: Concerned = {}): T {
  try {
    return call();
  } catch (error) {
    throw isNativeError(error) ? kafkaError(error, classify, of) : error;
  }
}

/** Repeats a call while its failure may pass. Only for calls that are safe to repeat. */
export async function withRetries<T>(
  call: () => Promise<T>,
  attemptsMax = ATTEMPTS_MAX,
  of: Concerned = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await classify(call(), verdict, of);
    } catch (error) {
      const passing = error instanceof KafkaError && error.verdict === "retry";
      if (!passing || attempt === attemptsMax) throw error;
      await sleep(RETRY_WAIT_MS);
    }
  }
}

export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && "code" in error && "txnRequiresAbort" in error;
}
