/** Whether sales wait that nobody counts: the aggregator is gone, or stands still. */

import { type Admin, type Kafka, RecordBatch, type Watermarks } from "../../kafka/kafka.ts";
import { type Clock, type Moment, momentOf } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { orAborted } from "../../lib/wait.ts";
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
/** Of a poll. */
const RECORDS_MAX = 100;
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
  /** Since when something stands there, with `next` where it is. */
  readonly behindAt: Moment;
  /** When all of it was counted; undefined = never seen. */
  readonly countedAt: Moment | undefined;
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
  clock: Clock;
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
    const { clock, kafka, log, signal } = this.#options;
    while (!signal.aborted) {
      const admin = kafka.admin();
      try {
        while (!signal.aborted) {
          // An answer that takes long must not hold up the end.
          await orAborted(this.#probe(admin), signal);
          await clock.sleep(PROBE_INTERVAL_MS, signal);
        }
      } catch (error) {
        this.#forget();
        log.debug("Cannot look at the input topic.", { reason: messageOf(error) });
      } finally {
        await admin.close().catch(() => {});
      }
      await clock.sleep(RETRY_INTERVAL_MS, signal);
    }
  }

  async #probe(admin: Admin): Promise<void> {
    const { clock, isCurrent, onChange, topic } = this.#options;
    const startedAt = clock.now();
    const described = isCurrent() ? await admin.describeTopic(topic) : undefined;
    if (!described) return this.#forget();
    const partitions = Array.from({ length: described.partitions }, (_, id) => id);
    const behind = new Map<number, Watermarks>();
    for (const [partition, marks] of await admin.allWatermarks(topic, partitions)) {
      if (this.#isBehind(partition, marks)) behind.set(partition, marks);
    }
    await this.#look(behind);
    const waiting = new Map<number, number>();
    const since: number[] = [];
    for (const [partition, { high }] of behind) {
      const mark = this.#marks.get(partition);
      if (!mark?.looked?.waits) continue;
      waiting.set(partition, high - mark.next);
      since.push(this.#since(partition));
    }
    const isOld = clock.now() - startedAt > PROBE_MS_MAX;
    if (isOld || !isCurrent()) return this.#forget();
    this.#stall = waiting.size > 0 ? { since: Math.min(...since), waiting } : undefined;
    onChange();
  }

  /** Something stands there, and nothing of the partition has been counted for long. */
  #isBehind(partition: number, { low, high }: Watermarks): boolean {
    const { bookkeeping, lines } = this.#options.view.partition(partition);
    // Totals without bookkeeping are not of our aggregator: nobody knows what they contain.
    if (!bookkeeping && lines > 0n) return false;
    const next = Math.max(low, bookkeeping?.inputOffset ?? low);
    const now = momentOf(this.#options.clock);
    const last = this.#marks.get(partition);
    if (high <= next) {
      this.#marks.set(partition, { next, behindAt: now, countedAt: now, looked: undefined });
      return false;
    }
    if (last?.next !== next) {
      const countedAt = last?.countedAt;
      this.#marks.set(partition, { next, behindAt: now, countedAt, looked: undefined });
      return false;
    }
    const { commitIntervalMs } = this.#options;
    return now.at - last.behindAt.at >= commitIntervalMs + UNCOUNTED_MS_MAX;
  }

  /** Offsets alone do not tell: the last of them can be marks of the producers' transactions. */
  async #look(behind: ReadonlyMap<number, Watermarks>): Promise<void> {
    const open = new Map<number, Mark>();
    for (const [partition, { high }] of behind) {
      const mark = this.#marks.get(partition);
      if (!mark || mark.looked?.waits || mark.looked?.high === high) continue;
      mark.looked = { high, waits: false };
      open.set(partition, mark);
    }
    if (open.size > 0) await this.#read(open);
  }

  /** Finds out where records wait; by one reader, since a stall is often one of all partitions. */
  async #read(open: Map<number, Mark>): Promise<void> {
    const { clock, kafka, topic, signal } = this.#options;
    const reader = kafka.reader({ topic });
    const batch = new RecordBatch({ recordsMax: RECORDS_MAX, bytesMax: RECORD_BYTES });
    const giveUpAt = clock.now() + LOOK_MS_MAX;
    try {
      await reader.assign(
        [...open].map(([partition, { next: offset }]) => ({ partition, offset })),
      );
      while (open.size > 0 && !signal.aborted && clock.now() < giveUpAt) {
        const events = await reader.poll(batch, POLL_WAIT_MS);
        const found = new Set(batch.partitions.subarray(0, batch.count));
        for (const partition of found) {
          const mark = open.get(partition);
          if (mark?.looked) mark.looked = { ...mark.looked, waits: true };
        }
        for (const event of events) if (event.type === "end") found.add(event.partition);
        const read = [...found].filter((partition) => open.delete(partition));
        // Its further records would keep the others waiting.
        if (read.length > 0 && open.size > 0) await reader.unassign(read);
      }
    } finally {
      await reader.close();
    }
  }

  /** When the partition was last known to be counted to its end, or else last moved. */
  #since(partition: number): number {
    const mark = this.#marks.get(partition);
    const { bookkeeping } = this.#options.view.partition(partition);
    const countedAt = mark?.countedAt?.date.getTime() ?? 0;
    return Math.max(countedAt, bookkeeping?.writtenAt ?? 0) || (mark?.behindAt.date.getTime() ?? 0);
  }

  /** While Kafka is away nothing can be counted: that is not the aggregator's fault. */
  #forget(): void {
    this.#marks.clear();
    this.#stall = undefined;
  }
}
