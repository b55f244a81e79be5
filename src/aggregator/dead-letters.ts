/** Collects invalid records for the dead-letter topic until the next transaction. */

import type { Config } from "../config/config.ts";
import type { OutgoingRecord, RecordBatch } from "../kafka/kafka.ts";
import type { Clock } from "../lib/clock.ts";
import type { FailedTransaction } from "./stops/blame.ts";

/** Above this the loop commits before it reads on, so that dead letters cannot fill memory. */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
const PENDING_RECORDS_MAX = 50_000;
/**
 * The first limit for a topic that refused a letter. Each further refusal halves the limit, and
 * each forgotten one doubles it.
 */
const PART_BYTES_SAFE = 512 * 1024;
/** The memory of a record's frame, for the bound above. */
const RECORD_OVERHEAD_BYTES = 200;

/**
 * A record whose time is further ahead of our clock, milliseconds, loses it as a letter. By default
 * topics refuse what is an hour ahead, though the input may take it: then its partition would stop.
 */
const AHEAD_MS_MAX = 300_000;
/**
 * After the topic has refused a time, letters go without theirs for so long. Then the next one
 * tries whether the topic takes times again: a transaction is aborted in vain if it does not.
 */
const OMIT_TIMES_MS = 3_600_000;
/** Times that a `Date` has. */
const TIME_MS_MAX = 8_640_000_000_000_000;

/** librdkafka says the second one when a batch has several records with such a time. */
const TIME_REFUSALS = new Set(["INVALID_TIMESTAMP", "INVALID_RECORD"]);

/** The time of a record that gets the time of its sending. */
const SENDING_TIME = 0;

const encoder = new TextEncoder();

export class DeadLetters {
  readonly #topics: Pick<Config, "inputTopic" | "deadLetterTopic">;
  readonly #clock: Pick<Clock, "date" | "now">;
  /** Partitions with letters since the last commit or rollback. */
  readonly #sources = new Set<number>();
  #open: OutgoingRecord[] = [];
  #sealed: OutgoingRecord[] = [];
  #openBytes = 0;
  #sealedBytes = 0;
  /** The largest key, value or headers to keep, bytes. */
  #partBytesMax = Number.POSITIVE_INFINITY;

  /**
   * When the topic last refused the time of a letter, as with `message.timestamp.before.max.ms`, by
   * `Clock.now`.
   */
  #timeRefusedAt = Number.NEGATIVE_INFINITY;

  constructor(
    topics: Pick<Config, "inputTopic" | "deadLetterTopic">,
    clock: Pick<Clock, "date" | "now">,
  ) {
    this.#topics = topics;
    this.#clock = clock;
  }

  get full(): boolean {
    return (
      this.#openBytes + this.#sealedBytes >= PENDING_BYTES_MAX ||
      this.#open.length + this.#sealed.length >= PENDING_RECORDS_MAX
    );
  }

  /** Partitions of which letters wait. A topic that refuses letters stops only these. */
  get sources(): number[] {
    return [...this.#sources];
  }

  /**
   * Copies record `i` unchanged and adds its source and its problem as headers. Leaves out a time
   * that lies ahead; other times and large parts only after the dead-letter topic has refused a
   * letter for them. Headers name what is left out.
   */
  add(batch: RecordBatch, i: number, error: string): void {
    const key = batch.key(i);
    const value = batch.value(i);
    const headersBytes = (batch.recordEnds[i] as number) - (batch.valueEnds[i] as number);
    const time = batch.timestamps[i] as number;
    const isAhead = time > this.#clock.date().getTime() + AHEAD_MS_MAX;
    const omitsTime = isAhead || this.#clock.now() - this.#timeRefusedAt < OMIT_TIMES_MS;
    const omitsHeaders = headersBytes > this.#partBytesMax;
    const added = {
      error,
      "source.topic": this.#topics.inputTopic,
      "source.partition": String(batch.partitions[i]),
      "source.offset": String(batch.offsets[i]),
      ...(this.#omits(key) && { "key.omitted": `${key?.length} bytes` }),
      ...(this.#omits(value) && { "value.omitted": `${value?.length} bytes` }),
      ...(omitsTime && { "timestamp.omitted": timeText(time) }),
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
      timestamp: omitsTime ? SENDING_TIME : time,
    });
    this.#sources.add(batch.partitions[i] as number);
    const recordBytes = (batch.recordEnds[i] as number) - batch.start(i);
    this.#openBytes += recordBytes + RECORD_OVERHEAD_BYTES;
  }

  #omits(part: Uint8Array | null): boolean {
    return part !== null && part.length > this.#partBytesMax;
  }

  /** Seals the letters for the next transaction. */
  seal(): readonly OutgoingRecord[] {
    this.#sealed = this.#open;
    this.#sealedBytes = this.#openBytes;
    this.#open = [];
    this.#openBytes = 0;
    return this.#sealed;
  }

  /** `refusals`: remembered refusals of the dead-letter topic for size. */
  commit(refusals: number): void {
    this.#sealed = [];
    this.#sealedBytes = 0;
    // Too many rather than too few: open letters of other partitions may be left.
    if (this.#open.length === 0) this.#sources.clear();
    this.#partBytesMax =
      refusals > 0 ? PART_BYTES_SAFE / 2 ** (refusals - 1) : Number.POSITIVE_INFINITY;
  }

  /**
   * Drops all letters, because their records are read again. `refusals`: see `commit`. `failed`:
   * why the last transaction failed.
   */
  rollback(refusals: number, failed?: Pick<FailedTransaction, "undelivered">): void {
    // Another topic refuses records of our own, which have the time of this machine's clock.
    const isRefused = failed?.undelivered.some(({ topic, error }) => {
      return topic === this.#topics.deadLetterTopic && TIME_REFUSALS.has(error.code);
    });
    if (isRefused) this.#timeRefusedAt = this.#clock.now();
    this.commit(refusals);
    this.#open = [];
    this.#openBytes = 0;
    this.#sources.clear();
  }
}

function timeText(ms: number): string {
  return ms >= 0 && ms <= TIME_MS_MAX ? new Date(ms).toISOString() : `${ms} ms`;
}
