/**
 * The decoder against the oracle: for any bytes they agree whether it is a sale, and which.
 * The same sample each time; `npm run fuzz` does ten million others. FUZZ_SEED repeats a run.
 */

import { expect, test } from "bun:test";
import { MICROS_PER_UNIT } from "../../src/domain/money.ts";
import { ProductIndex } from "../../src/domain/products.ts";
import { RecordBatch } from "../../src/kafka/batch.ts";
import { native } from "../../src/kafka/native.ts";
import { SaleSums } from "../../src/kafka/sums.ts";
import { utc } from "../../src/mapping/exact/zone.ts";
import { flatJudge } from "../../src/mapping/flat.ts";
import type { Judgement } from "../../src/mapping/model/judgement.ts";
import { decodeSale, NotASaleError } from "../support/decode-sale.ts";
import { flatProgram } from "../support/programs.ts";
import { casesOf } from "../support/seed.ts";
import { nearlySale, Random } from "./generate.ts";
import { type ExactSale, oracle } from "./oracle.ts";

const cases = casesOf(100_000);
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
/** At the rate of a slow machine. */
const timeoutMs = 600_000 + cases / 5;

const flat = flatJudge({ zone: utc });
const encoder = new TextEncoder();
const batch = new RecordBatch({ recordsMax: 1, bytesMax: 10_000 });
const sums = new SaleSums(1, { program: flatProgram, isBySecond: true });
/** When the records of the sales were written. */
const recordedAt = Date.UTC(2026, 10, 24);

function judge(bytes: Uint8Array): ExactSale | undefined {
  try {
    const { product, quantity, price, timestamp } = decodeSale(bytes);
    const time = timestamp === undefined ? undefined : BigInt(timestamp);
    return { product, quantity: BigInt(quantity), price, timestamp: time };
  } catch (error) {
    if (error instanceof NotASaleError) return undefined;
    throw error;
  }
}

test(
  `${cases} cases of seed ${seed}: judge, scanner and oracle agree`,
  () => {
    const random = new Random(seed);
    const products = new ProductIndex();
    const seen = { sales: 0, scanned: 0 };
    for (let i = 0; i < cases; i++) {
      const bytes = nearlySale(random);
      const expected = oracle(bytes);
      const judged = judge(bytes);
      if (!Bun.deepEquals(judged, expected)) {
        expect({ case: i, text: text(bytes), judged }).toEqual({
          case: i,
          text: text(bytes),
          judged: expected,
        });
      }
      if (expected) {
        seen.sales++;
        products.findOrAdd(encoder.encode(expected.product));
      }
      const scanned = scan(bytes, products);
      if (!scanned) continue;
      seen.scanned++;
      const counted = summedUpBy(
        flat.judge({ topic: "sales", key: null, value: bytes, headers: [] }),
      );
      if (!Bun.deepEquals(scanned, counted)) {
        expect({ case: i, text: text(bytes), scanned }).toEqual({
          case: i,
          text: text(bytes),
          scanned: counted as never,
        });
      }
      // A time that the oracle does not know never costs the sale.
      const forgiven = expected ?? oracle(bytes, { forgivesTime: true });
      const wanted = expected
        ? summedUp(expected)
        : forgiven && { ...summedUp(forgiven), second: scanned.second };
      if (!Bun.deepEquals(scanned, wanted)) {
        expect({ case: i, text: text(bytes), scanned }).toEqual({
          case: i,
          text: text(bytes),
          scanned: wanted as never,
        });
      }
    }
    console.log(`${seen.sales} sales, ${seen.scanned} of them by the scanner, of ${cases} cases`);
    // Cases that are all refused, or all slow, would prove little.
    expect(seen.sales).toBeGreaterThan(cases / 10);
    expect(seen.scanned).toBeGreaterThan(cases / 20);
  },
  timeoutMs,
);

/** What the fast path makes of it, or undefined when it declines. */
function scan(bytes: Uint8Array, products: ProductIndex) {
  batch.clear();
  batch.append({ value: bytes, partition: 0, timestamp: recordedAt });
  sums.known = new Map([[0, [products.memory]]]);
  if (native.sumUp(batch.memory, ...sums.asArguments()).length === 0) return undefined;
  return {
    product: products.name(sums.products[0] as number),
    quantity: BigInt(sums.quantities[0] as number) / MICROS_PER_UNIT,
    amount: BigInt(sums.amounts[0] as number),
    second: sums.seconds[0],
  };
}

function summedUp({ product, quantity, price, timestamp }: ExactSale) {
  const ms = Math.min(recordedAt, Number(timestamp ?? recordedAt));
  return { product, quantity, amount: quantity * price, second: Math.floor(ms / 1000) };
}

/** The same of the judge that counts flat sales: it must be one line, of whole units. */
function summedUpBy(judgement: Judgement) {
  if (judgement.kind !== "counted") return undefined;
  const [line] = judgement.lines;
  if (!line) return undefined;
  const { product, quantity, amount, timestamp } = line;
  const ms = Math.min(recordedAt, timestamp ?? recordedAt);
  return { product, quantity: quantity / MICROS_PER_UNIT, amount, second: Math.floor(ms / 1000) };
}

function text(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes));
}
