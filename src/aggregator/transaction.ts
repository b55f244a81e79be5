/**
 * The transaction session: one call runs a whole transaction and says how it ended, so that no
 * caller can commit what was aborted or go on with a producer in doubt.
 */

import { setTimeout as sleep } from "node:timers/promises";
import {
  type Consumer,
  type Kafka,
  KafkaError,
  type Position,
  type TransactionalProducer,
} from "../kafka/kafka.ts";
import type { Log } from "../log.ts";
import type { RoleContext } from "../worker.ts";
import type { TopicBatch } from "./output.ts";

/**
 * `unknown`: the broker was told to commit and nobody can say whether it did, or the producer had
 * to be replaced. Only Kafka knows then: ask for the committed offsets and restore.
 */
export type Outcome = "committed" | "aborted" | "unknown";

/** How long one step is retried before the producer is given up. */
const STEP_MS_MAX = 30_000;
const RETRY_WAIT_MS = 20;
const QUEUE_FULL_WAIT_MS = 1;

export class TransactionSession {
  readonly #kafka: Kafka;
  readonly #log: Log;
  readonly #transactionalId: string;
  #producer: TransactionalProducer | undefined;
  #metTooLargeRecord = false;

  constructor(context: Pick<RoleContext, "kafka" | "log" | "config" | "instance">) {
    this.#kafka = context.kafka;
    this.#log = context.log;
    // One id for each process: instances never fence each other by accident, and a producer that
    // replaces another of this process fences it and ends what it left open.
    this.#transactionalId = `${context.config.group}-${context.instance}`;
  }

  /** A topic has refused a record for its size: the same record would be refused again. */
  get metTooLargeRecord(): boolean {
    return this.#metTooLargeRecord;
  }

  /** Makes a producer and fences its predecessors. @throws KafkaError */
  async open(): Promise<void> {
    const producer = this.#kafka.transactionalProducer({ transactionalId: this.#transactionalId });
    this.#producer = producer;
    await untilDefinite(() => producer.init());
  }

  async close(): Promise<void> {
    await this.#producer?.close();
    this.#producer = undefined;
  }

  /**
   * Writes `records` and the consumer's positions in one transaction.
   * @throws KafkaError when no producer can be had any more
   */
  async run(work: {
    records: Iterable<TopicBatch>;
    consumer: Consumer;
    positions: readonly Position[];
  }): Promise<Outcome> {
    const producer = this.#producer;
    if (!producer) throw new Error("Cannot run a transaction: the session is closed");
    try {
      producer.begin();
      for (const { topic, batch } of work.records) {
        for (let sent = 0; sent < batch.count; ) {
          sent += producer.produce(topic, batch, sent);
          if (sent < batch.count) await sleep(QUEUE_FULL_WAIT_MS);
        }
      }
      await untilDefinite(() => producer.sendOffsets(work.consumer, work.positions));
      await untilDefinite(() => producer.commit());
      return "committed";
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return this.#giveUp(producer, error);
    }
  }

  /**
   * Ends a transaction that failed, with the same producer only where that is certain to be safe.
   */
  async #giveUp(producer: TransactionalProducer, error: KafkaError): Promise<Outcome> {
    for (const { topic, partition, error: reason, count } of producer.takeFailures()) {
      this.#log.warning(reason.message, { topic, partition, records: count, code: reason.code });
      if (reason.code === "MSG_SIZE_TOO_LARGE") this.#metTooLargeRecord = true;
    }
    if (error.verdict === "abort") {
      try {
        await untilDefinite(() => producer.abort());
        this.#log.warning("transaction aborted, reading again", { reason: error.message });
        return "aborted";
      } catch (cause) {
        if (!(cause instanceof KafkaError)) throw cause;
      }
    }
    this.#log.warning("transaction in doubt, replacing the producer", { reason: error.message });
    await this.close();
    await this.open();
    return "unknown";
  }
}

/**
 * Repeats the same call while librdkafka says that this is right. A time-out leaves the call's
 * outcome open; only calling it again makes it definite (librdkafka INTRODUCTION.md, Transactions).
 */
async function untilDefinite(step: () => Promise<void>): Promise<void> {
  const giveUpAt = performance.now() + STEP_MS_MAX;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      const again = error instanceof KafkaError && error.verdict === "retry";
      if (!again || performance.now() >= giveUpAt) throw error;
      await sleep(RETRY_WAIT_MS);
    }
  }
}
