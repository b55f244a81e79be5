/**
 * A partition's log with what transactions promise: markers, last stable offset, aborted records.
 */

import type { OutgoingRecord } from "../../src/kafka/kafka.ts";

const decoder = new TextDecoder();

/** The active segment of a log, which no compaction touches. */
const ACTIVE_ENTRIES = 16;

/** Records of one transaction on one partition. */
interface Span {
  readonly first: number;
  outcome: "open" | "committed" | "aborted";
}

export interface Entry {
  readonly offset: number;
  /** Of the leader that wrote it. */
  readonly epoch: number;
  /** Undefined: a control record, which no reader sees. */
  readonly record: OutgoingRecord | undefined;
  readonly span: Span | undefined;
  /** The record's key, to compare; "" when it has none. */
  readonly keyText: string;
}

export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  low = 0;
  high = 0;
  /** Rises with each leader. */
  epoch = 0;
  #entries: Entry[] = [];
  /** By producer id. */
  readonly #open = new Map<number, Span>();

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** The last stable offset: below it every transaction is decided. */
  get stable(): number {
    if (this.#open.size === 0) return this.high;
    let stable = this.high;
    for (const { first } of this.#open.values()) stable = Math.min(stable, first);
    return stable;
  }

  /** Returns where the first record stands. */
  append(records: readonly OutgoingRecord[], producerId?: number): number {
    const first = this.high;
    let span: Span | undefined;
    if (producerId !== undefined) {
      span = this.#open.get(producerId) ?? { first: this.high, outcome: "open" };
      this.#open.set(producerId, span);
    }
    for (const record of records) {
      const keyText = record.key ? decoder.decode(record.key) : "";
      this.#push({ record, span, keyText });
    }
    return first;
  }

  #push(entry: Omit<Entry, "offset" | "epoch">): void {
    this.#entries.push({ ...entry, offset: this.high++, epoch: this.epoch });
  }

  isOpenFor(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  /** Writes the control record that ends the producer's transaction here. */
  end(producerId: number, outcome: "committed" | "aborted"): void {
    const span = this.#open.get(producerId);
    if (span) span.outcome = outcome;
    this.#open.delete(producerId);
    this.#push({ record: undefined, span: undefined, keyText: "" });
  }

  /**
   * What a committed reader gets from `offset` on, and the position it has then; or one that sees
   * what is undecided or aborted too.
   */
  read(
    offset: number,
    recordsMax: number,
    { isUndecidedToo = false } = {},
  ): { entries: Entry[]; position: number } {
    const stable = isUndecidedToo ? this.high : this.stable;
    const entries: Entry[] = [];
    for (let i = this.#indexOf(offset); i < this.#entries.length; i++) {
      const entry = this.#entries[i] as Entry;
      if (entry.offset >= stable) break;
      if (!entry.record) continue;
      if (entry.span?.outcome === "aborted" && !isUndecidedToo) continue;
      if (entries.length === recordsMax) return { entries, position: entry.offset };
      entries.push(entry);
    }
    return { entries, position: Math.max(offset, stable) };
  }

  /** All committed records, those behind an undecided one too. */
  committed(): Entry[] {
    return this.#entries.filter(({ record, span }) => record && span?.outcome === "committed");
  }

  /**
   * Keeps the last record of each key, as a compacted topic does behind its readers. The segment
   * that is written to stays as it is.
   */
  compact(): void {
    const active = this.#entries.at(-ACTIVE_ENTRIES)?.offset ?? 0;
    const stable = Math.min(this.stable, active);
    const seen = new Set<string>();
    const kept: Entry[] = [];
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i] as Entry;
      if (entry.offset < stable) {
        if (entry.keyText === "" || entry.span?.outcome === "aborted") continue;
        if (seen.has(entry.keyText)) continue;
        seen.add(entry.keyText);
      }
      kept.push(entry);
    }
    this.#entries = kept.reverse();
  }

  /** Loses all records of the latest total, which no log may; false when there is none. */
  lose(): boolean {
    // No key of bookkeeping, and none of a slot of history, which may be lost.
    const isTotal = ({ keyText, span }: Entry) =>
      /^[^\0/]+$/.test(keyText) && span?.outcome === "committed";
    const lost = this.#entries.findLast(isTotal)?.keyText;
    this.#entries = this.#entries.filter(({ keyText }) => keyText !== lost);
    return lost !== undefined;
  }

  /** Removes what is older than `offset`, as retention does whoever has read it. */
  truncate(offset: number): void {
    this.low = offset;
    this.#entries = this.#entries.slice(this.#indexOf(offset));
  }

  /** A leader that lacks the latest records takes over: an unclean election. */
  cut(offset: number): void {
    this.#entries = this.#entries.filter((entry) => entry.offset < offset);
    this.high = offset;
    this.epoch++;
  }

  /** OffsetForLeaderEpoch: where the records of later leaders begin. */
  endOf(epoch: number): number {
    return this.#entries.find((entry) => entry.epoch > epoch)?.offset ?? this.high;
  }

  #indexOf(offset: number): number {
    let from = 0;
    let to = this.#entries.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#entries[middle] as Entry).offset < offset) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
