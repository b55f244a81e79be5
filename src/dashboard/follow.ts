/**
 * Follows the output topic from its start: each record into the view, as soon as it is committed.
 */

import { NotATotalError } from "../codec.ts";
import { messageOf } from "../errors.ts";
import {
  type Admin,
  type Consumer,
  type ConsumerEvent,
  type Kafka,
  KafkaError,
  type Position,
  RecordBatch,
} from "../kafka/kafka.ts";
import type { Log } from "../log.ts";
import type { SalesView, Status } from "./view.ts";

const POLL_WAIT_MS_MAX = 200;
const BATCH_RECORDS_MAX = 10_000;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** How often a missing topic is asked for. */
const MISSING_TOPIC_POLL_MS = 500;
/**
 * How often the topic is described: partitions may be added, and a quiet topic must be told from a
 * dead one.
 */
const PROBE_INTERVAL_MS = 5_000;
/**
 * Without a word from Kafka for longer, the numbers are stale: one probe, and time for it to fail.
 */
const SILENCE_MS_MAX = 8_000;
const RESTART_DELAY_MS_MIN = 200;
const RESTART_DELAY_MS_MAX = 5_000;

interface Progress {
  /** Next offset to read. */
  position: number;
  /** What stood in the partition when it was assigned is read once the position gets here. */
  restoredAt: number;
  /** Nothing committed was left when we last looked. */
  isAtEnd: boolean;
}

export interface FollowOptions {
  kafka: Kafka;
  topic: string;
  view: SalesView;
  log: Log;
  /** The view or the status may have changed. */
  onChange: () => void;
  /** Aborted = stop. */
  signal: AbortSignal;
}

/** Reads one topic into a view until it is told to stop; it outlives every failure of Kafka. */
export class Follower {
  readonly #options: FollowOptions;
  readonly #partitions = new Map<number, Progress>();
  readonly #batch = new RecordBatch({ recordsMax: BATCH_RECORDS_MAX, bytesMax: BATCH_BYTES_MAX });
  #asOf: number | undefined;
  #lag: number | undefined;
  #isRestored = false;
  #isTopicMissing = false;
  /** The reader has not failed since its last record: its silence means that there is nothing. */
  #isReading = true;
  /** The failure that was logged last: one that lasts is logged once. */
  #failure: string | undefined;
  #hasLoggedUnreadable = false;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /** Until when the view is known to hold everything committed, epoch milliseconds. */
  get asOf(): number | undefined {
    return this.#asOf;
  }

  get status(): Status {
    const isSilent = this.#asOf === undefined || Date.now() - this.#asOf > SILENCE_MS_MAX;
    const state = !this.#isRestored ? "restoring" : isSilent ? "stale" : "live";
    return {
      state: this.#partitions.size === 0 ? "connecting" : state,
      partitions: this.#partitions.size,
      lag: this.#lag,
    };
  }

  /** Why the view is not ready; empty when it is. */
  get reasons(): string[] {
    const { topic } = this.#options;
    if (this.#isTopicMissing) return [`The topic ${topic} does not exist yet.`];
    if (this.#partitions.size === 0) return [this.#failure ?? "Kafka has not answered yet."];
    if (!this.#isRestored) {
      return [...this.#partitions]
        .filter(([, { position, restoredAt }]) => position < restoredAt)
        .map(([partition, { position, restoredAt }]) => {
          return `Partition ${partition} of ${topic} is read up to offset ${position} of ${restoredAt}.`;
        });
    }
    if (this.status.state === "live") return [];
    return [`Kafka has not answered since ${new Date(this.#asOf ?? 0).toISOString()}.`];
  }

  /** Resolves once it was told to stop and the clients are closed. @throws when none can be made */
  async run(): Promise<void> {
    const { kafka, topic, signal } = this.#options;
    let delayMs = RESTART_DELAY_MS_MIN;
    while (!signal.aborted) {
      const admin = kafka.admin();
      const reader = kafka.reader({ topic });
      const startedAt = Date.now();
      try {
        await this.#follow(admin, reader);
      } catch (error) {
        this.#doubt();
        this.#noteFailure(error);
      } finally {
        await reader.close().catch((error) => this.#noteFailure(error));
        await admin.close().catch((error) => this.#noteFailure(error));
      }
      if (Date.now() - startedAt > RESTART_DELAY_MS_MAX) delayMs = RESTART_DELAY_MS_MIN;
      await pause(delayMs, signal);
      delayMs = Math.min(delayMs * 2, RESTART_DELAY_MS_MAX);
    }
  }

  async #follow(admin: Admin, reader: Consumer): Promise<void> {
    const { signal } = this.#options;
    // A new reader goes on where the last one stood: reading again from the start would show the
    // past.
    if (this.#partitions.size > 0) await reader.assign(positionsOf(this.#partitions));
    let probing: Promise<void> | undefined;
    let probedAt = 0;
    while (!signal.aborted) {
      const isMissing = this.#partitions.size === 0;
      const intervalMs = isMissing ? MISSING_TOPIC_POLL_MS : PROBE_INTERVAL_MS;
      if (!probing && Date.now() - probedAt >= intervalMs) {
        probedAt = Date.now();
        // Not awaited: an answer that takes long must hold up neither records nor the end.
        probing = this.#probe(admin, reader)
          .catch((error) => this.#noteFailure(error))
          .finally(() => {
            probing = undefined;
          });
      }
      if (isMissing) await pause(MISSING_TOPIC_POLL_MS, signal, probing);
      else await this.#poll(admin, reader);
    }
  }

  async #poll(admin: Admin, reader: Consumer): Promise<void> {
    const batch = this.#batch;
    const events = await reader.poll(batch, POLL_WAIT_MS_MAX);
    for (let i = 0; i < batch.count; i++) this.#take(i);
    for (const event of events) await this.#handle(event, admin, reader);
    if (batch.count > 0 || events.some((event) => event.type === "end")) {
      this.#isReading = true;
      this.#noteAnswer();
    }
    this.#options.onChange();
  }

  #take(i: number): void {
    const { view, log, topic } = this.#options;
    const partition = this.#batch.partitions[i] as number;
    const offset = this.#batch.offsets[i] as number;
    try {
      view.apply(partition, this.#batch.key(i), this.#batch.value(i));
    } catch (error) {
      if (!(error instanceof NotATotalError)) throw error;
      const message = "A record of the output topic was skipped; further ones are not logged.";
      if (!this.#hasLoggedUnreadable) {
        log.warning(message, { topic, partition, offset, reason: error.message });
      }
      this.#hasLoggedUnreadable = true;
    }
    const progress = this.#partitions.get(partition);
    if (!progress) return;
    progress.position = offset + 1;
    progress.isAtEnd = false;
  }

  async #handle(event: ConsumerEvent, admin: Admin, reader: Consumer): Promise<void> {
    if (event.type === "error") {
      if (event.error.verdict === "fatal") throw event.error;
      this.#doubt();
      this.#noteFailure(event.error);
    } else if (event.type === "end") {
      const progress = this.#partitions.get(event.partition);
      if (!progress) return;
      progress.position = Math.max(progress.position, event.offset);
      progress.isAtEnd = true;
    } else if (event.type === "outOfRange") {
      await this.#reposition(event.partition, admin, reader);
    }
  }

  /**
   * Retention took what we stood at, or the topic was made anew: only then what we know is void.
   */
  async #reposition(partition: number, admin: Admin, reader: Consumer): Promise<void> {
    const { topic, view } = this.#options;
    const progress = this.#partitions.get(partition);
    if (!progress) return;
    const { low, high } = await admin.watermarks(topic, partition);
    if (high < progress.position) view.forget(partition);
    this.#partitions.set(partition, { position: low, restoredAt: high, isAtEnd: low === high });
    await reader.seek([{ partition, offset: low }]);
  }

  /** Finds new partitions, measures the lag, and learns whether Kafka is there at all. */
  async #probe(admin: Admin, reader: Consumer): Promise<void> {
    const { topic } = this.#options;
    const described = await admin.describeTopic(topic);
    this.#isTopicMissing = described === undefined && this.#partitions.size === 0;
    if (!described) return;
    const added = new Map<number, Progress>();
    let lag = 0;
    for (let partition = 0; partition < described.partitions; partition++) {
      const progress = this.#partitions.get(partition);
      if (progress?.isAtEnd) continue;
      const { low, high } = await admin.watermarks(topic, partition);
      if (progress) lag += Math.max(0, high - progress.position);
      else {
        added.set(partition, { position: low, restoredAt: high, isAtEnd: low === high });
        lag += high - low;
      }
    }
    if (added.size > 0) await this.#assign(reader, added);
    this.#lag = lag;
    // After a failure of the reader, Kafka's answer alone does not say that we have everything.
    if (this.#isReading || lag === 0) this.#noteAnswer();
  }

  /**
   * The reader failed: until it reads again, only the watermarks tell whether it misses something.
   */
  #doubt(): void {
    this.#isReading = false;
    for (const progress of this.#partitions.values()) progress.isAtEnd = false;
  }

  async #assign(reader: Consumer, added: ReadonlyMap<number, Progress>): Promise<void> {
    for (const [partition, progress] of added) this.#partitions.set(partition, progress);
    try {
      await reader.assign(positionsOf(added));
    } catch (error) {
      // The next probe finds them again; as they are, nobody would read them.
      for (const partition of added.keys()) this.#partitions.delete(partition);
      throw error;
    }
  }

  #noteAnswer(): void {
    const { log, onChange, topic } = this.#options;
    this.#asOf = Date.now();
    const progress = [...this.#partitions.values()];
    if (progress.every(({ isAtEnd }) => isAtEnd)) this.#lag = 0;
    if (!this.#isRestored && progress.every(({ position, restoredAt }) => position >= restoredAt)) {
      this.#isRestored = true;
      log.info("Caught up with the output topic.", { topic, partitions: progress.length });
    }
    if (this.#failure !== undefined) log.info("Kafka answers again.");
    this.#failure = undefined;
    onChange();
  }

  #noteFailure(error: unknown): void {
    const { log, signal } = this.#options;
    const message = messageOf(error);
    if (message === this.#failure || signal.aborted) return;
    const code = error instanceof KafkaError ? error.code : undefined;
    log.warning("Cannot read the output topic, trying again.", {
      code,
      reason: message,
    });
    this.#failure = message;
  }
}

function positionsOf(partitions: ReadonlyMap<number, Progress>): Position[] {
  return [...partitions].map(([partition, { position }]) => ({ partition, offset: position }));
}

/** Ends early when `signal` is aborted or `event` has happened. */
function pause(ms: number, signal: AbortSignal, event?: Promise<void>): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    void event?.then(done);
  });
}
