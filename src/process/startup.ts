/** The start of a process, before its roles: waits for the brokers and creates the topics. */

import type { Config } from "../config/config.ts";
import { type Admin, type Kafka, KafkaError } from "../kafka/kafka.ts";
import { SalesboardError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { ensureTopics } from "./topics.ts";

/**
 * Waits for the brokers, at most `config.startupTimeoutMs`, then creates missing topics. Rejects
 * with a SalesboardError: status 69 when no broker answers, 1 when a broker refuses.
 * @throws SalesboardError at once, before any role starts, when a client cannot be created
 */
export function prepare({ kafka, config, log }: PrepareOptions): Promise<void> {
  return prepareBy(kafka.admin(), config, log);
}

export interface PrepareOptions {
  kafka: Kafka;
  config: Config;
  /** Hears which settings of a new topic the cluster refuses. */
  log: Pick<Log, "warning">;
}

async function prepareBy(admin: Admin, config: Config, log: PrepareOptions["log"]): Promise<void> {
  try {
    await admin.ping(config.startupTimeoutMs);
    await ensureTopics(admin, config, log);
  } catch (cause) {
    if (!(cause instanceof KafkaError)) throw cause;
    throw startupError(config, cause);
  } finally {
    await admin.close();
  }
}

function startupError(config: Config, cause: KafkaError): SalesboardError {
  // librdkafka appends the time and the number of tries, and the sentence has the time already.
  const reason = cause.message.replace(/ \(after \d+ms in state .*\)/, "").replace(/\.$/, "");
  const brokers = config.brokers ?? "(embedded)";
  if (cause.verdict === "retry") {
    const seconds = config.startupTimeoutMs / 1000;
    return new SalesboardError(
      `Cannot reach brokers ${brokers} within ${seconds} s (--startup-timeout): ${reason}.`,
      { exitStatus: 69, cause },
    );
  }
  return new SalesboardError(`Cannot use brokers ${brokers}: ${reason}.`, {
    final: true,
    cause,
  });
}
