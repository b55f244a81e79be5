/** Shapes with more than one list of goods, and with money in parts of a unit. */

import type { Shape } from "./shapes.ts";

const row = { name: "Tea", qty: 2, unit_price: 2.5 };

const lists: readonly Shape[] = [
  {
    name: "goods in a second array",
    records: [{ items: [row], services: [{ name: "Repair", qty: 1, unit_price: 15.5 }] }],
    totals: ["Tea 2 · 5.00"],
    sureness: "guess",
  },
  {
    name: "goods that came back in an array of their own, now and then",
    records: [
      ...Array(9).fill({ items: [row], refunds: [] }),
      { items: [row], refunds: [{ qty: 1, total: 2.5 }] },
    ],
    totals: ["Tea 20 · 50.00"],
    sureness: "guess",
  },
  {
    name: "records of another kind with goods in another array",
    records: [{ purchase: { items: [row] } }, { click: { items: [row] } }],
    totals: ["Tea 2 · 5.00"],
    filtered: 1,
    sureness: "guess",
    rules: ["only: $.purchase.items exists"],
  },
  {
    name: "parts of a bundle beside the bundle",
    records: [
      {
        items: [
          { id: 1, parent_id: null, ...row },
          { id: 2, parent_id: 1, name: "Leaf", qty: 1, unit_price: 1.5 },
        ],
      },
    ],
    totals: ["Leaf 1 · 1.50", "Tea 2 · 5.00"],
    sureness: "guess",
  },
  {
    name: "an order with a negative total, and lines that are not",
    records: [...Array(9).fill({ items: [row], total: 5 }), { items: [row], total: -5 }],
    totals: ["Tea 20 · 50.00"],
    sureness: "guess",
  },
];

const scales: readonly Shape[] = [
  {
    name: "millionths and thousandths by name",
    records: [
      { sku: "A", qty: 2, unit_price_micros: 2_500_000 },
      { sku: "A", qty: 1, unit_price_micros: 2_500_000 },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "sure",
    rules: ["price: unit_price_micros / 10^6"],
  },
  {
    name: "units and billionths as texts",
    records: [{ sku: "A", qty: 2, price: { currencyCode: "USD", units: "2", nanos: 500_000_000 } }],
    totals: ["A 2 · 5.00"],
    sureness: "likely",
    rules: ["price: price.units + price.nanos / 10^9"],
  },
  {
    name: "an integer with its scale",
    records: [
      { sku: "A", qty: 2, price: { unscaled: 250, scale: 2 } },
      { sku: "A", qty: 1, price: { unscaled: 2500, scale: 3 } },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "likely",
    rules: ["price: price.unscaled / 10^price.scale"],
  },
];

const types: readonly Shape[] = [
  {
    name: "types of customers, payments and products",
    records: [
      { customer_type: "returning", payment_type: "credit", item_type: "basket" },
      { customer_type: "new", payment_type: "cash", item_type: "stock pot" },
    ].map((one) => ({ ...one, sku: "A", qty: 2, unit_price: 2.5 })),
    totals: ["A 4 · 10.00"],
    sureness: "likely",
  },
  {
    name: "no sale, in as many words",
    records: [
      { txn_type: "SALE", sku: "A", qty: 2, unit_price: 2.5 },
      { txn_type: "NO_SALE", sku: "A", qty: 1, unit_price: 2.5 },
    ],
    totals: ["A 2 · 5.00"],
    filtered: 1,
    sureness: "likely",
    rules: ["only: txn_type in (SALE)"],
  },
  {
    name: "a phase in numbers that nobody knows",
    records: [
      { phase: 1, sku: "A", qty: 2, unit_price: 2.5 },
      { phase: 9, sku: "A", qty: 1, unit_price: 2.5 },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "guess",
  },
  {
    name: "reviews, which have a product and a price, too",
    records: [{ product_id: 4, rating: 5, price: 2.5 }],
    totals: ["4 1 · 2.50"],
    sureness: "guess",
  },
];

export const arrayShapes: readonly Shape[] = [...lists, ...scales, ...types];
