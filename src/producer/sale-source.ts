/** The sources of the producer's records: the generator, or a file. */

import type { Config } from "../config/config.ts";
import { DEMO_ORDERS_RULES } from "../config/demo-options.ts";
import type { OutgoingRecord, RecordBatch } from "../kafka/kafka.ts";
import type { Log } from "../lib/log.ts";
import { shellQuoted } from "../lib/text.ts";
import { inputJudge } from "../mapping/input-judge.ts";
import type { Judge } from "../mapping/model/judgement.ts";
import { isBinary } from "../mapping/model/schema.ts";
import { fingerprintOf } from "../mapping/rules/fingerprint.ts";
import { parseMapping } from "../mapping/rules/parse.ts";
import type { RoleContext } from "../role.ts";
import { encodeSale } from "../wire/sale-record.ts";
import { SaleGenerator } from "./generator.ts";
import { type Line, readLines, valueOfLine } from "./input.ts";
import { NUMBERS_PER_DAY, OrderGenerator, type OrderRecord } from "./orders.ts";

export interface SaleSource {
  /** Appends 1 to `recordsMax` records; false when there are none left. */
  fill(batch: RecordBatch, recordsMax: number): Promise<boolean>;
}

/** Makes up the next record of a shop, of a time in epoch milliseconds. */
export type Seller = (atMs: number) => OutgoingRecord;

type SourceContext = Pick<RoleContext, "config" | "log" | "signal">;

/** The seed of all that is made up. */
export function seedOf({ seed }: Pick<Config, "seed">): number {
  return seed ?? Math.floor(Math.random() * 2 ** 32);
}

export function saleSource(context: SourceContext, seed = seedOf(context.config)): SaleSource {
  const { config } = context;
  const count = config.count ?? Number.POSITIVE_INFINITY;
  if (config.input !== undefined) return new LineSource(config.input, count, context);
  return config.demo === "orders"
    ? new OrderSource(seed, count, context)
    : new MadeUpSource(seed, count);
}

const encoder = new TextEncoder();

/** What is sold on a day of the past. The same seed gives the same records. */
export function sellerOf(
  seed: number,
  { config, numbered }: { config: Config; numbered: number },
): Seller {
  if (config.demo === "orders") {
    let at = new Date(0);
    const { currency } = config;
    const of = { currency, now: () => at, numbered, isSound: true };
    const generator = new OrderGenerator(seed, of);
    return (atMs) => {
      at = new Date(atMs);
      return orderRecord(generator.next(), config);
    };
  }
  const generator = new SaleGenerator(seed);
  return () => {
    const sale = generator.next();
    return { key: encoder.encode(sale.product), value: encodeSale(sale) };
  };
}

class MadeUpSource implements SaleSource {
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

/** Orders of a shop. The key is the store, so that the records of a store stay in order. */
class OrderSource implements SaleSource {
  readonly #generator: OrderGenerator;
  readonly #config: Config;
  #next: OutgoingRecord | undefined;
  #left: number;

  constructor(seed: number, count: number, { config, log }: SourceContext) {
    const { currency, demoPast } = config;
    const numbered = demoPast > 0 ? (demoPast + 1) * NUMBERS_PER_DAY : 0;
    this.#generator = new OrderGenerator(seed, { currency, now: () => new Date(), numbered });
    this.#config = config;
    this.#left = count;
    const mapping = parseMapping(DEMO_ORDERS_RULES);
    const isFitting = config.mapping && fingerprintOf(config.mapping) === fingerprintOf(mapping);
    if (isFitting) return;
    const rules = DEMO_ORDERS_RULES.replaceAll("\n", "; ");
    log.info("Sending orders. This mapping counts them.", { map: `--map ${shellQuoted(rules)}` });
  }

  /** What does not fit into the batch comes first in the next one. */
  async fill(batch: RecordBatch, recordsMax: number): Promise<boolean> {
    const records = Math.min(recordsMax, this.#left);
    while (batch.count < records) {
      const record = this.#next ?? orderRecord(this.#generator.next(), this.#config);
      this.#next = batch.append(record) ? undefined : record;
      if (this.#next) break;
    }
    this.#left -= batch.count;
    return batch.count > 0;
  }
}

/** On the embedded broker each store has a partition, because its log bounds the products. */
function orderRecord(
  { store, storeName, text }: OrderRecord,
  { isEmbedded, partitions }: Pick<Config, "isEmbedded" | "partitions">,
): OutgoingRecord {
  const record = { key: encoder.encode(storeName), value: encoder.encode(text) };
  return isEmbedded ? { ...record, partition: store % partitions } : record;
}

/** Sends every line unchanged. An invalid sale goes to the dead-letter topic and is not lost. */
class LineSource implements SaleSource {
  readonly #groups: AsyncIterator<readonly Line[]>;
  readonly #log: Log;
  readonly #judge: Judge;
  readonly #isMapped: boolean;
  readonly #isBinary: boolean;
  readonly #topic: string;
  /** Lines that are read and not in a batch yet. */
  #lines: readonly Line[] = [];
  #at = 0;
  #left: number;
  #broken = 0;

  constructor(path: string, count: number, context: SourceContext) {
    const { config, log, signal } = context;
    this.#groups = readLines(path, signal);
    this.#judge = inputJudge(config);
    this.#isBinary = isBinary(config.inputFormat);
    this.#isMapped = config.mapping !== undefined;
    this.#topic = config.inputTopic;
    this.#left = count;
    this.#log = log;
  }

  /** Waits for lines only while the batch is empty, so that available lines are sent at once. */
  async fill(batch: RecordBatch, recordsMax: number): Promise<boolean> {
    if (this.#at === this.#lines.length && this.#left > 0) await this.#readOn();
    const most = Math.min(recordsMax, this.#left);
    while (batch.count < most && this.#at < this.#lines.length) {
      const record = this.#record(this.#lines[this.#at] as Line);
      if (!batch.append(record)) {
        if (batch.count > 0) break;
        batch.grow(2 * (record.value?.length ?? 0));
        batch.append(record);
      }
      this.#at++;
    }
    this.#left -= batch.count;
    return batch.count > 0;
  }

  async #readOn(): Promise<void> {
    const { value, done } = await this.#groups.next();
    this.#lines = done ? [] : value;
    this.#at = 0;
    if (!done || this.#broken === 0) return;
    this.#log.warning("Sent lines that are not valid sales.", { lines: this.#broken });
    this.#broken = 0;
  }

  /**
   * The line unchanged. Sales of one product share a key, so that they stand in one partition; a
   * record of a mapping has none, because the mapping may read the key.
   */
  #record({ number, bytes }: Line): OutgoingRecord {
    // Bytes cannot stand in a line; and what they are only their schema can tell.
    if (this.#isBinary) return { value: valueOfLine(bytes) };
    const record = { topic: this.#topic, key: null, value: bytes, headers: [] };
    const judgement = this.#judge.judge(record);
    if (judgement.kind === "deadLetter") {
      const properties = { line: number, reason: judgement.reason };
      if (this.#broken++ === 0)
        this.#log.warning("A line is not a valid sale; it is sent unchanged.", properties);
    }
    if (judgement.kind !== "counted" || this.#isMapped) return { value: bytes };
    const [line] = judgement.lines;
    return { key: encoder.encode(line?.product), value: bytes };
  }
}
