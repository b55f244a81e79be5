/**
 * Shapes whose names and sums all agree, and whose totals would be wrong: a field that no rule
 * looks at tells that. Each was once sure.
 */

import type { Shape } from "./shapes.ts";

const one = { sku: "A", qty: 2, unit_price: 2.5 };
const two = { sku: "B", qty: 1, unit_price: 9.5 };
const both = ["A 2 · 5.00", "B 1 · 9.50"];
const pair = (a: object, b: object) => [
  { ...one, ...a },
  { ...two, ...b },
];

const fields: readonly Shape[] = [
  {
    name: "yes and no in a field with an unknown name",
    records: pair({ active: true }, { active: false }),
    totals: both,
    sureness: "likely",
  },
  {
    name: "letters in a field with an unknown name",
    records: pair({ rec: "S" }, { rec: "R" }),
    totals: both,
    sureness: "likely",
  },
  {
    name: "the same unknown word as the kind of all records",
    records: pair({ type: "MEMO" }, { type: "MEMO" }),
    totals: both,
    sureness: "likely",
  },
  {
    name: "currencies in a field that is not named like one",
    records: pair({ in: "USD" }, { in: "EUR" }),
    totals: both,
    sureness: "guess",
  },
  {
    name: "units in which a quantity is measured",
    records: pair({ uom: "g" }, { uom: "kg" }),
    totals: both,
    sureness: "likely",
  },
  {
    name: "a factor that no rule multiplies by",
    records: pair({ factor: 0.9 }, { factor: 1 }),
    totals: both,
    sureness: "likely",
  },
  {
    name: "the last digits of a card, which are no exponent",
    records: [
      { sku: "A", qty: 1, amount: 5_000, last_digits: "0002" },
      { sku: "B", qty: 1, amount: 700, last_digits: "0003" },
    ],
    totals: ["A 1 · 5000.00", "B 1 · 700.00"],
    sureness: "guess",
  },
  {
    name: "a word for no sale in an array that no rule enters",
    records: pair({ log: [{ now: "paid" }] }, { log: [{ now: "paid" }, { now: "cancelled" }] }),
    totals: both,
    sureness: "likely",
  },
];

const lines: readonly Shape[] = [
  {
    name: "extras that cost something, in an array of the line",
    records: [
      { items: [{ ...one, extras: [{ name: "Milk", price: 0.5 }] }] },
      { items: [{ ...two, extras: [] }] },
    ],
    totals: both,
    sureness: "guess",
  },
  {
    name: "extras that are in the price, as the order's total says",
    records: [{ total: 5, items: [{ ...one, modifiers: [{ name: "Milk", price: 0.5 }] }] }],
    totals: ["A 2 · 5.00"],
    sureness: "sure",
  },
  {
    name: "lines that do not add up to the order's total",
    records: [{ total: 4.5, items: [one] }],
    totals: ["A 2 · 5.00"],
    sureness: "likely",
  },
  {
    name: "a tax as a line of its own",
    records: [{ items: [one, { sku: "VAT 19%", qty: 1, unit_price: 0.95 }] }],
    totals: ["A 2 · 5.00", "VAT 19% 1 · 0.95"],
    sureness: "likely",
  },
  {
    name: "the sum of the lines as a line of its own",
    records: [{ items: [one, { sku: "Total", qty: 1, unit_price: 5 }] }],
    totals: ["A 2 · 5.00", "Total 1 · 5.00"],
    sureness: "guess",
  },
];

const others: readonly Shape[] = [
  {
    name: "carts",
    records: [{ cart_id: 1, items: [one] }],
    totals: ["A 2 · 5.00"],
    sureness: "guess",
  },
  {
    name: "goods that a shop buys",
    records: [{ purchase_order: "PO-1", supplier: "Acme", items: [one] }],
    totals: ["A 2 · 5.00"],
    sureness: "guess",
  },
];

export const doubtedShapes: readonly Shape[] = [...fields, ...lines, ...others];
