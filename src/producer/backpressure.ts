/**
 * Keeps a fast producer from outrunning the embedded broker, which holds only the last 2 MB of a
 * partition: sales that the aggregator has not read yet could fall out. A real cluster keeps what
 * it acknowledged and needs no backpressure.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Admin, Consumer, Producer, Watermarks } from "../kafka/kafka.ts";
import type { RoleContext } from "../role.ts";

/**
 * Unread records that a partition may hold until its log is full for the first time. A sale sent
 * alone takes up to 250 bytes of the broker's memory, so a log holds at least 8 000 of them.
 */
const UNREAD_FIRST_MAX = 4_000;
/** The share of a full log that may be unread. */
const UNREAD_SHARE_MAX = 0.5;
/** Records that may be sent between two checks. */
const LOOK_RECORDS = 2_000;
/** An order sent alone takes up to 2 500 bytes: ten times as much as a sale. */
const ORDER_SALES = 10;
const POLL_WAIT_MS = 10;

export class Backpressure {
  readonly #context: Pick<RoleContext, "config" | "signal">;
  readonly #producer: Producer;
  readonly #partitions: readonly number[];
  /** Asks for the group's offsets and never joins it; undefined = nothing to wait for. */
  readonly #observer: { group: Consumer; admin: Admin } | undefined;
  /** A record takes as much memory as so many sales. */
  readonly #recordSales: number;
  #sentSinceLook = 0;

  constructor(context: Pick<RoleContext, "config" | "kafka" | "signal">, producer: Producer) {
    const { config, kafka } = context;
    this.#context = context;
    this.#producer = producer;
    this.#recordSales = config.demo === "orders" ? ORDER_SALES : 1;
    this.#partitions = Array.from({ length: config.partitions }, (_, partition) => partition);
    const { inputTopic: topic, group } = config;
    if (!config.isEmbedded || !config.roles.includes("aggregator")) return;
    this.#observer = { group: kafka.groupConsumer({ topic, group }), admin: kafka.admin() };
  }

  /** Waits while a partition holds too many unread records, from any producer. */
  async wait(): Promise<void> {
    if (!this.#observer || this.#sentSinceLook * this.#recordSales < LOOK_RECORDS) return;
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
    if (this.#producer.inFlight * this.#recordSales > LOOK_RECORDS) return false;
    const committed = await group.committed(this.#partitions);
    const all = await admin.allWatermarks(this.#context.config.inputTopic, this.#partitions);
    const firstMax = UNREAD_FIRST_MAX / this.#recordSales;
    for (const { partition, offset } of committed) {
      const { low, high } = all.get(partition) as Watermarks;
      const unread = high - Math.max(offset ?? low, low);
      // The capacity depends on the batches. A log that was full once shows how much it holds.
      if (unread > (low > 0 ? UNREAD_SHARE_MAX * (high - low) : firstMax)) return false;
    }
    return true;
  }
}
