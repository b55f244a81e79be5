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

const row2 = { sku: "B", qty: 1, unit_price: 9.5 };
const elsewhere: readonly Shape[] = [
  {
    name: "goods in one array when they are viewed, and in another when they are sold",
    records: [
      { event: "view", shop: { items: [{ ...row2, qty: 9 }, row2] } },
      { event: "purchase", shop: { purchase: { items: [row2] } } },
      { event: "add_to_cart", shop: { items: [{ ...row2, qty: 4 }] } },
    ],
    totals: ["B 1 · 9.50"],
    filtered: 2,
    sureness: "sure",
  },
  {
    name: "one event in each record, which the first one of its array can filter",
    records: [
      { events: [{ name: "purchase", items: [row2] }] },
      { events: [{ name: "view_item", items: [row2] }] },
      { events: [{ name: "refund", items: [row2] }] },
    ],
    totals: ["B 0 · 0.00"],
    filtered: 1,
    sureness: "guess",
    rules: ["only: $.events[0].name in (purchase, refund)", "minus: $.events[0].name in (refund)"],
  },
  {
    name: "refunds in a topic of their own",
    records: [
      { id: 1, refund_line_items: [{ quantity: 2, subtotal: 19, line_item: { title: "Sock" } }] },
      { id: 2, refund_line_items: [{ quantity: 1, subtotal: 9.5, line_item: { title: "Sock" } }] },
    ],
    totals: ["Sock -3 · -28.50"],
    sureness: "guess",
    rules: ["minus: $topic in (sales)"],
  },
  {
    name: "refunds with who paid them back, and how",
    records: [
      { refunded_by: 1, refunded_payment: true, line_items: [{ ...row2, qty: -1 }] },
      { refunded_by: 1, refunded_payment: false, line_items: [{ ...row2, qty: -2 }] },
    ],
    totals: ["B -3 · -28.50"],
    sureness: "guess",
  },
  {
    name: "money of the order alone",
    records: [{ order_id: 1, total_amount: 25.5, items: [{ product_id: "p1", quantity: 2 }] }],
    totals: ["p1 2 · 0.00"],
    sureness: "guess",
  },
];

const awaited: readonly Shape[] = [
  {
    name: "orders that are paid and wait for their parcel, and others that wait for money",
    records: [
      { status: "Awaiting Fulfillment", sku: "A", qty: 1, unit_price: 2.5 },
      { status: "PENDING_SHIPMENT", sku: "A", qty: 1, unit_price: 2.5 },
      { status: "Awaiting Payment", sku: "A", qty: 1, unit_price: 2.5 },
    ],
    totals: ["A 2 · 5.00"],
    filtered: 1,
    sureness: "likely",
  },
];

const scales: readonly Shape[] = [
  {
    name: "a decimal as base64 with its scale beside it, as of a column without one",
    records: [
      { op: "c", after: { sku: "A", qty: 2, unit_price: { scale: 2, value: "B88=" } } },
      { op: "c", after: { sku: "B", qty: 1, unit_price: { scale: 0, value: "Fg==" } } },
    ],
    totals: ["A 2 · 39.98", "B 1 · 22.00"],
    sureness: "likely",
    rules: ["price: after.unit_price.value decimal 0 / 10^after.unit_price.scale"],
  },
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

export const arrayShapes: readonly Shape[] = [
  ...lists,
  ...elsewhere,
  ...awaited,
  ...scales,
  ...types,
];
