/** Records that are no sale, on their way to the dead-letter topic in the next transaction. */

import type { OutgoingRecord, RecordBatch } from "../kafka/kafka.ts";

/**
 * Beyond this the loop commits before it reads on: a flood of dead letters must not fill memory.
 */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
const PENDING_RECORDS_MAX = 50_000;
/**
 * The first try at what a topic takes that has refused a letter; each further refusal halves it,
 * and each one that is forgotten doubles it again.
 */
const PART_BYTES_SAFE = 512 * 1024;
/** The size of a record's frame in memory, for the bound above. */
const RECORD_OVERHEAD_BYTES = 200;

const encoder = new TextEncoder();

export class DeadLetters {
  readonly #sourceTopic: string;
  #open: OutgoingRecord[] = [];
  #sealed: OutgoingRecord[] = [];
  #openBytes = 0;
  #sealedBytes = 0;
  /** Longest key or value, and most headers, that are kept. */
  #partBytesMax = Number.POSITIVE_INFINITY;

  constructor(sourceTopic: string) {
    this.#sourceTopic = sourceTopic;
  }

  get full(): boolean {
    return (
      this.#openBytes + this.#sealedBytes >= PENDING_BYTES_MAX ||
      this.#open.length + this.#sealed.length >= PENDING_RECORDS_MAX
    );
  }

  /**
   * Copies record `i` unchanged, and adds where it stood and what is wrong with it. Only where the
   * dead-letter topic has refused a letter for its size, large parts are left out, and named.
   */
  add(batch: RecordBatch, i: number, error: string): void {
    const key = batch.key(i);
    const value = batch.value(i);
    const headersBytes = (batch.recordEnds[i] as number) - (batch.valueEnds[i] as number);
    const omitsHeaders = headersBytes > this.#partBytesMax;
    const added = {
      error,
      "source.topic": this.#sourceTopic,
      "source.partition": String(batch.partitions[i]),
      "source.offset": String(batch.offsets[i]),
      ...(this.#omits(key) && { "key.omitted": `${key?.length} bytes` }),
      ...(this.#omits(value) && { "value.omitted": `${value?.length} bytes` }),
      ...(omitsHeaders && { "headers.omitted": `${headersBytes} bytes` }),
    };
    const headers = Object.entries(added).map(([name, text]) => ({
      name,
      value: encoder.encode(text),
    }));
    this.#open.push({
      key: this.#omits(key) ? null : (key?.slice() ?? null),
      value: this.#omits(value) ? null : (value?.slice() ?? null),
      headers: omitsHeaders ? headers : [...batch.headers(i), ...headers],
      timestamp: batch.timestamps[i] as number,
    });
    const recordBytes = (batch.recordEnds[i] as number) - batch.start(i);
    this.#openBytes += recordBytes + RECORD_OVERHEAD_BYTES;
  }

  #omits(part: Uint8Array | null): boolean {
    return part !== null && part.length > this.#partBytesMax;
  }

  /** Those of the next transaction. */
  seal(): readonly OutgoingRecord[] {
    this.#sealed = this.#open;
    this.#sealedBytes = this.#openBytes;
    this.#open = [];
    this.#openBytes = 0;
    return this.#sealed;
  }

  /** `refusals`: how often the dead-letter topic has refused a size, as far as remembered. */
  commit(refusals: number): void {
    this.#sealed = [];
    this.#sealedBytes = 0;
    this.#partBytesMax =
      refusals > 0 ? PART_BYTES_SAFE / 2 ** (refusals - 1) : Number.POSITIVE_INFINITY;
  }

  /** Forgets all: the records will be read again. `refusals`: as for `commit`. */
  rollback(refusals: number): void {
    this.commit(refusals);
    this.#open = [];
    this.#openBytes = 0;
  }
}
