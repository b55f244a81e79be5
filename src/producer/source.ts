/** Where the producer's records come from. */

import { decodeSale, encodeSale, NotASaleError } from "../codec.ts";
import type { OutgoingRecord, RecordBatch } from "../kafka/kafka.ts";
import type { Log } from "../log.ts";
import type { RoleContext } from "../worker.ts";
import { SaleGenerator } from "./generator.ts";
import { readLines } from "./input.ts";

export interface Source {
  /** Appends 1 to `recordsMax` records; false when there are none left. */
  fill(batch: RecordBatch, recordsMax: number): Promise<boolean>;
}

export function saleSource({ config, log }: Pick<RoleContext, "config" | "log">): Source {
  const count = config.count ?? Number.POSITIVE_INFINITY;
  if (config.input !== undefined) return new LineSource(config.input, count, log);
  return new MadeUpSource(config.seed ?? Math.floor(Math.random() * 2 ** 32), count);
}

const encoder = new TextEncoder();

class MadeUpSource implements Source {
  readonly #generator: SaleGenerator;
  readonly #keys = new Map<string, Uint8Array>();
  #left: number;

  constructor(seed: number, count: number) {
    this.#generator = new SaleGenerator(seed);
    this.#left = count;
  }

  async fill(batch: RecordBatch, recordsMax: number): Promise<boolean> {
    const records = Math.min(recordsMax, this.#left);
    for (let i = 0; i < records; i++) {
      const sale = this.#generator.next();
      batch.append({ key: this.#key(sale.product), value: encodeSale(sale) });
    }
    this.#left -= records;
    return records > 0;
  }

  #key(product: string): Uint8Array {
    const known = this.#keys.get(product);
    if (known) return known;
    const key = encoder.encode(product);
    this.#keys.set(product, key);
    return key;
  }
}

/**
 * Every line is sent as it is: what is no sale will stand in the dead-letter topic, not be lost.
 */
class LineSource implements Source {
  readonly #lines: AsyncIterator<Uint8Array>;
  readonly #log: Log;
  /** A record that did not fit the last batch. */
  #heldBack: OutgoingRecord | undefined;
  #left: number;
  #read = 0;
  #broken = 0;

  constructor(path: string, count: number, log: Log) {
    this.#lines = readLines(path);
    this.#left = count;
    this.#log = log;
  }

  async fill(batch: RecordBatch, recordsMax: number): Promise<boolean> {
    while (batch.count < Math.min(recordsMax, this.#left)) {
      const record = this.#heldBack ?? (await this.#next());
      if (!record) break;
      if (!batch.append(record)) {
        this.#heldBack = record;
        if (batch.count > 0) break;
        batch.grow((record.key?.length ?? 0) + (record.value?.length ?? 0));
      } else this.#heldBack = undefined;
    }
    this.#left -= batch.count;
    return batch.count > 0;
  }

  async #next(): Promise<OutgoingRecord | undefined> {
    const { value, done } = await this.#lines.next();
    if (done) {
      if (this.#broken === 0) return undefined;
      this.#log.warning("lines that are no sales were sent", { lines: this.#broken });
      this.#broken = 0;
      return undefined;
    }
    this.#read++;
    try {
      return { key: encoder.encode(decodeSale(value).product), value };
    } catch (error) {
      if (!(error instanceof NotASaleError)) throw error;
      const reason = error.message;
      if (this.#broken++ === 0)
        this.#log.warning("a line is no sale", { line: this.#read, reason });
      return { value };
    }
  }
}
