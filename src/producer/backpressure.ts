/**
 * Keeps a fast producer from outrunning the embedded broker. Its log holds the last 2 MB of a
 * partition, so sales that the aggregator has not read yet could fall out of it. A real cluster
 * keeps what it acknowledged and needs none of this.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Admin, Consumer, Producer } from "../kafka/kafka.ts";
import type { RoleContext } from "../worker.ts";

/**
 * What may be unread in a partition whose log has never been full. A sale that was sent alone takes
 * up to 250 bytes of the broker's memory, so that a log holds 8 000 of them.
 */
const UNREAD_FIRST_MAX = 4_000;
/** Of what a full log holds, so much may be unread. */
const UNREAD_SHARE_MAX = 0.5;
/** How many may be sent between two looks. */
const LOOK_RECORDS = 2_000;
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

  /** Waits while a partition holds too much that is unread, whoever sent it. */
  async wait(): Promise<void> {
    if (!this.#observer || this.#sentSinceLook < LOOK_RECORDS) return;
    this.#sentSinceLook = 0;
    while (!this.#context.signal.aborted) {
      if (await this.#hasRoom(this.#observer)) return;
      await sleep(POLL_WAIT_MS);
    }
  }

  sent(records: number): void {
    this.#sentSinceLook += records;
  }

  async close(): Promise<void> {
    await Promise.all([this.#observer?.group.close(), this.#observer?.admin.close()]);
  }

  async #hasRoom({ group, admin }: { group: Consumer; admin: Admin }): Promise<boolean> {
    if (this.#producer.inFlight > LOOK_RECORDS) return false;
    for (const { partition, offset } of await group.committed(this.#partitions)) {
      const { low, high } = await admin.watermarks(this.#context.config.inputTopic, partition);
      const unread = high - Math.max(offset ?? low, low);
      // How many records fit depends on how they were sent; a log that was full once tells.
      if (unread > (low > 0 ? UNREAD_SHARE_MAX * (high - low) : UNREAD_FIRST_MAX)) return false;
    }
    return true;
  }
}
