/** What the totals must be: the sales as they were sent, folded by code of its own. */

import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { PartitionLog } from "./log.ts";
import type { World } from "./world.ts";

const PRODUCTS = ["Laptop", "Mouse", "Käse", "Tea"];
const encoder = new TextEncoder();

interface Sale {
  product: string;
  quantity: number;
  /** Of one unit, in cents. */
  cents: number;
}

interface Total {
  quantity: number;
  cents: number;
  sales: number;
}

export interface Topics {
  inputTopic: string;
  outputTopic: string;
  deadLetterTopic: string;
}

export class Oracle {
  readonly #world: World;
  readonly #cluster: SimulatedCluster;
  readonly #topics: Topics;
  /** By partition, then offset; undefined is what is no sale. */
  readonly #sent: (Sale | undefined)[][] = [];

  constructor(world: World, cluster: SimulatedCluster, topics: Topics) {
    this.#world = world;
    this.#cluster = cluster;
    this.#topics = topics;
  }

  /** Makes up the next record of the input topic. */
  send(): void {
    const { random, faults } = this.#world;
    const log = random.pick(this.#cluster.topic(this.#topics.inputTopic));
    this.#sent[log.partition] ??= [];
    const sent = this.#sent[log.partition] as (Sale | undefined)[];
    const isPoison = faults.happens("poison");
    const sale = {
      product: random.pick(PRODUCTS),
      quantity: 1 + random.below(9),
      cents: 1 + random.below(500),
    };
    sent[log.high] = isPoison ? undefined : sale;
    const value = isPoison ? '{"product":' : saleText(sale, random.chance(0.1));
    log.append([{ key: null, value: encoder.encode(value) }]);
    this.#world.logsChanged();
  }

  /** Everything sent is in the committed totals. */
  get caughtUp(): boolean {
    const { offsets } = this.#cluster.group;
    const inputs = this.#cluster.topic(this.#topics.inputTopic);
    return inputs.every(({ partition, high }) => high === (offsets.get(partition) ?? 0));
  }

  /** Compares what is committed of a partition, unless something there is still undecided. */
  checkOutput(log: PartitionLog): void {
    const { group } = this.#cluster;
    const { partition } = log;
    if (log.topic !== this.#topics.outputTopic || log.stable < log.high) return;
    if (group.isPending(partition)) return;
    const offset = group.offsets.get(partition) ?? 0;
    const expected = this.#fold(partition, offset);
    const found = visible(log);
    for (const key of new Set([...expected.keys(), ...found.keys()])) {
      const [is, must] = [found.get(key), expected.get(key)];
      if (is === must) continue;
      const what = `partition ${partition} up to offset ${offset}: ${key}`;
      this.#world.violate(`${what} is ${is ?? "missing"}, must be ${must ?? "missing"}`);
    }
  }

  /** Each record that is no sale is one dead letter, if its offset is committed, and else none. */
  checkDeadLetters(): void {
    const counts = new Map<string, number>();
    for (const log of this.#cluster.topic(this.#topics.deadLetterTopic)) {
      for (const { record } of log.read(0, Number.POSITIVE_INFINITY).entries) {
        const where = `${header(record, "source.partition")}/${header(record, "source.offset")}`;
        counts.set(where, (counts.get(where) ?? 0) + 1);
      }
    }
    for (const [partition, sent] of this.#sent.entries()) {
      const offset = this.#cluster.group.offsets.get(partition) ?? 0;
      for (const [at, sale] of (sent ?? []).slice(0, offset).entries()) {
        const where = `${partition}/${at}`;
        const count = counts.get(where) ?? 0;
        if (count !== (sale ? 0 : 1)) this.#world.violate(`${where} has ${count} dead letters`);
        counts.delete(where);
      }
    }
    for (const where of counts.keys()) {
      this.#world.violate(`${where} is a dead letter and not committed`);
    }
  }

  #fold(partition: number, offset: number): Map<string, string> {
    const totals = new Map<string, Total>();
    let sales = 0;
    let deadLetters = 0;
    for (const sale of (this.#sent[partition] ?? []).slice(0, offset)) {
      if (!sale) {
        deadLetters++;
        continue;
      }
      const total = totals.get(sale.product) ?? { quantity: 0, cents: 0, sales: 0 };
      totals.set(sale.product, total);
      total.quantity += sale.quantity;
      total.cents += sale.quantity * sale.cents;
      total.sales++;
      sales++;
    }
    const texts = new Map<string, string>();
    for (const [product, total] of totals) texts.set(product, totalText(total));
    if (offset > 0) texts.set("bookkeeping", noteText({ offset, sales, deadLetters }));
    return texts;
  }
}

/** The latest committed record of each key, as text to compare. */
function visible(log: PartitionLog): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { record } of log.read(0, Number.POSITIVE_INFINITY).entries) {
    if (!record?.key || !record.value) continue;
    const value = JSON.parse(Buffer.from(record.value).toString());
    if (record.key[0] === 0) {
      const { inputOffset: offset, sales, deadLetters } = value;
      texts.set("bookkeeping", noteText({ offset, sales, deadLetters }));
    } else {
      const { totalQuantity: quantity, totalPrice, sales } = value;
      const cents = Math.round(Number(totalPrice) * 100);
      texts.set(Buffer.from(record.key).toString(), totalText({ quantity, cents, sales }));
    }
  }
  return texts;
}

function totalText({ quantity, cents, sales }: Total): string {
  return `${sales} sales, ${quantity} units, ${cents} cents`;
}

function noteText(note: { offset: number; sales: number; deadLetters: number }): string {
  return `offset ${note.offset}, ${note.sales} sales, ${note.deadLetters} dead letters`;
}

function saleText({ product, quantity, cents }: Sale, isUnusual: boolean): string {
  const price = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
  const name = JSON.stringify(product);
  if (isUnusual) return `{ "price" : ${price}e0, "quantity" : ${quantity}, "product" : ${name} }`;
  return `{"product":${name},"quantity":${quantity},"price":${price}}`;
}

function header(record: OutgoingRecord | undefined, name: string): string {
  const value = record?.headers?.find((each) => each.name === name)?.value;
  return value ? Buffer.from(value).toString() : "";
}
