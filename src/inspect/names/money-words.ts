/** Which names are of money, of what kind, and which of them are of another money than a sale's. */

import { means } from "./words.ts";

/** Beside `price`, these words do not say that it is the whole line's. */
const ofAnyMoney = /^(amount|value|valor|wert|net|netto|gross|brutto|sales|importe)$/;
/** These stand beside money, and beside much else: `line_index`, `sales_order`. */
const beside = /^(line|row)$/;
const counted = /^(tickets|pieces|pcs|pezzi)$/;
const inclusive = /^(incl|including|included|inc|excl|ex|net)$/;
const order = /^(order|orders|basket|cart|receipt|invoice|bill|ticket|checkout|transaction)$/;

export function kindByName(words: readonly string[]): "unit" | "total" {
  if (means(words, "unit")) return "unit";
  const isPrice = means(words, "price");
  const telling = isPrice ? words.filter((word) => !ofAnyMoney.test(word)) : words;
  return isPrice && !means(telling, "total") ? "unit" : "total";
}

export function isMoneyLike(words: readonly string[]): boolean {
  if (means(words, "quantityFirst") && !words.includes("units")) return false;
  if (words.some((word) => counted.test(word))) return false;
  if (words.join(" ") === "each") return true;
  // The number of a line, or the id of a price, is no money.
  if (means(words.slice(-1), "code")) return false;
  const isOrder = words.some((word) => order.test(word));
  return words.some((word) => {
    const isBeside = beside.test(word) || (isOrder && word === "sales");
    return !isBeside && (["price", "total", "cents"] as const).some((one) => means([word], one));
  });
}

/** Of a tax, a discount, a delivery and so on. */
export function isOtherMoney(words: readonly string[]): boolean {
  if (isOff(words) || means(words, "notMoney")) return true;
  return means(words, "tax") && !words.some((word) => inclusive.test(word));
}

/** What is taken off: not `discounted_total`, which is what is left. */
export function isOff(words: readonly string[]): boolean {
  const isLeft = words.includes("discounted") && (means(words, "total") || means(words, "price"));
  return means(words, "less") && !isLeft;
}

const withoutTax = /^(net|netto|neto|excl|excluding|ex|ht)$/;
const withTax = /^(gross|brutto|bruto|lordo|incl|including|included|inc|ttc)$/;

/** Whether two names differ in what they say of the tax: one can be silent. */
export function differInTax(one: readonly string[], other: readonly string[]): boolean {
  const sides = [withoutTax, withTax];
  return sides.some((side) => {
    return one.some((word) => side.test(word)) !== other.some((word) => side.test(word));
  });
}

/** `order_total` in a row of one line is not the line's. */
export function isOfOrder(words: readonly string[]): boolean {
  return words.some((word) => order.test(word)) && kindByName(words) === "total";
}
