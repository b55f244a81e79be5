/** Records at the border of what is a sale, on either side. */

export const bytes = (text: string) => new TextEncoder().encode(text);
export const sale = (product: string, quantity = "1", price = "1", more = "") =>
  `{"product":${product},"quantity":${quantity},"price":${price}${more}}`;
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
/** The broker takes no batch above 1,048,588 bytes. */
const RECORD_BYTES_MAX = 1_048_400;

export const counted: Record<string, string> = {
  "deep in a field of no interest": sale('"deep"', "1", "1", `,"x":${nested(10_000)}`),
  "product __proto__": sale('"__proto__"'),
  "field __proto__": sale('"proto"', "1", "1", ',"__proto__":{"price":9}'),
  "product <script>": sale('"<script>alert(1)</script>"'),
  "an image that would run": sale('"<img src=x onerror=alert(1)>"'),
  "other spellings of numbers": sale('"spelled"', "2e0", "10.00e-1"),
};

export const broken: Record<string, string | Uint8Array | null> = {
  empty: "",
  "null value": null,
  "not JSON": "product=Laptop",
  "truncated UTF-8": bytes(sale('"Côte"')).slice(0, 14),
  "truncated UTF-8 inside": Uint8Array.from(bytes(sale('"C?te"')), (byte) =>
    byte === 0x3f ? 0xc3 : byte,
  ),
  "missing product": '{"quantity":1,"price":1}',
  "missing quantity": '{"product":"a","price":1}',
  "missing price": '{"product":"a","quantity":1}',
  "product of the wrong type": sale("5"),
  "quantity of the wrong type": sale('"a"', '"2"'),
  "price of the wrong type": sale('"a"', "1", "null"),
  "fields that only __proto__ has": '{"__proto__":{"product":"a","quantity":1,"price":1}}',
  "not an object": "[]",
  "quantity 0": sale('"a"', "0"),
  "quantity -1": sale('"a"', "-1"),
  "quantity 1.5": sale('"a"', "1.5"),
  "quantity 1e9+1": sale('"a"', "1000000001"),
  "price -0.01": sale('"a"', "1", "-0.01"),
  NaN: sale('"a"', "1", "NaN"),
  "7 decimals": sale('"a"', "1", "0.0000001"),
  "1e400": sale('"a"', "1", "1e400"),
  "deep product": sale(nested(10_000)),
  "900 kB product": sale(`"${"x".repeat(900_000)}"`),
  "CR/LF": sale('"a\\r\\nb"'),
  "CR/LF as it is": sale('"a\r\nb"'),
  "lone surrogate": sale('"\\ud800"'),
  "byte order mark": `\ufeff${sale('"a"')}`,
  "as large as the broker takes": "x".repeat(RECORD_BYTES_MAX),
};

export const rawValue = (value: string | Uint8Array | null) =>
  typeof value === "string" ? bytes(value) : value;
