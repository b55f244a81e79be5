/** Watches a page and its stream through faults; what was shown is held against the topic. */

import type { Page } from "playwright-core";
import { parseMessages } from "../dashboard/stream.ts";
import { readCommitted } from "../support/read.ts";

/** Sales, units and millionths, as one comparable text. */
type Sum = string;

export interface Seen {
  /** Epoch milliseconds. */
  at: number;
  sales: bigint;
  sum: Sum;
  /** Whether a notice said at that moment that totals went down. */
  isLowered: boolean;
}

const RECONNECT_MS = 100;

/** Reads `/events` until it is stopped, over any number of connections. */
export class StreamObserver {
  readonly seen: Seen[] = [];
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #isLowered = false;

  constructor(url: string) {
    this.#running = this.#run(`${url}/events`);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(url: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#read(url).catch(() => {});
      await Bun.sleep(RECONNECT_MS);
    }
  }

  async #read(url: string): Promise<void> {
    const { body } = await fetch(url, { signal: this.#stopping.signal });
    const decoder = new TextDecoder();
    const products = new Map<
      string,
      { totalQuantity: bigint; totalPrice: bigint; sales: bigint }
    >();
    let text = "";
    for await (const chunk of body ?? []) {
      const { messages, rest } = parseMessages(text + decoder.decode(chunk, { stream: true }));
      text = rest;
      for (const { event, data } of messages) {
        if (event === undefined) this.#isLowered ||= data.includes("Totals went down");
        if (event !== "totals") continue;
        for (const entry of JSON.parse(data)) products.set(entry.product, totalOf(entry));
        this.#note([...products.values()]);
      }
    }
  }

  #note(totals: readonly { totalQuantity: bigint; totalPrice: bigint; sales: bigint }[]): void {
    const sum = totals.reduce(plus, nothing);
    const { sales } = sum;
    this.seen.push({ at: Date.now(), sales, sum: textOf(sum), isLowered: this.#isLowered });
  }
}

/** Notes each change of the figures on a page, before the browser paints it. */
export async function recordPage(page: Page): Promise<() => Promise<Seen[]>> {
  await page.addInitScript(() => {
    const seen: unknown[] = [];
    Object.assign(globalThis, { seen });
    let last = "";
    const text = (selector: string) => document.querySelector(selector)?.textContent ?? "";
    const note = () => {
      const figures = [".sales output", ".units output", ".revenue output"].map(text);
      if (figures.join() === last || figures.includes("") || figures.includes("–")) return;
      last = figures.join();
      const isTold = document.querySelector("#lowered:not([hidden])") !== null;
      const isLowered = isTold || text("#notices").includes("Totals went down");
      seen.push({ at: Date.now(), figures, isLowered });
    };
    document.addEventListener("DOMContentLoaded", () => {
      note();
      const everything = { childList: true, characterData: true, subtree: true };
      new MutationObserver(note).observe(document.body, everything);
    });
  });
  return async () => {
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: Raw[] }).seen);
    return seen.map(({ at, figures, isLowered }) => {
      const [sales = 0n, totalQuantity = 0n, totalPrice = 0n] = figures.map((text, i) => {
        return i === 2 ? micros(text) : BigInt(text.replaceAll(",", ""));
      });
      return { at, sales, sum: textOf({ totalQuantity, totalPrice, sales }), isLowered };
    });
  };
}

interface Raw {
  at: number;
  figures: string[];
  isLowered: boolean;
}

/** What was shown and stands at the end of no transaction, whatever each partition had reached. */
export async function neverCommitted(
  seen: readonly Seen[],
  source: { brokers: string; topic: string },
): Promise<Sum[]> {
  let sums = new Set([textOf(nothing)]);
  for (const states of (await committedStates(source)).values()) {
    sums = new Set([...sums].flatMap((sum) => states.map((state) => textOf(plus(of(sum), state)))));
  }
  return seen.map(({ sum }) => sum).filter((sum) => !sums.has(sum));
}

/** Where sales went down without a word. */
export function stepsBack(seen: readonly Seen[]): string[] {
  return seen.flatMap(({ sales, isLowered }, i) => {
    const before = seen[i - 1]?.sales ?? 0n;
    return sales < before && !isLowered ? [`${before} → ${sales}`] : [];
  });
}

/** Sums of each partition, before the first and after each of its transactions. */
async function committedStates(source: { brokers: string; topic: string }) {
  const states = new Map<number, Total[]>();
  const products = new Map<string, Total>();
  const decoder = new TextDecoder();
  for (const { partition, key, value } of await readCommitted(source)) {
    const known = states.get(partition) ?? [nothing];
    states.set(partition, known);
    if (key?.[0] !== 0) {
      products.set(`${partition} ${decoder.decode(key ?? undefined)}`, {
        ...totalOf(JSON.parse(decoder.decode(value ?? undefined))),
      });
      continue;
    }
    const own = [...products].filter(([name]) => name.startsWith(`${partition} `));
    known.push(own.reduce((sum, [, total]) => plus(sum, total), nothing));
  }
  return states;
}

interface Total {
  totalQuantity: bigint;
  totalPrice: bigint;
  sales: bigint;
}

const nothing: Total = { totalQuantity: 0n, totalPrice: 0n, sales: 0n };

function totalOf(entry: { totalQuantity: number; totalPrice: string; sales: number }): Total {
  return {
    totalQuantity: BigInt(entry.totalQuantity),
    totalPrice: micros(entry.totalPrice),
    sales: BigInt(entry.sales),
  };
}

function plus(a: Total, b: Total): Total {
  return {
    totalQuantity: a.totalQuantity + b.totalQuantity,
    totalPrice: a.totalPrice + b.totalPrice,
    sales: a.sales + b.sales,
  };
}

function textOf({ totalQuantity, totalPrice, sales }: Total): Sum {
  return `${sales} sales, ${totalQuantity} units, ${totalPrice} millionths`;
}

function of(sum: Sum): Total {
  const [sales = 0n, totalQuantity = 0n, totalPrice = 0n] = (sum.match(/\d+/g) ?? []).map(BigInt);
  return { totalQuantity, totalPrice, sales };
}

/** Of a decimal, or of an amount as the page writes it. */
function micros(text: string): bigint {
  const [whole = "", decimals = ""] = text.replace(/[$,]/g, "").split(".");
  return BigInt(whole + decimals.padEnd(6, "0"));
}
