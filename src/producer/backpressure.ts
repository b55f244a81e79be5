/**
 * Keeps a fast producer from outrunning the embedded broker. Its log holds the last 5 MB of a
 * partition, so sales that the aggregator has not read yet could fall out of it. A real cluster
 * keeps what it acknowledged and needs none of this.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer } from "../kafka/kafka.ts";
import type { RoleContext } from "../worker.ts";

/** About 2 MB of sales, were they all on one partition. */
const UNREAD_RECORDS_MAX = 20_000;
const POLL_WAIT_MS = 10;

export class Backpressure {
  readonly #signal: AbortSignal;
  readonly #partitions: readonly number[];
  /** Asks for the group's offsets; never joins it. */
  readonly #observer: Consumer | undefined;
  #read = 0;

  constructor({ config, kafka, signal }: Pick<RoleContext, "config" | "kafka" | "signal">) {
    const needed = config.brokers === undefined && config.roles.includes("aggregator");
    const { inputTopic: topic, group } = config;
    this.#observer = needed ? kafka.groupConsumer({ topic, group }) : undefined;
    this.#partitions = Array.from({ length: config.partitions }, (_, partition) => partition);
    this.#signal = signal;
  }

  /** Waits while more than `UNREAD_RECORDS_MAX` of the `sent` records are unread. */
  async wait(sent: number): Promise<void> {
    if (!this.#observer) return;
    while (sent - this.#read > UNREAD_RECORDS_MAX && !this.#signal.aborted) {
      const committed = await this.#observer.committed(this.#partitions);
      // Offsets count other producers' records too: then it waits for less than it could.
      this.#read = committed.reduce((sum, { offset }) => sum + (offset ?? 0), 0);
      if (sent - this.#read > UNREAD_RECORDS_MAX) await sleep(POLL_WAIT_MS);
    }
  }

  async close(): Promise<void> {
    await this.#observer?.close();
  }
}
