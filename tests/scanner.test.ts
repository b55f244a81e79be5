import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeSale, encodeSale } from "../src/codec.ts";
import { ProductIndex } from "../src/products.ts";
import { SaleScanner } from "../src/scanner.ts";

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);

function indexOf(...names: string[]): ProductIndex {
  const products = new ProductIndex();
  for (const name of names) products.findOrAdd(bytes(name));
  return products;
}

/** Scans `value` as it stands in a batch: with other records' bytes before and behind. */
function scan(value: Uint8Array, products: ProductIndex) {
  const around = bytes('{"product":"Laptop","quantity":1,"price":2}');
  const joined = new Uint8Array(Buffer.concat([around, value, around]));
  const batch = { bytes: joined, view: new DataView(joined.buffer) };
  const scanner = new SaleScanner();
  const accepted = scanner.scan(batch, around.length, around.length + value.length, products);
  return accepted ? scanner : undefined;
}

describe("SaleScanner.scan", () => {
  const products = indexOf("Côte de Blaye", "Laptop");

  test.each([
    ['{"product":"Laptop","quantity":2,"price":499.99}', 1, 2, 999_980_000],
    ['{ "price" : 0.000001 ,\n"quantity":1, "product":"Laptop"}\r\n', 1, 1, 1],
    ['{"product":"Côte de Blaye","quantity":1000000000,"price":0}', 0, 1e9, 0],
  ])("reads %p", (text, product, quantity, amount) => {
    expect(scan(bytes(text), products)).toMatchObject({ product, quantity, amount });
  });

  test.each([
    '{"product":"Unknown","quantity":2,"price":1}',
    '{"product":"Laptop","quantity":2.0,"price":1}',
    '{"product":"Laptop","quantity":2,"price":1e3}',
    '{"product":"Laptop","quantity":2,"price":01}',
    '{"product":"Laptop","quantity":2,"price":1.}',
    '{"product":"Laptop","quantity":0,"price":1}',
    '{"product":"Laptop","quantity":2,"price":-1}',
    '{"product":"Laptop","quantity":2,"price":1,"other":1}',
    '{"product":"Laptop","quantity":2,"price":1,"price":1}',
    '{"product":"Laptop","quantity":2,"price":1',
    '{"product":"Laptop","quantity":2,"price":1}}',
    '{"product":"Laptop","quantity":1000000000,"price":999999999}',
    "",
    "{",
    '{"product":"',
  ])("declines %p", (text) => {
    expect(scan(bytes(text), products)).toBeUndefined();
  });

  test("accepts nothing that decodeSale refuses, and reads the same value", () => {
    let accepted = 0;
    fc.assert(
      fc.property(nearlySale, (value) => {
        const names = indexOf("Laptop", "Côte", "x");
        const scanned = scan(value, names);
        if (!scanned) return;
        accepted++;
        const sale = decodeSale(value);
        expect(names.name(scanned.product)).toBe(sale.product);
        expect(scanned.quantity).toBe(sale.quantity);
        expect(BigInt(scanned.amount)).toBe(BigInt(sale.quantity) * sale.price);
      }),
      { numRuns: 20_000 },
    );
    // A generator that the scanner never accepts would prove nothing.
    expect(accepted).toBeGreaterThan(2_000);
  });
});

const number = fc.oneof(
  fc.nat(1_000_000).map(String),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map((price) => price.toFixed(2)),
  fc.stringMatching(/^-?\d{0,17}(\.\d{0,8})?([eE][-+]?\d{1,3})?$/),
);
const space = fc.constantFrom("", "", "", " ", "\n\t");
const field = fc.oneof(
  fc.tuple(
    fc.constant("product"),
    fc.constantFrom('"Laptop"', '"Côte"', '"x"', '"y"', '"\\u0078"', "1"),
  ),
  fc.tuple(fc.constantFrom("quantity", "price"), number),
  fc.tuple(fc.constantFrom("products", "Price", "timestamp"), number),
);
const wellFormed = fc
  .tuple(
    fc.constantFrom('"Laptop"', '"Côte"', '"x"'),
    fc.integer({ min: 1, max: 1e9 }),
    number,
    space,
  )
  .map(([product, quantity, price, gap]) =>
    bytes(`{${gap}"product":${product},"quantity":${gap}${quantity}${gap},"price":${price}}`),
  );
const shuffled = fc
  .tuple(fc.array(field, { minLength: 2, maxLength: 4 }), space)
  .map(([fields, gap]) =>
    bytes(`{${fields.map(([k, v]) => `${gap}"${k}":${v}`).join(`${gap},`)}}`),
  );
/** Sales with a few bytes replaced, removed or doubled. */
const damaged = fc
  .tuple(wellFormed, fc.array(fc.tuple(fc.nat(80), fc.nat(255), fc.nat(2)), { maxLength: 3 }))
  .map(([value, edits]) => {
    const list = [...value];
    for (const [at, byte, kind] of edits) {
      if (kind === 0) list[at % list.length] = byte;
      else list.splice(at % list.length, kind === 1 ? 1 : 0, ...(kind === 1 ? [] : [byte]));
    }
    return new Uint8Array(list);
  });
const nearlySale = fc.oneof(wellFormed, shuffled, damaged);

describe("ProductIndex", () => {
  test("numbers names in the order of their first appearance, at any size", () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `product ${i % 2_500}`);
    const products = indexOf(...names);
    expect(products.count).toBe(2_500);
    const encoded = encodeSale({ product: "product 2499", quantity: 1, price: 0n });
    expect(scan(encoded, products)?.product).toBe(2_499);
    expect(products.name(1_234)).toBe("product 1234");
    expect(() => products.name(2_500)).toThrow("Cannot name product 2500: unknown");
  });
});
