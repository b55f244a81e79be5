/** Sees the marked sales pass from outside: in both topics, and in the stream of the dashboard. */

import { type Consumer, type Kafka, RecordBatch } from "../../src/kafka/kafka.ts";
import { StreamClient } from "../../tests/dashboard/stream.ts";
import { PARTITION, PRODUCT } from "./marks.ts";
import { Track } from "./track.ts";

const POLL_WAIT_MS = 200;
const decoder = new TextDecoder();

export class Witness {
  /** The broker's own time of each; only where topics have it. */
  readonly appended = new Track();
  readonly read = new Track();
  readonly begun = new Track();
  readonly committed = new Track();
  readonly framed = new Track();
  readonly #clock: () => number;
  readonly #running: Promise<void>[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  #isStopping = false;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Both topics, from their starts. */
  async watchTopics(kafka: Kafka, topics: { input: string; output: string }): Promise<void> {
    let sales = 0;
    await this.#watch(kafka, topics.input, (_value, timestamp, at) => {
      sales++;
      this.appended.note(sales, timestamp);
      this.read.note(sales, at);
    });
    await this.#watch(kafka, topics.output, (value, _timestamp, at) => {
      const { sales, updatedAt } = JSON.parse(decoder.decode(value));
      this.begun.note(sales, Date.parse(updatedAt));
      this.committed.note(sales, at);
    });
  }

  async watchStream(url: string): Promise<void> {
    const { body } = await fetch(`${url}/events`);
    const client = new StreamClient(body as ReadableStream<Uint8Array>);
    this.#closers.push(() => client.cancel());
    this.#running.push(this.#readStream(client));
  }

  async close(): Promise<void> {
    this.#isStopping = true;
    for (const close of this.#closers) await close();
    await Promise.all(this.#running);
  }

  async #watch(
    kafka: Kafka,
    topic: string,
    note: (value: Uint8Array, timestamp: number, at: number) => void,
  ): Promise<void> {
    const reader = kafka.reader({ topic });
    await reader.assign([{ partition: PARTITION, offset: 0 }]);
    this.#running.push(this.#poll(reader, note));
  }

  async #poll(
    reader: Consumer,
    note: (value: Uint8Array, timestamp: number, at: number) => void,
  ): Promise<void> {
    const batch = new RecordBatch({ recordsMax: 10_000, bytesMax: 4 * 1024 * 1024 });
    while (!this.#isStopping) {
      await reader.poll(batch, POLL_WAIT_MS);
      const at = this.#clock();
      for (let i = 0; i < batch.count; i++) {
        const value = isMarked(batch, i) && batch.value(i);
        if (value) note(value, batch.timestamps[i] as number, at);
      }
    }
    await reader.close();
  }

  async #readStream(client: StreamClient): Promise<void> {
    while (!client.ended) {
      const messages = await client.read();
      const at = this.#clock();
      for (const { event, data } of messages) {
        if (event !== "totals") continue;
        const entries = JSON.parse(data) as { product: string; sales: number }[];
        const entry = entries.find(({ product }) => product === PRODUCT);
        if (entry) this.framed.note(entry.sales, at);
      }
    }
  }
}

/** The length says nearly always that it is another product. */
function isMarked(batch: RecordBatch, i: number): boolean {
  const bytes = (batch.keyEnds[i] as number) - batch.start(i);
  const key = bytes === PRODUCT.length ? batch.key(i) : null;
  return key !== null && decoder.decode(key) === PRODUCT;
}
