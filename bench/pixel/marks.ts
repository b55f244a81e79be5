/** The sales that are watched: all of one product, so that its count says which one is there. */

import { type Kafka, type Producer, RecordBatch } from "../../src/kafka/kafka.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";

export const PRODUCT = "Pixel";
/** All of them, so that what reads them need not read the rest. */
export const PARTITION = 0;
const FLUSH_MS_MAX = 60_000;

export class Marks {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #clock: () => number;
  readonly #batch = new RecordBatch({ recordsMax: 1, bytesMax: 1024 });
  /** When each was handed to the producer, epoch milliseconds; the first is number 1. */
  readonly sentAt: number[] = [];

  constructor(kafka: Kafka, topic: string, clock: () => number) {
    this.#producer = kafka.producer();
    this.#topic = topic;
    this.#clock = clock;
    this.#batch.append({
      key: new TextEncoder().encode(PRODUCT),
      value: encodeSale({ product: PRODUCT, quantity: 1, price: 1_000_000n }),
      partition: PARTITION,
    });
  }

  /** Sends one after the other for `seconds`, a random time within `gapMs` apart. */
  async send({ gapMs, seconds }: { gapMs: readonly [number, number]; seconds: number }) {
    const [least, most] = gapMs;
    const endAt = this.#clock() + seconds * 1000;
    while (this.#clock() < endAt) {
      await Bun.sleep(least + Math.random() * (most - least));
      this.sentAt.push(this.#clock());
      const taken = this.#producer.produce(this.#topic, this.#batch);
      if (taken !== 1) throw new Error("Cannot send a marked sale: the producer's queue is full");
    }
  }

  async close(): Promise<void> {
    await this.#producer.flush(FLUSH_MS_MAX);
    await this.#producer.close();
  }
}
