/** A member of a group without work to do. */

import { type Kafka, RecordBatch } from "../../src/kafka/kafka.ts";
import { WAIT_MS_MAX } from "./wait.ts";

const POLL_WAIT_MS = 50;

/** Takes the partitions that it is given, at once. */
export class Member {
  readonly owned = new Set<number>();
  readonly consumer;
  readonly #batch = new RecordBatch({ recordsMax: 100, bytesMax: 10_000 });

  constructor(kafka: Kafka, topic: string, group: string) {
    this.consumer = kafka.groupConsumer({ topic, group });
  }

  async until(reached: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + WAIT_MS_MAX;
    while (!reached()) {
      if (performance.now() > giveUpAt)
        throw new Error(`Owns ${[...this.owned]} after ${WAIT_MS_MAX} ms`);
      for (const event of await this.consumer.poll(this.#batch, POLL_WAIT_MS)) {
        if (event.type === "assigned") {
          for (const partition of event.partitions) this.owned.add(partition);
          await this.consumer.assign(
            event.partitions.map((partition) => ({ partition, offset: 0 })),
          );
        } else if (event.type === "revoked") {
          for (const partition of event.partitions) this.owned.delete(partition);
          await this.consumer.unassign(event.partitions);
        }
      }
    }
  }
}
