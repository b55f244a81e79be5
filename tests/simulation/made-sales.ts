/** Sales as the simulation makes them up: what they are, and the text of their record. */

import type { Sale } from "./ledger.ts";
import type { Random } from "./random.ts";

const PRODUCTS = ["Laptop", "Mouse", "Käse", "Tea"];
/** How the aggregator reads orders. */
export const ORDER_RULES =
  "lines: items[]; product: product; quantity: quantity; price: cents / 100; time: $.at ms; " +
  "only: $.kind in (order); only: void in (false); minus: back in (true)";

/** How it reads what the lines of orders are counted by. */
export const DIMENSION_RULES = "; by shelf: shelf; by shop: $.shop + $.till";

/** Of a shelf; the empty one is none, and neither is null. */
const SHELVES = ["left", "right", "", null];

export type Times = Pick<Sale, "timestamp" | "recordMs">;

interface Made {
  lines: Sale[];
  text: string;
}

function lineOf(random: Random, times: Times): Sale {
  const figures = { quantity: 1 + random.below(9), cents: 1 + random.below(500) };
  return { product: random.pick(PRODUCTS), ...figures, isReturn: false, ...times };
}

export function flatSaleOf(random: Random, times: Times): Made {
  const sale = lineOf(random, times);
  return { lines: [sale], text: saleText(sale, random.chance(0.1)) };
}

/**
 * Of up to three lines, some of them void or returned; or a record that is no order. `isBy`: it has
 * what the dimensions ask for.
 */
export function orderOf(random: Random, times: Times, isBy: boolean): Made {
  // Both are there, or the order has no shop.
  const shop = isBy ? { shop: random.pick(["Nord", null]), till: random.below(2) } : {};
  const lines = Array.from({ length: random.below(4) }, () => ({
    ...lineOf(random, times),
    isReturn: random.chance(0.3),
    isVoid: random.chance(0.2),
    ...(isBy && { shelf: random.pick(SHELVES) }),
  }));
  const kind = random.chance(0.9) ? "order" : "note";
  const items = lines.map(({ product, quantity, cents, isReturn, isVoid, shelf }) => {
    return { product, quantity, cents, back: isReturn, void: isVoid, shelf };
  });
  const place = shop.shop ? `${shop.shop}${shop.till}` : "(none)";
  const counted = (kind === "order" ? lines.filter(({ isVoid }) => !isVoid) : []).map((line) => {
    return { ...line, by: { shop: place, shelf: line.shelf || "(none)" } };
  });
  return { lines: counted, text: JSON.stringify({ kind, at: times.timestamp, items, ...shop }) };
}

function saleText(sale: Sale, isUnusual: boolean): string {
  const { product, quantity, cents, timestamp } = sale;
  const price = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
  const name = JSON.stringify(product);
  if (isUnusual) {
    const time = timestamp === undefined ? "" : `, "timestamp" : "${isoText(timestamp)}"`;
    return `{ "price" : ${price}e0, "quantity" : ${quantity}, "product" : ${name}${time} }`;
  }
  const time = timestamp === undefined ? "" : `,"timestamp":${timestamp}`;
  return `{"product":${name},"quantity":${quantity},"price":${price}${time}}`;
}

function isoText(ms: number): string {
  return new Date(ms).toISOString();
}
