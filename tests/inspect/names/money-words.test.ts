/** Which names are of money. */

import { expect, test } from "bun:test";
import {
  isMoneyLike,
  isOff,
  isOfOrder,
  isOtherMoney,
} from "../../../src/inspect/names/money-words.ts";
import { wordsOf } from "../../../src/inspect/names/words.ts";

const those = (names: readonly string[], are: (words: readonly string[]) => boolean) =>
  names.filter((name) => are(wordsOf(name)));

test("numbers of rows, ids of prices and orders of sales are no money", () => {
  const money = ["Sales", "sales_amount", "line_total", "unit_price", "netAmount", "each", "价格"];
  expect(those(money, isMoneyLike)).toEqual(money);
  const none = ["Row ID", "l_linenumber", "lineItemId", "SalesOrder", "price_id", "row", "qty"];
  expect(those(none, isMoneyLike)).toEqual([]);
});

test("taxes, discounts and delivery are other money", () => {
  const other = ["tax", "discount_total", "shipping_price", "presentmentMoney", "скидка"];
  expect(those(other, isOtherMoney)).toEqual(other);
  expect(those(["total_incl_tax", "discountedTotal", "price"], isOtherMoney)).toEqual([]);
  expect(those(["discountedTotal", "discounted_amount"], isOff)).toEqual([]);
});

test("an order's total is told from a line's", () => {
  expect(those(["order_total", "invoice_amount"], isOfOrder)).toHaveLength(2);
  expect(those(["order_price", "line_total"], isOfOrder)).toEqual([]);
});
