/** Sees, from outside, whether a transaction is open on a topic. */

import type { Admin } from "../../src/kafka/kafka.ts";
import { librdkafka } from "../../src/kafka/librdkafka.ts";
import { quietLog } from "../support/context.ts";

export class OpenTransactions {
  readonly #topic: string;
  readonly #admin: Admin;
  /** The same, but a partition ends for it where the first open transaction begins. */
  readonly #committed: Admin;

  constructor({ brokers, topic }: { brokers: string; topic: string }) {
    const admin = (isolation: string) =>
      librdkafka({
        brokers,
        properties: { "isolation.level": isolation },
        log: quietLog,
      }).admin();
    this.#topic = topic;
    this.#admin = admin("read_uncommitted");
    this.#committed = admin("read_committed");
  }

  /** True when one of these partitions holds records of a transaction that is not decided. */
  async areOn(partitions: readonly number[]): Promise<boolean> {
    for (const partition of partitions) {
      // The stable end first: it only grows, so a transaction that ends meanwhile is not taken
      // for an open one, if it is looked at twice.
      const stable = await this.#committed.watermarks(this.#topic, partition);
      const all = await this.#admin.watermarks(this.#topic, partition);
      if (stable.high < all.high) return true;
    }
    return false;
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.close(), this.#committed.close()]);
  }
}
