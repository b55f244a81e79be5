/** What a mapping makes of a sample: outcomes with their reasons, and the totals. */

import type { Judge, JudgedRecord } from "../../mapping/model/judgement.ts";
import { plainReason, reasonKey } from "../../mapping/model/reason.ts";

/** Reasons and products that are kept apart; further ones count in the sums only. */
const REASONS_MAX = 100;
const PRODUCTS_MAX = 10_000;

export interface Reason {
  /** Of the first record that has it; without the indices of lines. */
  readonly text: string;
  readonly records: number;
}

export interface ProductSums {
  readonly product: string;
  /** In millionths; so is `amount`. */
  readonly quantity: bigint;
  readonly amount: bigint;
  readonly sales: number;
  readonly returns: number;
}

/** `records = counted + filtered + deadLetters`. */
export interface Outcomes {
  readonly records: number;
  readonly counted: number;
  readonly lines: number;
  readonly returns: number;
  readonly untimed: number;
  readonly filtered: number;
  readonly deadLetters: number;
  /** The commonest first. */
  readonly reasons: readonly Reason[];
  readonly quantity: bigint;
  readonly amount: bigint;
  /** The largest amount first. */
  readonly products: readonly ProductSums[];
}

export function outcomesOf(judge: Judge, records: Iterable<JudgedRecord>): Outcomes {
  const sum = { records: 0, counted: 0, lines: 0, returns: 0, untimed: 0, filtered: 0 };
  const reasons = new Map<string, { text: string; records: number }>();
  const products = new Map<string, ProductSums>();
  let [quantity, amount] = [0n, 0n];
  for (const record of records) {
    sum.records++;
    const verdict = judge.judge(record);
    if (verdict.kind === "filtered") sum.filtered++;
    else if (verdict.kind === "deadLetter") addReason(reasons, verdict.reason);
    else if (verdict.kind === "awaiting") addReason(reasons, `${verdict.schema.name}: not here`);
    else {
      sum.counted++;
      sum.untimed += verdict.untimed;
      for (const line of verdict.lines) {
        sum.lines++;
        if (line.isReturn) sum.returns++;
        quantity += line.quantity;
        amount += line.amount;
        if (products.has(line.product) || products.size < PRODUCTS_MAX) {
          const before = products.get(line.product) ?? noSums(line.product);
          products.set(line.product, {
            product: line.product,
            quantity: before.quantity + line.quantity,
            amount: before.amount + line.amount,
            sales: before.sales + Number(!line.isReturn),
            returns: before.returns + Number(line.isReturn),
          });
        }
      }
    }
  }
  const byAmount = (a: ProductSums, b: ProductSums) =>
    Number(b.amount > a.amount) - Number(b.amount < a.amount);
  return {
    ...sum,
    deadLetters: sum.records - sum.counted - sum.filtered,
    reasons: [...reasons.values()].sort((a, b) => b.records - a.records),
    quantity,
    amount,
    products: [...products.values()].sort(byAmount),
  };
}

function noSums(product: string): ProductSums {
  return { product, quantity: 0n, amount: 0n, sales: 0, returns: 0 };
}

/** Reasons that differ only in what was received, or in the line, are one. */
function addReason(reasons: Map<string, { text: string; records: number }>, reason: string): void {
  const key = reasonKey(reason);
  const group = reasons.get(key) ?? { text: plainReason(reason), records: 0 };
  if (reasons.has(key) || reasons.size < REASONS_MAX) reasons.set(key, group);
  group.records++;
}
