import { describe, expect, test } from "bun:test";
import { one } from "../records.ts";

const flat = "product: p; quantity: q; price: m";

describe("quantity and money", () => {
  test.each([
    ['{"p":"a","q":2.0,"m":1.5e1}', "a 2 · 30.00"],
    ['{"p":"a","q":"0.85","m":"16.00"}', "a 0.85 · 13.60"],
    ['{"p":"a","q":0.000001,"m":1000000}', "a 0.000001 · 1.00"],
    ['{"p":"a","q":1000000000,"m":1000000000000}', "a 1000000000 · 1000000000000000000000.00"],
    ['{"p":"a","q":0,"m":5}', "a 0 · 0.00"],
    ['{"p":"a","q":1,"m":-0}', "a 1 · 0.00"],
    ['{"p":"a","q":" 1","m":"007.10"}', "a 1 · 7.10"],
    ['{"p":"a","q":1,"m":1.2345670000}', "a 1 · 1.234567"],
  ])("%s → %s", (value, expected) => {
    expect(one(flat, value)).toBe(expected);
  });

  const bounds = (max: string) => `must be from -${max} to ${max} with at most 6 decimals`;
  test.each([
    ['{"p":"a","q":1,"m":"n/a"}', 'price: must be a number, received the string "n/a" at m'],
    ['{"p":"a","q":1,"m":true}', "price: must be a number, received true at m"],
    ['{"p":"a","q":[],"m":1}', "quantity: must be a number, received an array at q"],
    ['{"p":"a","q":null,"m":1}', "quantity: nothing at q"],
    [
      '{"p":"a","q":1,"m":39.900000000000006}',
      `price: ${bounds("1000000000000")}, received 39.900000000000006 at m`,
    ],
    [
      '{"p":"a","q":1000000000.000001,"m":1}',
      `quantity: ${bounds("1000000000")}, received 1000000000.000001 at q`,
    ],
    ['{"p":"a","q":1,"m":1e13}', `price: ${bounds("1000000000000")}, received 1e13 at m`],
    ['{"p":"a","q":1,"m":1e999}', `price: ${bounds("1000000000000")}, received 1e999 at m`],
    ['{"p":"a","q":1,"m":1e-999999}', `price: ${bounds("1000000000000")}, received 1e-999999 at m`],
    [
      '{"p":"a","q":0.3333,"m":0.3333}',
      "price: must have at most 6 decimals once multiplied by the quantity, received 0.3333 at m",
    ],
    [
      '{"p":"a","q":-6,"m":1}',
      "quantity: must not be negative without the rule returns: subtract, received -6 at q",
    ],
    [
      '{"p":"a","q":1,"m":-1}',
      "price: must not be negative without the rule returns: subtract, received -1 at m",
    ],
  ])("%s → %s", (value, expected) => {
    expect(one(flat, value)).toBe(expected);
  });

  test.each([
    ["m / 100", { m: 1_999 }, "19.99"],
    ["m / 10^3", { m: "12345" }, "12.345"],
    ["m / 10^e", { m: 3_000, e: 0 }, "3000.00"],
    ["m / 10^e.d", { m: 3_000, e: { d: "3.0" } }, "3.00"],
    ["u + n / 10^9", { u: 21, n: 990_000_000 }, "21.99"],
    ["gross - rebate else 0", { gross: "20.00" }, "20.00"],
    ["gross - rebate else 0", { gross: "20.00", rebate: 0.05 }, "19.95"],
    ["m decimal 2", { m: "B8s=" }, "19.95"],
    ["m decimal 4 / 100", { m: "B8s=" }, "0.001995"],
    // The fuzz test found that the constant was read as base64: 1000 was -2667212.
    ["m else 1000 decimal 0", {}, "1000.00"],
    ["m else 7.5 decimal 2", { m: null }, "7.50"],
    ["m else 7.5 decimal 2", { m: "B8s=" }, "19.95"],
    ["m round 2", { m: 39.905 }, "39.90"],
    ["m round 2", { m: 39.915 }, "39.92"],
    ["a + b round 1", { a: 0.05, b: 0.2 }, "0.20"],
    ["m round 6", { m: 5e-324 }, "0.00"],
    ["json(m).a[0]", { m: '{"a":[7]}' }, "7.00"],
    ["m.$numberDecimal", { m: { $numberDecimal: "4.80" } }, "4.80"],
    ["json(json(m).x).y", { m: '{"x":"{\\"y\\":3}"}' }, "3.00"],
  ])("amount: %s of %j is %s", (rule, value, expected) => {
    expect(one(`product: 'a'; amount: ${rule}`, value)).toBe(`a 1 · ${expected}`);
  });

  test.each([
    ["m / 10^e", { m: 1 }, "amount: nothing at e"],
    [
      "m / 10^e",
      { m: 1, e: -1 },
      "amount: must have an integer from 0 to 38 as exponent, received -1 at e",
    ],
    [
      "m / 10^e",
      { m: 1, e: 1.5 },
      "amount: must have an integer from 0 to 38 as exponent, received 1.5 at e",
    ],
    ["a + b", { a: 1 }, "amount: nothing at b"],
    [
      "m decimal 2",
      { m: 19.95 },
      "amount: must be 1 to 64 bytes of a decimal, or such in base64, received 19.95 at m",
    ],
    [
      "m decimal 2",
      { m: "B8s" },
      'amount: must be 1 to 64 bytes of a decimal, or such in base64, received the string "B8s" at m',
    ],
    [
      "m decimal 2",
      { m: "" },
      'amount: must be 1 to 64 bytes of a decimal, or such in base64, received the string "" at m',
    ],
    [
      "m / 10^7",
      { m: 1 },
      "amount: must be from -1000000000000 to 1000000000000 with at most 6 decimals, received 0.0000001 at m",
    ],
    [
      "json(m).a",
      { m: "{" },
      'amount: must be a text with JSON in it, received the string "{" at m',
    ],
    [
      "json(m).a",
      { m: { a: 1 } },
      "amount: must be a text with JSON in it, received an object at m",
    ],
  ])("amount: %s of %j is refused: %s", (rule, value, expected) => {
    expect(one(`product: 'a'; amount: ${rule}`, value)).toBe(expected);
  });
});
