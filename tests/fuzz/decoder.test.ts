/**
 * The decoder against the oracle: for any bytes they agree whether it is a sale, and which.
 * The same sample each time; `npm run fuzz` does ten million others. FUZZ_SEED repeats a run.
 */

import { expect, test } from "bun:test";
import { decodeSale, NotASaleError } from "../../src/codec.ts";
import { ProductIndex } from "../../src/products.ts";
import { SaleScanner } from "../../src/scanner.ts";
import { nearlySale, Random } from "./generate.ts";
import { type ExactSale, oracle } from "./oracle.ts";

const cases = Number(Bun.env.FUZZ_CASES ?? 200_000);
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
/** At the rate of a slow machine. */
const timeoutMs = 30_000 + cases / 20;

const encoder = new TextEncoder();
const scanner = new SaleScanner();

function judge(bytes: Uint8Array): ExactSale | undefined {
  try {
    const { product, quantity, price } = decodeSale(bytes);
    return { product, quantity: BigInt(quantity), price };
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
      if (!scanner.scan({ bytes, view: viewOf(bytes) }, 0, bytes.length, products)) continue;
      seen.scanned++;
      const scanned = {
        product: products.name(scanner.product),
        quantity: BigInt(scanner.quantity),
        amount: BigInt(scanner.amount),
      };
      const amount = expected && expected.quantity * expected.price;
      if (expected && scanned.product === expected.product && scanned.amount === amount) continue;
      expect({ case: i, text: text(bytes), scanned }).toEqual({
        case: i,
        text: text(bytes),
        scanned: expected as never,
      });
    }
    console.log(`${seen.sales} sales, ${seen.scanned} of them by the scanner, of ${cases} cases`);
    // Cases that are all refused, or all slow, would prove little.
    expect(seen.sales).toBeGreaterThan(cases / 10);
    expect(seen.scanned).toBeGreaterThan(cases / 20);
  },
  timeoutMs,
);

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function text(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes));
}
