/** Totals as other programs see them: read and recomputed without any code of Salesboard. */

import { patient, readCommitted } from "./read.ts";

export interface Total {
  totalQuantity: bigint;
  /** In millionths. */
  totalPrice: bigint;
  sales: bigint;
}

export type Totals = Map<string, Total>;

/** The answer of `/api/totals`. */
export interface ApiTotals {
  asOf: string;
  currency: string;
  products: ApiTotal[];
  total: Omit<ApiTotal, "product">;
  filtered: number;
  deadLetters: number;
}

export interface ApiTotal {
  product: string;
  totalQuantity: number;
  totalPrice: string;
  sales: number;
  returns: number;
}

/** What the output topic says: the last record of each product and partition, summed up. */
export async function outputTotals(brokers: string, topic: string): Promise<Totals> {
  const records = new Map<string, Uint8Array | null>();
  for (const { partition, key, value } of await readCommitted({ brokers, topic })) {
    if (key === null || key[0] === 0) continue;
    records.set(`${partition} ${new TextDecoder().decode(key)}`, value);
  }
  const totals: Totals = new Map();
  for (const [where, value] of records) {
    if (value === null) continue;
    const total = JSON.parse(new TextDecoder().decode(value));
    if (!where.endsWith(` ${total.product}`)) throw new Error(`${where} holds ${total.product}`);
    addTo(totals, total.product, {
      totalQuantity: BigInt(total.totalQuantity),
      totalPrice: micros(total.totalPrice),
      sales: BigInt(total.sales),
    });
  }
  return totals;
}

/** Recomputes the totals of a topic of made-up sales, one line at a time. */
export async function inputTotals(brokers: string, topic: string): Promise<Totals> {
  const read = ["-C", "-e", "-q", "-b", brokers, "-t", topic, "-o", "beginning"];
  const child = Bun.spawn(["kcat", ...patient, ...read, "-X", "isolation.level=read_committed"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const decoder = new TextDecoder();
  const totals: Totals = new Map();
  let rest = "";
  for await (const chunk of child.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) addSale(totals, line);
  }
  const status = await child.exited;
  if (status !== 0) throw new Error(`kcat exited with ${status}.`);
  return totals;
}

export function salesIn(totals: Totals): bigint {
  return [...totals.values()].reduce((sum, { sales }) => sum + sales, 0n);
}

/** Comparable, and readable in the message of a failure. */
export function rowsOf(totals: Totals): string[] {
  return [...totals]
    .map(([product, { totalQuantity, totalPrice, sales }]) => {
      return `${product}: ${sales} sales, ${totalQuantity} units, ${totalPrice} millionths`;
    })
    .sort();
}

export function apiRows({ products }: ApiTotals): string[] {
  const totals = products.map(({ product, totalQuantity, totalPrice, sales }) => {
    const price = micros(totalPrice);
    const exact = { totalQuantity: BigInt(totalQuantity), totalPrice: price, sales: BigInt(sales) };
    return [product, exact] as const;
  });
  return rowsOf(new Map(totals));
}

function addSale(totals: Totals, line: string): void {
  const match = /^\{"product":("[^"\\]+"),"quantity":(\d+),"price":([\d.]+)\}$/.exec(line);
  if (!match) throw new Error(`Not a made-up sale: ${line}`);
  const [, product = "", quantity = "", price = ""] = match;
  const totalQuantity = BigInt(quantity);
  const totalPrice = totalQuantity * micros(price);
  addTo(totals, JSON.parse(product), { totalQuantity, totalPrice, sales: 1n });
}

function addTo(totals: Totals, product: string, more: Total): void {
  const sum = totals.get(product);
  if (!sum) totals.set(product, more);
  else {
    sum.totalQuantity += more.totalQuantity;
    sum.totalPrice += more.totalPrice;
    sum.sales += more.sales;
  }
}

function micros(decimal: string): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(6, "0"));
}
