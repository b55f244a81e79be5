/** Whether sales wait that nobody counts: the aggregator is gone, or stands still. */

import { type Admin, type Kafka, RecordBatch } from "../../kafka/kafka.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { orAborted, pause } from "../../lib/wait.ts";
import type { SalesView } from "../model/view.ts";

const PROBE_INTERVAL_MS = 2_000;
/** Answers that took longer are old: Kafka was away meanwhile, and nothing could be counted. */
const PROBE_MS_MAX = 6_000;
/** After a failure: there may be no right to read the input, and that will not change soon. */
const RETRY_INTERVAL_MS = 10_000;
/**
 * An aggregator that is started again, or takes over from another one, may take so long; beside the
 * time from one commit to the next.
 */
const UNCOUNTED_MS_MAX = 10_000;
/** Longest look for a record that waits. */
const LOOK_MS_MAX = 2_000;
const POLL_WAIT_MS = 200;
const RECORD_BYTES = 64 * 1024;

export interface Stall {
  /** Nothing that was sold later is counted, epoch milliseconds. */
  readonly since: number;
  /** Partitions of the input where nothing is counted, and what waits there. */
  readonly waiting: ReadonlyMap<number, number>;
}

/** A partition of the input, as last looked at. */
interface Mark {
  /** Next offset to be counted. */
  readonly next: number;
  /** Since when something stands there, with `next` where it is; epoch milliseconds. */
  readonly behindAt: number;
  /** When all of it was counted; undefined = never seen. */
  readonly countedAt: number | undefined;
  /** The end of the input when a reader found that a record waits, or that none does. */
  looked: { readonly high: number; readonly waits: boolean } | undefined;
}

export interface BacklogOptions {
  kafka: Kafka;
  /** The input. */
  topic: string;
  /** From one commit of the aggregator to the next. */
  commitIntervalMs: number;
  view: SalesView;
  /** Whether `view` holds what is committed. */
  isCurrent: () => boolean;
  log: Log;
  /** `stall` may have changed. */
  onChange: () => void;
  /** Aborted = stop. */
  signal: AbortSignal;
}

/**
 * Compares the input's end with the offset that the bookkeeping in the output topic has reached.
 * So it knows nothing of groups, and hears of an aggregator only by what it writes.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #marks = new Map<number, Mark>();
  #stall: Stall | undefined;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** Undefined while everything is counted soon, and while nothing is known. */
  get stall(): Stall | undefined {
    return this.#stall;
  }

  /** Resolves once it was told to stop; it outlives every failure of Kafka. */
  async run(): Promise<void> {
    const { kafka, log, signal } = this.#options;
    while (!signal.aborted) {
      const admin = kafka.admin();
      try {
        while (!signal.aborted) {
          // An answer that takes long must not hold up the end.
          await orAborted(this.#probe(admin), signal);
          await pause(PROBE_INTERVAL_MS, signal);
        }
      } catch (error) {
        this.#forget();
        log.debug("Cannot look at the input topic.", { reason: messageOf(error) });
      } finally {
        await admin.close().catch(() => {});
      }
      await pause(RETRY_INTERVAL_MS, signal);
    }
  }

  async #probe(admin: Admin): Promise<void> {
    const { isCurrent, onChange, topic } = this.#options;
    const startedAt = performance.now();
    const described = isCurrent() ? await admin.describeTopic(topic) : undefined;
    if (!described) return this.#forget();
    const waiting = new Map<number, number>();
    const since: number[] = [];
    for (let partition = 0; partition < described.partitions; partition++) {
      const records = await this.#uncounted(admin, partition);
      if (records === 0) continue;
      waiting.set(partition, records);
      since.push(this.#since(partition));
    }
    const isOld = performance.now() - startedAt > PROBE_MS_MAX;
    if (isOld || !isCurrent()) return this.#forget();
    this.#stall = waiting.size > 0 ? { since: Math.min(...since), waiting } : undefined;
    onChange();
  }

  /** Records that wait while nothing of the partition is counted; 0 when they wait for not long. */
  async #uncounted(admin: Admin, partition: number): Promise<number> {
    const { bookkeeping, lines } = this.#options.view.partition(partition);
    // Totals without bookkeeping are not of our aggregator: nobody knows what they contain.
    if (!bookkeeping && lines > 0n) return 0;
    const { low, high } = await admin.watermarks(this.#options.topic, partition);
    const next = Math.max(low, bookkeeping?.inputOffset ?? low);
    const now = Date.now();
    const last = this.#marks.get(partition);
    if (high <= next) {
      this.#marks.set(partition, { next, behindAt: now, countedAt: now, looked: undefined });
      return 0;
    }
    if (last?.next !== next) {
      const countedAt = last?.countedAt;
      this.#marks.set(partition, { next, behindAt: now, countedAt, looked: undefined });
      return 0;
    }
    const { commitIntervalMs } = this.#options;
    if (now - last.behindAt < commitIntervalMs + UNCOUNTED_MS_MAX) return 0;
    if (!last.looked?.waits && last.looked?.high !== high) {
      last.looked = { high, waits: await this.#waits(partition, next) };
    }
    return last.looked?.waits ? high - next : 0;
  }

  /** Offsets alone do not tell: the last of them can be marks of the producers' transactions. */
  async #waits(partition: number, offset: number): Promise<boolean> {
    const { kafka, topic, signal } = this.#options;
    const reader = kafka.reader({ topic });
    const batch = new RecordBatch({ recordsMax: 1, bytesMax: RECORD_BYTES });
    const giveUpAt = performance.now() + LOOK_MS_MAX;
    try {
      await reader.assign([{ partition, offset }]);
      while (!signal.aborted && performance.now() < giveUpAt) {
        const events = await reader.poll(batch, POLL_WAIT_MS);
        if (batch.count > 0) return true;
        if (events.some(({ type }) => type === "end")) return false;
      }
      return false;
    } finally {
      await reader.close();
    }
  }

  /** When the partition was last known to be counted to its end, or else last moved. */
  #since(partition: number): number {
    const mark = this.#marks.get(partition);
    const note = this.#options.view.partition(partition).bookkeeping;
    return Math.max(mark?.countedAt ?? 0, note?.writtenAt ?? 0) || (mark?.behindAt ?? 0);
  }

  /** While Kafka is away nothing can be counted: that is not the aggregator's fault. */
  #forget(): void {
    this.#marks.clear();
    this.#stall = undefined;
  }
}
