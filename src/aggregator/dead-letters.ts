/** Records that are no sale, on their way to the dead-letter topic in the next transaction. */

import type { OutgoingRecord, RecordBatch } from "../kafka/kafka.ts";

/**
 * Beyond this the loop commits before it reads on: a flood of dead letters must not fill memory.
 */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
const PENDING_RECORDS_MAX = 50_000;
/** What every topic takes: well below Kafka's default of 1 MiB for a whole batch. */
const VALUE_BYTES_SAFE = 512 * 1024;
/** The size of a record's frame in memory, for the bound above. */
const RECORD_OVERHEAD_BYTES = 200;

const encoder = new TextEncoder();

export class DeadLetters {
  readonly #sourceTopic: string;
  #open: OutgoingRecord[] = [];
  #sealed: OutgoingRecord[] = [];
  #openBytes = 0;
  #sealedBytes = 0;
  #omitsLargeValues = false;

  constructor(sourceTopic: string) {
    this.#sourceTopic = sourceTopic;
  }

  get full(): boolean {
    return (
      this.#openBytes + this.#sealedBytes >= PENDING_BYTES_MAX ||
      this.#open.length >= PENDING_RECORDS_MAX
    );
  }

  /**
   * From now on a value too large for a topic with Kafka's default limit is left out, and the
   * letter says so: the dead-letter topic has refused one, and the flow must go on.
   */
  omitLargeValues(): void {
    this.#omitsLargeValues = true;
  }

  /** Copies record `i` unchanged, and adds where it stood and what is wrong with it. */
  add(batch: RecordBatch, i: number, error: string): void {
    const partition = batch.partitions[i] as number;
    const value = batch.value(i);
    const omits = this.#omitsLargeValues && (value?.length ?? 0) > VALUE_BYTES_SAFE;
    const added = {
      error,
      "source.topic": this.#sourceTopic,
      "source.partition": String(partition),
      "source.offset": String(batch.offsets[i]),
      ...(omits && { "value.omitted": `${value?.length} bytes, more than the topic takes` }),
    };
    const headers = Object.entries(added).map(([name, text]) => ({
      name,
      value: encoder.encode(text),
    }));
    const record = {
      key: batch.key(i)?.slice() ?? null,
      value: omits ? null : (value?.slice() ?? null),
      headers: [...batch.headers(i), ...headers],
      timestamp: batch.timestamps[i] as number,
    };
    this.#open.push(record);
    this.#openBytes +=
      (record.key?.length ?? 0) + (record.value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
  }

  /** Those of the next transaction. */
  seal(): readonly OutgoingRecord[] {
    this.#sealed = this.#open;
    this.#sealedBytes = this.#openBytes;
    this.#open = [];
    this.#openBytes = 0;
    return this.#sealed;
  }

  commit(): void {
    this.#sealed = [];
    this.#sealedBytes = 0;
  }

  /** Forgets all: the records will be read again. */
  rollback(): void {
    this.commit();
    this.#open = [];
    this.#openBytes = 0;
  }
}
