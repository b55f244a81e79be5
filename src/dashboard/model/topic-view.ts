/**
 * A view that the records of topics are read into. Several input topics have one view: there, the
 * partitions of a topic have numbers of their own.
 */

export interface TopicView {
  /** @throws UnreadableRecordError */
  apply(id: number, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void;
  /** The partition is read again from its start. What is visible stays until `markCaughtUp`. */
  restart(id: number): void;
  /** All that the partition held at `restart` is read. */
  markCaughtUp(id: number): void;
  /** Whether the partition is whole, and if not, why. */
  partition(id: number): { readonly isWhole: boolean; readonly contradiction: string };
}

/** No topic of Kafka has so many partitions. */
const PARTITIONS_MAX = 1_000_000;

/** Where a partition of a view comes from: of which input topic, by its place in the settings. */
export interface PartitionPlace {
  readonly topic: number;
  readonly partition: number;
}

export function placeOf(id: number): PartitionPlace {
  return { topic: Math.floor(id / PARTITIONS_MAX), partition: id % PARTITIONS_MAX };
}

/** The part of a view that an input topic has, by its place in the settings. */
export function partOf<P>(
  view: Omit<TopicView, "partition"> & { partition(id: number): P },
  topic: number,
): Omit<TopicView, "partition"> & { partition(id: number): P } {
  const first = topic * PARTITIONS_MAX;
  return {
    apply: (id, key, value, timestamp) => view.apply(first + id, key, value, timestamp),
    restart: (id) => view.restart(first + id),
    markCaughtUp: (id) => view.markCaughtUp(first + id),
    partition: (id) => view.partition(first + id),
  };
}
