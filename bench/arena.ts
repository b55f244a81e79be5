/**
 * Where subjects compete: a real Kafka on one core with everything that feeds and watches it, and
 * the subject alone on another.
 */

import { availableParallelism } from "node:os";
import type { Kafka } from "../src/kafka/kafka.ts";
import { librdkafka } from "../src/kafka/librdkafka.ts";
import { quietLog } from "../tests/support/context.ts";
import { type KafkaBroker, sharedKafka } from "../tests/support/kafka.ts";
import { missingOf } from "../tests/support/require.ts";
import { pin } from "./measure.ts";
import type { BenchOptions, Measure, Section } from "./section.ts";

export const SUBJECT_CORE = 1;
const BROKER_CORE = 0;

export interface Arena {
  readonly broker: KafkaBroker;
  readonly kafka: Kafka;
  /** Java is to compile as in a process that lives for long: it is measured. */
  readonly thorough: boolean;
  /** A new topic whose name starts with `name`; `config`: settings of the topic. */
  createTopic(name: string, partitions: number, config?: Record<string, string>): Promise<string>;
}

/**
 * A section that is measured on a real Kafka. All of them share one broker, which ends with this
 * process: a broker that has just started is slower than one that has been at work for a while.
 */
export function onKafka(
  title: string,
  measure: (arena: Arena, options: BenchOptions) => Promise<Omit<Section, "title">>,
): Measure {
  return async (options) => {
    const missing = missingHere();
    if (missing) {
      return { title, columns: [], rows: [], goals: [], data: {}, skipped: [missing] };
    }
    const thorough = options.mode === "full";
    const broker = await sharedKafka({ thorough });
    pin(broker.pid, String(BROKER_CORE));
    // What this process starts inherits its core, unless it is started on the subject's.
    pin(process.pid, String(BROKER_CORE));
    try {
      return { title, ...(await measure(arenaOf(broker, thorough), options)) };
    } finally {
      pin(process.pid, `0-${CORES - 1}`);
    }
  };
}

/** Before the first pinning: afterwards it would be 1. */
const CORES = availableParallelism();

function missingHere(): string | undefined {
  if (CORES < 2) return "one core is not enough: broker and subject need one each";
  return missingOf("java", "maven");
}

function arenaOf(broker: KafkaBroker, thorough: boolean): Arena {
  const kafka = librdkafka({ brokers: broker.brokers, properties: {}, log: quietLog });
  return {
    broker,
    kafka,
    thorough,
    async createTopic(name, partitions, config = {}) {
      const topic = `${name}-${crypto.randomUUID().slice(0, 8)}`;
      const admin = kafka.admin();
      await admin.createTopic(topic, { partitions, replicationFactor: undefined, config });
      await admin.close();
      return topic;
    },
  };
}
