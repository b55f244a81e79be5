/** Records for judges in tests, and their totals. */

import { utc } from "../../src/mapping/exact/zone.ts";
import { compileMapping, type InputFormat } from "../../src/mapping/judge.ts";
import type {
  Judge,
  JudgedRecord,
  Judgement,
  SaleLine,
} from "../../src/mapping/model/judgement.ts";
import type { Schemas } from "../../src/mapping/model/schema.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";

const encoder = new TextEncoder();

export function record(
  value: string | Uint8Array | null,
  options: { key?: string; topic?: string; headers?: Record<string, string> } = {},
): JudgedRecord {
  const { key, topic = "sales", headers = {} } = options;
  return {
    topic,
    key: key === undefined ? null : encoder.encode(key),
    value: typeof value === "string" ? encoder.encode(value) : value,
    headers: Object.entries(headers).map(([name, text]) => ({ name, value: encoder.encode(text) })),
  };
}

export function judgeOf(
  rules: string,
  { format = "json", currency = "USD", zone = utc, schemas } = {} as {
    format?: InputFormat;
    schemas?: Schemas;
    currency?: string;
    zone?: typeof utc;
  },
): Judge {
  return compileMapping(parseMapping(rules, { hasComments: true }), {
    format,
    currency,
    zone,
    schemas,
  });
}

/** What is told of a verdict at a glance: `Kettle 2 · 49.90`, `filtered`, or the reason. */
export function told(verdict: Judgement): string[] {
  if (verdict.kind === "awaiting") return [`waits for ${verdict.schema.name}`];
  if (verdict.kind === "filtered") return ["filtered"];
  if (verdict.kind === "deadLetter") return [verdict.reason];
  return verdict.lines.map(toldLine);
}

export function toldLine({ product, quantity, amount, timestamp, isReturn }: SaleLine): string {
  const time = timestamp === undefined ? "" : ` at ${new Date(timestamp).toISOString()}`;
  return `${product} ${units(quantity)} · ${units(amount, 2)}${time}${isReturn ? " return" : ""}`;
}

/** Millionths as a decimal without superfluous zeros, but with `decimals` at least. */
export function units(micros: bigint, decimals = 0): string {
  const digits = String(micros < 0n ? -micros : micros).padStart(7, "0");
  const fraction = digits.slice(-6).replace(/0+$/, "").padEnd(decimals, "0");
  const sign = micros < 0n ? "-" : "";
  return `${sign}${digits.slice(0, -6)}${fraction && `.${fraction}`}`;
}

/** What becomes of one record, told at a glance. */
export function outcome(rules: string, value: unknown, options: Parameters<typeof record>[1] = {}) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return told(judgeOf(rules).judge(record(text, options)));
}

/** The same, joined by commas. */
export const one = (rules: string, value: unknown, options: Parameters<typeof record>[1] = {}) =>
  outcome(rules, value, options).join();

/** Totals over many verdicts, as the shared cases state them. */
export class Tally {
  sales = 0;
  returns = 0;
  filtered = 0;
  untimed = 0;
  readonly deadLetters: { line: number; reason: string }[] = [];
  readonly #products = new Map<string, { q: bigint; a: bigint; sales: number; returns: number }>();
  #records = 0;

  add(verdict: Judgement): void {
    this.#records++;
    if (verdict.kind === "awaiting") throw new Error(`It waits for ${verdict.schema.name}`);
    if (verdict.kind === "filtered") this.filtered++;
    else if (verdict.kind === "deadLetter") {
      this.deadLetters.push({ line: this.#records, reason: verdict.reason });
    } else {
      this.untimed += verdict.untimed;
      for (const line of verdict.lines) this.#addLine(line);
    }
  }

  get records(): number {
    return this.#records;
  }

  get products() {
    return [...this.#products]
      .map(([product, { q, a, sales, returns }]) => ({
        product,
        totalQuantity: units(q),
        totalPrice: units(a, 2),
        sales,
        returns,
      }))
      .sort((a, b) => (a.product < b.product ? -1 : 1));
  }

  #addLine({ product, quantity, amount, isReturn }: SaleLine): void {
    const total = this.#products.get(product) ?? { q: 0n, a: 0n, sales: 0, returns: 0 };
    this.#products.set(product, total);
    total.q += quantity;
    total.a += amount;
    if (isReturn) {
      total.returns++;
      this.returns++;
    } else {
      total.sales++;
      this.sales++;
    }
  }
}
