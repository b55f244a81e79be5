/** What a topic is read into, record by record. */

export interface TopicView {
  /** @throws UnreadableRecordError */
  apply(id: number, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void;
  /** The partition is read from its start; what is shown of it stays until `caughtUp`. */
  restart(id: number): void;
  /** All that stood in the partition at `restart` is read. */
  markCaughtUp(id: number): void;
  /** Whether all that was read of it belongs together, and why not. */
  partition(id: number): { readonly isWhole: boolean; readonly contradiction: string };
}
