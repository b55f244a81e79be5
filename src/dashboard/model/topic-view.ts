/** A view that the records of a topic are read into. */

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
