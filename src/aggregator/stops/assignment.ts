/**
 * The partitions that the consumer reads: all owned ones without those that are stopped.
 *
 * The group takes any change of the assignment for the answer to its last event. While we restore,
 * an event may have arrived that nobody has seen yet. So a change of our own waits for a poll that
 * brings none.
 */

import type { Consumer, ConsumerEvent } from "../../kafka/kafka.ts";
import type { OwnedPartition } from "../../state/owned-partition.ts";

/** The group waits until the assignment has changed as this event says. */
export function awaitsAnswer({ type }: ConsumerEvent): boolean {
  return type === "assigned" || type === "revoked";
}

export class Assignment {
  readonly #consumer: Consumer;
  readonly #assigned = new Set<number>();
  readonly #toAdd = new Set<number>();
  readonly #toRemove = new Set<number>();
  readonly #first = Promise.withResolvers<void>();

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  /** Resolves when the group has given partitions, or none, for the first time. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  /** The consumer reads one of these partitions. */
  hasAny(partitions: readonly number[]): boolean {
    return partitions.some((id) => this.#assigned.has(id));
  }

  /** The answer to `assigned`: reads on at the positions of these partitions. */
  async add(partitions: readonly OwnedPartition[]): Promise<void> {
    await this.#consumer.assign(partitions.map(({ next }) => next));
    for (const { id } of partitions) this.#assigned.add(id);
    this.#first.resolve();
  }

  /** The answer to `revoked`. Call even when none is read, because the group waits for it. */
  async remove(partitions: readonly number[]): Promise<void> {
    for (const id of partitions) {
      this.#toAdd.delete(id);
      this.#toRemove.delete(id);
    }
    await this.#consumer.unassign(partitions.filter((id) => this.#assigned.delete(id)));
  }

  /** Reads these partitions, which are not read now, from the next quiet turn on. */
  addSoon(partitions: readonly number[]): void {
    for (const id of partitions) this.#toAdd.add(id);
  }

  /** Reads a partition on at its position, if it is read now or waits for its removal. */
  async seek(partition: OwnedPartition): Promise<void> {
    this.#toRemove.delete(partition.id);
    await this.#consumer.seek([partition.next]);
  }

  /** Reads these partitions until the next quiet turn. Until then, their records are ignored. */
  removeSoon(partitions: readonly number[]): void {
    for (const id of partitions) {
      this.#toAdd.delete(id);
      if (this.#assigned.has(id)) this.#toRemove.add(id);
    }
  }

  /**
   * Call right after a poll without an event that awaits an answer: removes and adds what waits
   * for that. `owned`: a partition that is not in it any more is not added.
   */
  async quiet(owned: ReadonlyMap<number, OwnedPartition>): Promise<void> {
    if (this.#toRemove.size > 0) await this.remove([...this.#toRemove]);
    if (this.#toAdd.size === 0) return;
    const added = [...this.#toAdd].flatMap((id) => owned.get(id) ?? []);
    this.#toAdd.clear();
    if (added.length > 0) await this.add(added);
  }
}
