/**
 * Makes up the records of a chain of shops: orders with lines and discounts, refunds, shipments,
 * payments that were declined, and now and then a broken record. The same seed gives the same
 * records; only their times are those that they are asked for.
 */

import { CATALOGUE } from "./catalogue.ts";
import { cumulativeZipf, mulberry32 } from "./chance.ts";

export interface OrderRecord {
  /** The number of the store, from 0: a store sells what no other does. */
  readonly store: number;
  readonly storeName: string;
  /** JSON, unless the record is broken. */
  readonly text: string;
}

interface Store {
  readonly name: string;
  /** Places in the catalogue, best sellers first. */
  readonly goods: readonly number[];
}

interface OrderLine {
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  /** In cents, like all amounts here. */
  readonly price: number;
  readonly discount: number;
}

interface Order {
  readonly number: string;
  readonly store: number;
  readonly method: string;
  readonly lines: readonly OrderLine[];
}

/**
 * Six products each, because the embedded broker keeps the last 2 MB of a partition, and totals and
 * slots of more products would not be written again in time.
 */
const STORES: readonly Store[] = [
  { name: "Boston Mobile", goods: [0, 2, 6, 7, 12, 19] },
  { name: "Austin Computers", goods: [4, 5, 8, 10, 11, 18] },
  { name: "Denver Sound & Vision", goods: [1, 3, 9, 13, 15, 17] },
  { name: "Seattle Play & Home", goods: [14, 16, 20, 21, 22, 23] },
];
const FIRST_NUMBER = 104_233;
const FIRST_REFUND = 1;
/** A day of the past has numbers of its own. It never needs as many. */
export const NUMBERS_PER_DAY = 4_000;
const LINES_MAX = 3;
/** Orders that can be refunded or shipped later. */
const RECENT_MAX = 50;
/** Of a thousand records. */
const BROKEN_PERMILLE = 7;
const REFUND_PERMILLE = 50;
const SHIPMENT_PERMILLE = 60;
/** Of a thousand orders. */
const DECLINED_PERMILLE = 20;
const DISCOUNTED_PERMILLE = 180;
const METHODS = ["card", "card", "card", "paypal", "gift_card"];
const REASONS = ["damaged", "changed_mind", "wrong_item", "late_delivery"];
const CARRIERS = ["UPS", "FedEx", "USPS"];

export interface OrderOptions {
  readonly currency: string;
  /** The time of the next record. */
  readonly now: () => Date;
  /** Orders, and refunds, that bear a number already. */
  readonly numbered?: number;
  /** No record is broken, as if all those had been mended. */
  readonly isSound?: boolean;
}

/** An endless sequence of records. `seed` is an unsigned 32-bit integer. */
export class OrderGenerator {
  readonly #random: () => number;
  readonly #currency: string;
  readonly #now: () => Date;
  readonly #popularity = cumulativeZipf(STORES[0]?.goods.length ?? 1);
  readonly #isSound: boolean;
  readonly #recent: Order[] = [];
  #nextOrder: number;
  #nextRefund: number;

  constructor(seed: number, { currency, now, numbered = 0, isSound = false }: OrderOptions) {
    this.#random = mulberry32(seed);
    this.#currency = currency;
    this.#now = now;
    this.#isSound = isSound;
    this.#nextOrder = FIRST_NUMBER + numbered;
    this.#nextRefund = FIRST_REFUND + numbered;
  }

  next(): OrderRecord {
    const kind = this.#random() * 1000;
    const past = this.#recent.length > 0 ? this.#pick(this.#recent) : undefined;
    if (past && kind < REFUND_PERMILLE) return this.#refund(past);
    if (past && kind < REFUND_PERMILLE + SHIPMENT_PERMILLE) return this.#shipment(past);
    const isBroken = !this.#isSound && kind >= 1000 - BROKEN_PERMILLE;
    const order = this.#order();
    return isBroken ? this.#broken(order) : this.#placed(order);
  }

  #placed(order: Order): OrderRecord {
    const isDeclined = this.#random() * 1000 < DECLINED_PERMILLE;
    if (!isDeclined) this.#remember(order);
    return record(order, this.#body(order, isDeclined ? "declined" : "paid"));
  }

  #body(order: Order, status: string) {
    const { number, store, method, lines } = order;
    return {
      type: "order",
      order_number: number,
      store: STORES[store]?.name,
      channel: this.#random() < 0.6 ? "web" : "pos",
      placed_at: this.#now().toISOString(),
      currency: this.#currency,
      customer: { id: `C-${20_000 + this.#below(60_000)}`, country: "US" },
      lines: lines.map(lineBody),
      payment: { method, status },
      total: amount(lines.reduce((sum, line) => sum + totalOf(line), 0)),
    };
  }

  /** One line comes back, as it was paid for: as positive numbers, like most shops write them. */
  #refund(order: Order): OrderRecord {
    const line = this.#pick(order.lines);
    this.#forget(order);
    const reason = this.#pick(REASONS);
    return record(order, {
      type: "refund",
      refund_number: `RF-${String(this.#nextRefund++).padStart(5, "0")}`,
      order_number: order.number,
      store: STORES[order.store]?.name,
      placed_at: this.#now().toISOString(),
      currency: this.#currency,
      reason,
      lines: [lineBody(line)],
      payment: { method: order.method, status: "refunded" },
      total: amount(totalOf(line)),
    });
  }

  /** Not about a sale: the mapping filters the record. */
  #shipment(order: Order): OrderRecord {
    return record(order, {
      type: "shipment",
      order_number: order.number,
      store: STORES[order.store]?.name,
      shipped_at: this.#now().toISOString(),
      carrier: this.#pick(CARRIERS),
      tracking: `1Z${100_000 + this.#below(900_000)}`,
    });
  }

  /** As a till with a fault, another country's shop, or a cut connection leaves an order. */
  #broken(order: Order): OrderRecord {
    const body = this.#body(order, "paid");
    const [first, ...others] = body.lines;
    const fault = this.#below(4);
    if (fault === 0)
      return record(order, { ...body, lines: [{ ...first, total: "n/a" }, ...others] });
    if (fault === 1)
      return record(order, { ...body, lines: [{ ...first, title: null }, ...others] });
    if (fault === 2)
      return record(order, { ...body, currency: this.#currency === "CAD" ? "USD" : "CAD" });
    const { text, ...rest } = record(order, body);
    return { ...rest, text: text.slice(0, Math.floor(text.length / 2)) };
  }

  #order(): Order {
    const store = this.#below(STORES.length);
    const number = `SO-${this.#nextOrder++}`;
    const roll = this.#random();
    const count = roll < 0.55 ? 1 : roll < 0.85 ? 2 : LINES_MAX;
    const lines = new Map<string, OrderLine>();
    for (let i = 0; i < count; i++) {
      const line = this.#line(STORES[store]?.goods ?? []);
      lines.set(line.sku, line);
    }
    return { number, store, method: this.#pick(METHODS), lines: [...lines.values()] };
  }

  #line(goods: readonly number[]): OrderLine {
    const pick = this.#random();
    const good = goods[this.#popularity.findIndex((share) => pick < share)] ?? 0;
    const [title, price] = CATALOGUE[good] ?? ["", 0];
    const quantity = this.#random() < 0.8 ? 1 : 1 + this.#below(price < 10_000 ? 4 : 2);
    const isDiscounted = this.#random() * 1000 < DISCOUNTED_PERMILLE;
    const percent = isDiscounted ? this.#pick([5, 10, 20]) : 0;
    const discount = Math.floor((price * quantity * percent) / 100);
    const sku = `EL-${String(1_000 + good * 17)}`;
    return { sku, title, quantity, price, discount };
  }

  #remember(order: Order): void {
    this.#recent.push(order);
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
  }

  /** An order is refunded at most once. */
  #forget(order: Order): void {
    this.#recent.splice(this.#recent.indexOf(order), 1);
  }

  #pick<T>(of: readonly T[]): T {
    return of[this.#below(of.length)] as T;
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }
}

function record({ store }: Order, body: object): OrderRecord {
  return { store, storeName: STORES[store]?.name ?? "", text: JSON.stringify(body) };
}

function lineBody(line: OrderLine) {
  const { sku, title, quantity, price, discount } = line;
  return {
    sku,
    title: title as string | null,
    quantity,
    unit_price: amount(price),
    discount: amount(discount),
    total: amount(totalOf(line)),
  };
}

function totalOf({ quantity, price, discount }: OrderLine): number {
  return quantity * price - discount;
}

/** Cents → a text with two decimals. */
function amount(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}
