/** The partitions that the consumer reads: all owned ones without those that are stopped. */

import type { Consumer } from "../../kafka/kafka.ts";
import type { OwnedPartition } from "../../state/owned-partition.ts";

export class Assignment {
  readonly #consumer: Consumer;
  readonly #assigned = new Set<number>();
  readonly #first = Promise.withResolvers<void>();

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  /** Resolves when the group has given partitions, or none, for the first time. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  hasAny(partitions: readonly number[]): boolean {
    return partitions.some((id) => this.#assigned.has(id));
  }

  /** Reads on at the positions of these partitions. */
  async add(partitions: readonly OwnedPartition[]): Promise<void> {
    await this.#consumer.assign(partitions.map(({ next }) => next));
    for (const { id } of partitions) this.#assigned.add(id);
    this.#first.resolve();
  }

  /** Call even when none of them is read, because the group waits for the answer. */
  async remove(partitions: readonly number[]): Promise<void> {
    await this.#consumer.unassign(partitions.filter((id) => this.#assigned.delete(id)));
  }
}
