/** What the stream has said so far: the totals, and how old they are. */

import { z } from "zod";
import { type Micros, NumberSource, parseAmount, parseQuantity } from "../domain/money.ts";
import { parseWithLongNumbers } from "../wire/json.ts";
import type { RowOrder } from "./keys.ts";
import type { StreamMessage } from "./messages.ts";

/** With all of its digits. */
const exactNumber = z
  .union([z.number(), z.instanceof(NumberSource)])
  .transform((value) => (typeof value === "number" ? String(value) : value.text));

const entriesSchema = z.array(
  z.object({
    product: z.string(),
    totalQuantity: exactNumber,
    // Null on a stream whose amounts are masked.
    totalPrice: z.string().nullable(),
    sales: exactNumber,
  }),
);

const heartbeatSchema = z.object({
  t: z.number(),
  asOf: z.number().nullable(),
  state: z.string(),
});

export interface ProductTally {
  readonly product: string;
  /** With all of its digits. */
  readonly units: string;
  /** Undefined = masked. */
  readonly revenue: Micros | undefined;
  readonly sales: bigint;
}

export type StreamHeartbeat = z.infer<typeof heartbeatSchema>;

export class Tally {
  readonly #products = new Map<string, ProductTally>();
  /** The first message with totals has all of them. */
  isWhole = false;

  heartbeat: StreamHeartbeat | undefined;

  /** @param heartbeat of the stream before, until this one has its first */
  constructor(heartbeat?: StreamHeartbeat) {
    this.heartbeat = heartbeat;
  }

  get size(): number {
    return this.#products.size;
  }

  /** False when the message changes nothing here. @throws Error when it cannot be read */
  take({ event, data }: StreamMessage): boolean {
    if (event === "hb") {
      this.heartbeat = heartbeatSchema.parse(JSON.parse(data));
      return true;
    }
    if (event !== "totals") return false;
    for (const entry of entriesSchema.parse(parseWithLongNumbers(data))) {
      const { product, totalQuantity: units, totalPrice, sales } = entry;
      const revenue = totalPrice === null ? undefined : parseAmount(totalPrice);
      this.#products.set(product, { product, units, revenue, sales: BigInt(sales) });
    }
    this.isWhole = true;
    return true;
  }

  /** The largest first, and names from A to Z; where amounts are masked, the most sales. */
  rows(order: RowOrder = "revenue"): ProductTally[] {
    const size = sizes[order];
    return [...this.#products.values()].sort(
      (a, b) =>
        Number(size(b) > size(a)) - Number(size(b) < size(a)) ||
        Number(a.product > b.product) - Number(a.product < b.product),
    );
  }
}

const sizes: Readonly<Record<RowOrder, (of: ProductTally) => bigint>> = {
  revenue: ({ revenue, sales }) => revenue ?? sales,
  units: ({ units }) => parseQuantity(units) ?? 0n,
  sales: ({ sales }) => sales,
  product: () => 0n,
};
