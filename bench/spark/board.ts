/** A reader of totals, as a dashboard is one: what it has heard of so far, and when. */

import { type Kafka, RecordBatch } from "../../src/kafka/kafka.ts";
import { waitFor } from "../../tests/support/wait.ts";

const POLL_MS = 20;
const decoder = new TextDecoder();

/** A product's total was seen to hold so many sales. */
interface Arrival {
  product: string;
  sales: number;
  /** Epoch milliseconds. */
  at: number;
}

export class Board {
  readonly #sales = new Map<string, number>();
  #total = 0;
  #arrivals: Arrival[] = [];
  #isClosed = false;
  readonly #reading: Promise<void>;

  constructor(kafka: Kafka, topic: string, partitions: number) {
    this.#reading = this.#read(kafka, topic, partitions);
    this.#reading.catch(() => {});
  }

  get salesByProduct(): ReadonlyMap<string, number> {
    return this.#sales;
  }

  /** Since the last call. */
  takeArrivals(): Arrival[] {
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    return arrivals;
  }

  /** @throws Error when more were counted, or fewer after `timeoutMs` */
  async untilCounted(sales: number, timeoutMs: number): Promise<void> {
    await waitFor(() => this.#total >= sales, { what: `${sales} sales to be counted`, timeoutMs });
    if (this.#total > sales) throw new Error(`${this.#total} sales were counted of ${sales}`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#reading;
  }

  async #read(kafka: Kafka, topic: string, partitions: number): Promise<void> {
    const reader = kafka.reader({ topic });
    const batch = new RecordBatch({ recordsMax: 10_000, bytesMax: 4 * 1024 * 1024 });
    try {
      await reader.assign(
        Array.from({ length: partitions }, (_, partition) => ({ partition, offset: 0 })),
      );
      while (!this.#isClosed) {
        await reader.poll(batch, POLL_MS);
        const at = Date.now();
        for (let i = 0; i < batch.count; i++) {
          // The aggregator's bookkeeping has a key that no product has.
          if (batch.key(i)?.[0] !== 0) this.#take(batch.value(i), at);
        }
      }
    } finally {
      await reader.close();
    }
  }

  #take(value: Uint8Array | null, at: number): void {
    const { product, sales } = JSON.parse(decoder.decode(value ?? undefined));
    this.#total += sales - (this.#sales.get(product) ?? 0);
    this.#sales.set(product, sales);
    this.#arrivals.push({ product, sales, at });
  }
}

/**
 * How long each sale took from its record's timestamp to the first total that holds it, in
 * milliseconds, ascending. A product's sales stand on one partition, so that the n-th of them is in
 * the first total of n sales or more.
 * @param before what the board showed before the first of `sales`
 */
export function latencies(
  sales: readonly { product: string; timestamp: number }[],
  before: ReadonlyMap<string, number>,
  arrivals: readonly Arrival[],
): number[] {
  const waiting = new Map<string, number[]>();
  for (const { product, timestamp } of sales) {
    const times = waiting.get(product) ?? [];
    waiting.set(product, times);
    times.push(timestamp);
  }
  const counted = new Map(before);
  const list: number[] = [];
  for (const { product, sales, at } of arrivals) {
    const arrived = Math.max(0, sales - (counted.get(product) ?? 0));
    for (const timestamp of waiting.get(product)?.splice(0, arrived) ?? []) {
      list.push(at - timestamp);
    }
    counted.set(product, Math.max(sales, counted.get(product) ?? 0));
  }
  return list.sort((a, b) => a - b);
}
