/** What a value such as a status says of a record. */

import { expect, test } from "bun:test";
import { insertsAmong, isNoSale, kindOfText } from "../../../src/inspect/names/kinds.ts";

test.each([
  ["paid", "sale"],
  ["order.cancelled", "none"],
  ["checkout_incomplete", "none"],
  ["anulado", "none"],
  ["staging", "none"],
  ["NOTA_CREDITO", "return"],
  ["partially_refunded", "sale"],
  ["已支付", "sale"],
  // Cut into words, "not paid" was paid.
  ["未支付", "none"],
  ["환불", "return"],
  ["STAGE_A", "unknown"],
] as const)("%s is %s", (text, kind) => {
  expect(kindOfText(text)).toBe(kind);
});

test("a word tells that there is no sale in any field only if it means nothing else", () => {
  expect(["declined", "test", "Order Cancelled"].filter((text) => !isNoSale(text))).toEqual([]);
  expect(["Baskets", "Open", "In stock", "credit", "paid", "A"].filter(isNoSale)).toEqual([]);
});

test("operations that a sample does not have are known from their envelope", () => {
  expect(insertsAmong(["c"], ["after"])).toEqual(["c", "r"]);
  expect(insertsAmong(["insert", "update"], ["xid"])).toEqual(["insert", "bootstrap-insert"]);
  expect(insertsAmong(["load", "create-table"], ["record-type"])).toEqual(["load", "insert"]);
  expect(insertsAmong(["u", "d"], ["after"])).toEqual([]);
  expect(insertsAmong(["u", "d"], ["price"])).toBeUndefined();
  expect(insertsAmong(["paid"], ["after"])).toBeUndefined();
});
