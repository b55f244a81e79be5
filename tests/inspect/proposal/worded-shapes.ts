/** Shapes that a proposal once got wrong, or was too sure of: words for what is no sale tell. */

import type { Shape } from "./shapes.ts";

export const wordedShapes: readonly Shape[] = [
  {
    name: "tests, told by where they come from",
    records: [
      { env: "prod", sku: "A", qty: 2, price: 2.5 },
      { env: "test", sku: "A", qty: 1, price: 2.5 },
    ],
    totals: ["A 2 · 5.00"],
    filtered: 1,
    sureness: "likely",
    rules: ["only: env in (prod)"],
  },
  {
    name: "a word for no sale in a field of any name",
    records: [
      { mark: "fine", sku: "A", qty: 2, unit_price: 2.5 },
      { mark: "declined", sku: "A", qty: 1, unit_price: 2.5 },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "guess",
  },
  {
    name: "a category that sounds like no sale",
    records: [
      { category: "Returned goods", sku: "A", qty: 2, unit_price: 2.5 },
      { category: "Fresh", sku: "A", qty: 1, unit_price: 2.5 },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "likely",
  },
  {
    name: "yes and no as numbers and as letters",
    records: [
      { void: "N", valid: 1, sku: "A", qty: 2, unit_price: 2.5 },
      { void: "Y", valid: 1, sku: "A", qty: 3, unit_price: 2.5 },
      { void: "N", valid: 0, sku: "A", qty: 4, unit_price: 2.5 },
    ],
    totals: ["A 2 · 5.00"],
    filtered: 2,
    sureness: "likely",
    rules: ["only: void not in (Y)", "only: valid not in (0)"],
  },
  {
    name: "a time at which some were cancelled",
    records: [
      { sku: "A", qty: 2, unit_price: 2.5, cancelled_at: null },
      { sku: "A", qty: 1, unit_price: 2.5, cancelled_at: "2026-01-01T10:00:00Z" },
    ],
    totals: ["A 2 · 5.00"],
    filtered: 1,
    sureness: "likely",
    rules: ["only: cancelled_at not exists"],
  },
  {
    name: "units of a line that came back",
    records: [{ rows: [{ sku: "A", qty: 2, qty_canceled: 1, unit_price: 2.5 }] }],
    totals: ["A 2 · 5.00"],
    sureness: "guess",
  },
  {
    name: "orders that come at each step, with ids of events that differ",
    records: [
      { event_id: 1, order_no: "o", status: "PAID", sku: "A", qty: 2, unit_price: 2.5 },
      { event_id: 2, order_no: "o", status: "SHIPPED", sku: "A", qty: 2, unit_price: 2.5 },
    ],
    totals: ["A 4 · 10.00"],
    sureness: "guess",
  },
  {
    name: "two rows of one order with the same product",
    records: [
      { id: 1, order_id: "o", sku: "A", qty: 2, unit_price: 2.5 },
      { id: 2, order_id: "o", sku: "A", qty: 1, unit_price: 2.5 },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "sure",
  },
  {
    name: "what is sold beside what is bought",
    records: [
      { doc_type: "SALES_ORDER", rows: [{ item: "A", qty: 2, unit_price: 2.5 }] },
      { doc_type: "PURCHASE_ORDER", rows: [{ item: "A", qty: 9, unit_price: 1.5 }] },
    ],
    totals: ["A 11 · 18.50"],
    sureness: "guess",
  },
  {
    name: "prices that change, and nothing is sold",
    records: [
      { sku: "A", old_price: 2.5, price: 2.75 },
      { sku: "B", old_price: 1.5, price: 1.75 },
    ],
    totals: ["A 1 · 2.75", "B 1 · 1.75"],
    sureness: "guess",
  },
  {
    name: "goods in a warehouse",
    records: [
      { sku: "A", quantity: 40, unit_price: 2.5, warehouse: "W1" },
      { sku: "B", quantity: 55, unit_price: 1.5, warehouse: "W2" },
    ],
    totals: ["A 40 · 100.00", "B 55 · 82.50"],
    sureness: "guess",
  },
  {
    name: "events in a record, of which no rule leaves one out",
    records: [
      {
        events: [
          { name: "add_to_cart", items: [{ item_name: "A", quantity: 9, unit_price: 2.5 }] },
          { name: "purchase", items: [{ item_name: "A", quantity: 1, unit_price: 2.5 }] },
        ],
      },
    ],
    totals: ["A 10 · 25.00"],
    sureness: "guess",
  },
  {
    name: "rows of a table that only change in the sample",
    records: [
      { op: "u", before: {}, after: { sku: "A", qty: 1, unit_price: 2.5 } },
      { op: "u", before: {}, after: { sku: "A", qty: 2, unit_price: 2.5 } },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "guess",
  },
  {
    name: "a table that is made, and filled",
    records: [
      {
        data: { sku: "A", qty: 1, unit_price: 2.5 },
        metadata: { "record-type": "data", operation: "load" },
      },
      { metadata: { "record-type": "control", operation: "create-table" } },
    ],
    totals: ["A 1 · 2.50"],
    filtered: 1,
    sureness: "sure",
    rules: ["only: metadata.operation in (load, insert)"],
  },
  {
    name: "credit notes in Spanish",
    records: [
      {
        tipo: "FACTURA",
        estado: "pagado",
        detalle: [{ concepto: "Pan", cantidad: 2, importe: 5 }],
      },
      {
        tipo: "FACTURA",
        estado: "anulado",
        detalle: [{ concepto: "Pan", cantidad: 1, importe: 2.5 }],
      },
      {
        tipo: "NOTA_CREDITO",
        estado: "pagado",
        detalle: [{ concepto: "Pan", cantidad: 1, importe: 2.5 }],
      },
    ],
    totals: ["Pan 1 · 2.50"],
    filtered: 1,
    sureness: "likely",
    rules: ["minus: $.tipo in (NOTA_CREDITO)", "only: $.estado in (pagado)"],
  },
  {
    name: "what happened in a field called name, which is no product",
    records: [
      { name: "OrderPlaced", data: { sku: "A", quantity: 2, unit_price: 2.5 } },
      { name: "OrderCancelled", data: { sku: "A", quantity: 1, unit_price: 2.5 } },
    ],
    totals: ["A 2 · 5.00"],
    filtered: 1,
    sureness: "likely",
    rules: ["product: data.sku", "only: name in (OrderPlaced)"],
  },
  {
    name: "rows of two tables",
    records: [
      { source: { table: "sales" }, op: "c", after: { sku: "A", qty: 2, unit_price: 2.5 } },
      { source: { table: "offers" }, op: "c", after: { sku: "A", qty: 1, unit_price: 2.5 } },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "guess",
  },
  {
    name: "currencies as signs, which no rule compares",
    records: [
      { sku: "A", qty: 2, unit_price: 2.5, currency: "$" },
      { sku: "A", qty: 1, unit_price: 2.5, currency: "€" },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "guess",
  },
  {
    name: "sales none of which is valid",
    records: [{ sku: "A", qty: 2, unit_price: 2.5, valid: false }],
    totals: ["A 2 · 5.00"],
    sureness: "guess",
  },
  {
    name: "quantities with their unit in the text",
    records: [{ sku: "A", quantity: "2 pcs", unit_price: 2.5 }],
    totals: ["A 1 · 2.50"],
    sureness: "guess",
  },
  {
    name: "goods that leave a stock",
    records: [
      { sku: "A", qty: -2, unit_price: 2.5 },
      { sku: "A", qty: -1, unit_price: 2.5 },
    ],
    totals: ["A -3 · -7.50"],
    sureness: "guess",
  },
  {
    name: "nearly as many states as records",
    records: ["paid", "paid", "pending", "cancelled", "failed", "expired"].map((status, i) => ({
      status,
      sku: "A",
      qty: 1 + (i % 2),
      unit_price: 2.5,
    })),
    totals: ["A 3 · 7.50"],
    filtered: 4,
    sureness: "likely",
    rules: ["only: status in (paid)"],
  },
  {
    name: "more events than a reader would list",
    records: ["Order Completed", ..."abcdefghijklmn"].map((name, i) => ({
      event: i === 0 ? name : `Product ${i % 2 ? "Viewed" : "Clicked"} ${name}`,
      sku: "A",
      qty: 1,
      unit_price: 2.5,
    })),
    totals: ["A 1 · 2.50"],
    filtered: 14,
    sureness: "likely",
    rules: ["only: event in (Order Completed)"],
  },
  {
    name: "a statement that makes a table, in the words of a row",
    records: [
      { type: "INSERT", old: null, data: [{ sku: "A", qty: "2", unit_price: "2.50" }] },
      { type: "UPDATE", old: [{ qty: "1" }], data: [{ sku: "A", qty: "2", unit_price: "2.50" }] },
      { type: "CREATE", old: null, data: null },
    ],
    totals: ["A 2 · 5.00"],
    filtered: 2,
    sureness: "sure",
    rules: ["only: $.type in (INSERT)"],
  },
  {
    name: "quantities that only other events lack",
    records: [
      { event: "purchase", items: [{ sku: "A", quantity: 2, unit_price: 2.5 }] },
      { event: "view_item", items: [{ sku: "A", quantity: null, unit_price: 2.5 }] },
    ],
    totals: ["A 2 · 5.00"],
    filtered: 1,
    sureness: "likely",
    rules: ["quantity: quantity"],
  },
  {
    name: "a part of a country, which is no state of an order",
    records: [
      { city: "Dallas", state: "TX", sku: "A", qty: 2, unit_price: 2.5 },
      { city: "Miami", state: "FL", sku: "A", qty: 1, unit_price: 2.5 },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "sure",
  },
  {
    name: "one code that no word explains, and a version",
    records: [
      { direction: "IN", sku: "A", qty: 2, unit_price: 2.5 },
      { version: 2, sku: "A", qty: 1, unit_price: 2.5 },
    ],
    totals: ["A 3 · 7.50"],
    sureness: "likely",
  },
  {
    name: "prices with and without tax, side by side",
    records: [{ product: "A", quantity: 2, net_price: 2.5, gross_price: 2.98 }],
    totals: ["A 2 · 5.00"],
    sureness: "guess",
  },
  {
    name: "a price, and the same with tax",
    records: [{ product: "A", quantity: 2, price: 2.5, price_incl_tax: 2.98 }],
    totals: ["A 2 · 5.00"],
    sureness: "guess",
  },
];
