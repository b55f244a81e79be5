/** Totals of a contestant, and whether two contestants agree. */

import { type Consumer, type Kafka, RecordBatch } from "../../src/kafka/kafka.ts";

export interface Total {
  quantity: number;
  /** In the currency's unit: for comparison to the cent. */
  revenue: number;
  sales: number;
}

export type Totals = ReadonlyMap<string, Total>;

/** Contestants that add up in floating point are off by some 1e-4 after millions of sales. */
const REVENUE_DIFFERENCE_MAX = 0.005;

/** @throws Error naming the first product whose totals differ */
export function expectEqual(name: string, totals: Totals, other: string, others: Totals): void {
  for (const product of new Set([...totals.keys(), ...others.keys()])) {
    const [one, two] = [totals.get(product), others.get(product)];
    const same =
      one?.sales === two?.sales &&
      one?.quantity === two?.quantity &&
      Math.abs((one?.revenue ?? 0) - (two?.revenue ?? 0)) < REVENUE_DIFFERENCE_MAX;
    if (same) continue;
    const [left, right] = [JSON.stringify(one), JSON.stringify(two)];
    throw new Error(`${product}: ${name} counted ${left}, ${other} ${right}.`);
  }
}

const POLL_WAIT_MS = 20;
/** So long nothing may come, on a busy machine too. */
const SILENCE_MS_MAX = 300_000;
const decoder = new TextDecoder();

/** Follows a topic of totals as CONTRACT has it; a product may stand on several partitions. */
export class OutputTotals {
  readonly #reader: Consumer;
  readonly #partitions: number;
  readonly #batch = new RecordBatch({ recordsMax: 10_000, bytesMax: 4 * 1024 * 1024 });
  /** Partition and product → its last total. */
  readonly #records = new Map<string, Total & { product: string }>();
  #assigned = false;

  constructor(kafka: Kafka, { topic, partitions }: { topic: string; partitions: number }) {
    this.#reader = kafka.reader({ topic });
    this.#partitions = partitions;
  }

  /** Reads what is there now. Returns the sales in the totals. */
  async read(): Promise<number> {
    if (!this.#assigned) await this.#assign();
    for (;;) {
      await this.#reader.poll(this.#batch, POLL_WAIT_MS);
      if (this.#batch.count === 0) break;
      for (let i = 0; i < this.#batch.count; i++) this.#apply(i);
    }
    return [...this.#records.values()].reduce((sum, { sales }) => sum + sales, 0);
  }

  totals(): Totals {
    const totals = new Map<string, Total>();
    for (const { product, quantity, revenue, sales } of this.#records.values()) {
      const sum = totals.get(product) ?? { quantity: 0, revenue: 0, sales: 0 };
      sum.quantity += quantity;
      sum.revenue += revenue;
      sum.sales += sales;
      totals.set(product, sum);
    }
    return totals;
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  async #assign(): Promise<void> {
    const positions = Array.from({ length: this.#partitions }, (_, partition) => ({
      partition,
      offset: 0,
    }));
    await this.#reader.assign(positions);
    this.#assigned = true;
  }

  #apply(i: number): void {
    const key = this.#batch.key(i);
    const value = this.#batch.value(i);
    if (key === null || value === null || key[0] === 0) return;
    const { product, totalQuantity, totalPrice, sales } = JSON.parse(decoder.decode(value));
    this.#records.set(`${this.#batch.partitions[i]} ${product}`, {
      product,
      quantity: totalQuantity,
      revenue: Number(totalPrice),
      sales,
    });
  }
}

/** Reads a topic of totals until it holds those of `sales` sales. */
export async function readTotals(
  kafka: Kafka,
  source: { topic: string; partitions: number; sales: number },
): Promise<Totals> {
  const output = new OutputTotals(kafka, source);
  try {
    let [seen, seenAt] = [-1, 0];
    for (;;) {
      const sales = await output.read();
      if (sales >= source.sales) break;
      if (sales > seen) [seen, seenAt] = [sales, performance.now()];
      if (performance.now() - seenAt > SILENCE_MS_MAX) {
        throw new Error(`${source.topic} has the totals of ${seen} of ${source.sales} sales.`);
      }
    }
    return output.totals();
  } finally {
    await output.close();
  }
}
