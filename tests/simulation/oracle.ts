/** What the totals must be: the sales as they were sent, folded by code of its own. */

import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import type { SimulatedCluster } from "./cluster.ts";
import { Ledger, type Sale, type Sent } from "./ledger.ts";
import type { PartitionLog } from "./log.ts";
import type { World } from "./world.ts";

const PRODUCTS = ["Laptop", "Mouse", "Käse", "Tea"];
const encoder = new TextEncoder();

export interface Topics {
  inputTopic: string;
  outputTopic: string;
  deadLetterTopic: string;
}

export class Oracle {
  readonly #world: World;
  readonly #cluster: SimulatedCluster;
  readonly #topics: Topics;
  /** By partition, then offset. */
  readonly #sent: Sent[][] = [];
  readonly #ledgers = new Map<number, Ledger>();
  /** How many records each partition says it has skipped. */
  readonly #skipped = new Map<number, number>();

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
    const sent = this.#sent[log.partition] as Sent[];
    const isPoison = faults.happens("poison");
    const sale = {
      product: random.pick(PRODUCTS),
      quantity: 1 + random.below(9),
      cents: 1 + random.below(500),
    };
    sent[log.high] = isPoison ? "poison" : sale;
    const where = `${log.partition}/${log.high}`;
    const value = isPoison ? poison(where) : saleText(sale, random.chance(0.1));
    log.append([{ key: null, value: encoder.encode(value) }]);
    this.#world.logsChanged();
  }

  /**
   * Retention removes some of a partition's input, also what the group has not read. Once for each
   * partition, so that the number of skipped records says which they were; and only of one that has
   * totals, for a group that starts later knows of no earlier record.
   */
  removeOldest(): void {
    const { random } = this.#world;
    const log = random.pick(this.#cluster.topic(this.#topics.inputTopic));
    const committed = this.#cluster.group.offsets.get(log.partition) ?? 0;
    if (log.low > 0 || committed === 0) return;
    log.truncate(committed + random.below(log.high - committed + 1));
    this.#world.trace("retention", log.partition, committed, log.low);
    this.#world.logsChanged();
  }

  /** Everything sent is in the committed totals. */
  get caughtUp(): boolean {
    const { offsets } = this.#cluster.group;
    const inputs = this.#cluster.topic(this.#topics.inputTopic);
    return inputs.every(({ partition, high }) => high === (offsets.get(partition) ?? 0));
  }

  /**
   * Compares what is committed of a partition, unless something there is still undecided: all that
   * has changed since the last time, or `fromStart` everything, as a reader that begins now.
   */
  checkOutput(log: PartitionLog, { fromStart = false } = {}): void {
    const { group } = this.#cluster;
    const { partition } = log;
    if (log.topic !== this.#topics.outputTopic || log.stable < log.high) return;
    if (group.isPending(partition)) return;
    const known = fromStart ? undefined : this.#ledgers.get(partition);
    const ledger = known ?? new Ledger();
    this.#ledgers.set(partition, ledger);
    const offset = group.offsets.get(partition) ?? 0;
    ledger.read(log);
    this.#noteSkipped(partition, ledger);
    ledger.fold(this.#sent[partition] ?? [], offset);
    for (const { key, is, must } of ledger.differences()) {
      const what = `partition ${partition} up to offset ${offset}: ${key}`;
      this.#world.violate(`${what} is ${is ?? "missing"}, must be ${must ?? "missing"}`);
    }
  }

  /** Records that are skipped are in no total, and no others than those that were removed. */
  #noteSkipped(partition: number, { skipped, folded }: Ledger): void {
    const noted = this.#skipped.get(partition) ?? 0;
    if (skipped === noted) return;
    this.#skipped.set(partition, skipped);
    this.#world.met.add("input skipped");
    const { low } = this.#cluster.log(this.#topics.inputTopic, partition);
    if (noted > 0 || low - skipped < folded) {
      const what = `partition ${partition} skips ${skipped} records before offset ${low}`;
      this.#world.violate(`${what}; it had skipped ${noted} and read up to offset ${folded}`);
    } else this.#sent[partition]?.fill("skipped", low - skipped, low);
  }

  /** Each record that is no sale is one dead letter, if its offset is committed, and else none. */
  checkDeadLetters(): void {
    const counts = new Map<string, number>();
    for (const log of this.#cluster.topic(this.#topics.deadLetterTopic)) {
      for (const { record } of log.read(0, Number.POSITIVE_INFINITY).entries) {
        const where = `${header(record, "source.partition")}/${header(record, "source.offset")}`;
        counts.set(where, (counts.get(where) ?? 0) + 1);
        const value = record?.value ? Buffer.from(record.value).toString() : "";
        if (value !== poison(where)) this.#world.violate(`dead letter ${where} is ${value}`);
      }
    }
    for (const [partition, sent] of this.#sent.entries()) {
      const offset = this.#cluster.group.offsets.get(partition) ?? 0;
      for (const [at, each] of (sent ?? []).slice(0, offset).entries()) {
        const where = `${partition}/${at}`;
        const count = counts.get(where) ?? 0;
        if (count !== (each === "poison" ? 1 : 0))
          this.#world.violate(`${where} has ${count} dead letters`);
        counts.delete(where);
      }
    }
    for (const where of counts.keys()) {
      this.#world.violate(`${where} is a dead letter and not committed`);
    }
  }
}

/** What is no sale, and each unlike the others. */
function poison(where: string): string {
  return `{"product":"${where}`;
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
