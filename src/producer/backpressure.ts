/**
 * Keeps a fast producer from outrunning the embedded broker. Its log holds the last 5 MB of a
 * partition, so sales that the aggregator has not read yet could fall out of it. A real cluster
 * keeps what it acknowledged and needs none of this.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Admin, Consumer, Producer, Watermarks } from "../kafka/kafka.ts";
import type { RoleContext } from "../role.ts";

/** About 2 MB of sales, were they all on one partition. */
const UNREAD_RECORDS_MAX = 20_000;
/** How many may be sent between two looks. */
const LOOK_RECORDS = 5_000;
const POLL_WAIT_MS = 10;

export class Backpressure {
  readonly #context: Pick<RoleContext, "config" | "signal">;
  readonly #producer: Producer;
  readonly #partitions: readonly number[];
  /** Asks how far the group is, and never joins it; undefined: there is nothing to wait for. */
  readonly #observer: { group: Consumer; admin: Admin } | undefined;
  #sentSinceLook = 0;

  constructor(context: Pick<RoleContext, "config" | "kafka" | "signal">, producer: Producer) {
    const { config, kafka } = context;
    this.#context = context;
    this.#producer = producer;
    this.#partitions = Array.from({ length: config.partitions }, (_, partition) => partition);
    const { inputTopic: topic, group } = config;
    if (config.brokers !== undefined || !config.roles.includes("aggregator")) return;
    this.#observer = { group: kafka.groupConsumer({ topic, group }), admin: kafka.admin() };
  }

  /** Waits while more than `UNREAD_RECORDS_MAX` records are unread, whoever sent them. */
  async wait(): Promise<void> {
    if (!this.#observer || this.#sentSinceLook < LOOK_RECORDS) return;
    this.#sentSinceLook = 0;
    while (!this.#context.signal.aborted) {
      if ((await this.#unread(this.#observer)) <= UNREAD_RECORDS_MAX) return;
      await sleep(POLL_WAIT_MS);
    }
  }

  sent(records: number): void {
    this.#sentSinceLook += records;
  }

  async close(): Promise<void> {
    await Promise.all([this.#observer?.group.close(), this.#observer?.admin.close()]);
  }

  async #unread({ group, admin }: { group: Consumer; admin: Admin }): Promise<number> {
    let unread = this.#producer.inFlight;
    const committed = await group.committed(this.#partitions);
    const all = await admin.allWatermarks(this.#context.config.inputTopic, this.#partitions);
    for (const { partition, offset } of committed) {
      const { low, high } = all.get(partition) as Watermarks;
      unread += high - Math.max(offset ?? low, low);
    }
    return unread;
  }
}
