import { describe, expect, test } from "bun:test";
import { ProductIndex } from "../../src/domain/products.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("ProductIndex", () => {
  test("numbers names in the order of their first appearance, at any size", () => {
    const products = new ProductIndex();
    const ids = Array.from({ length: 5_000 }, (_, i) => {
      return products.findOrAdd(bytes(`product ${i % 2_500}`));
    });
    expect(products.count).toBe(2_500);
    expect(ids[2_499]).toBe(2_499);
    expect(ids[4_999]).toBe(2_499);
    expect(products.name(1_234)).toBe("product 1234");
    expect(() => products.name(2_500)).toThrow("Cannot name product 2500: unknown");
  });

  test("tells apart names that differ in a byte order mark, a trailing zero or a length", () => {
    const products = new ProductIndex();
    const names = ["Laptop", "\uFEFFLaptop", "Laptop\uFEFF", "Laptop12", "Laptop123", "Laptop1"];
    for (const name of names) products.findOrAdd(bytes(name));
    expect(names.map((_, id) => products.name(id))).toEqual(names);
  });

  test("grows for one name as long as all before it", () => {
    const products = new ProductIndex();
    const long = "ä".repeat(3_000);
    products.findOrAdd(bytes("x"));
    products.findOrAdd(bytes(long));
    expect([products.name(0), products.name(1)]).toEqual(["x", long]);
    expect(products.arenaBytes).toBe(6_001);
  });
});
