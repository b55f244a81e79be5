import { describe, expect, test } from "bun:test";
import { SaleGenerator } from "../../src/producer/generator.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { decodeSale } from "../support/decode-sale.ts";

function sales(seed: number, count: number) {
  const generator = new SaleGenerator(seed);
  return Array.from({ length: count }, () => generator.next());
}

describe("SaleGenerator", () => {
  test("repeats its sales for the same seed, and for no other", () => {
    expect(sales(42, 500)).toEqual(sales(42, 500));
    expect(sales(42, 500)).not.toEqual(sales(43, 500));
  });

  test("makes sales that the codec reads back unchanged", () => {
    for (const sale of sales(7, 2_000)) {
      expect(decodeSale(encodeSale(sale))).toEqual({ ...sale, timestamp: undefined });
    }
  });

  test("sells the whole catalogue, the popular much more often", () => {
    const counts = new Map<string, number>();
    for (const { product } of sales(1, 20_000)) counts.set(product, (counts.get(product) ?? 0) + 1);
    const sorted = [...counts.values()].sort((a, b) => b - a);
    expect(counts.size).toBeGreaterThanOrEqual(20);
    expect(sorted[0]).toBeGreaterThan(10 * (sorted.at(-1) as number));
  });

  test("moves prices a little, in whole cents", () => {
    const prices = new Map<string, bigint[]>();
    for (const { product, price } of sales(3, 20_000)) {
      prices.set(product, [...(prices.get(product) ?? []), price]);
    }
    for (const list of prices.values()) {
      const low = list.reduce((least, price) => (price < least ? price : least));
      const high = list.reduce((most, price) => (price > most ? price : most));
      expect(high).toBeGreaterThan(low);
      expect(Number(high) / Number(low)).toBeLessThan(1.2);
      expect(list.every((price) => price % 10_000n === 0n)).toBe(true);
    }
  });
});
