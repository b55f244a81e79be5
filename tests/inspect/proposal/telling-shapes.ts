/** Shapes that a proposal once got wrong, or was too sure of: names and sums tell. */

import type { Shape } from "./shapes.ts";

const names: readonly Shape[] = [
  {
    name: "Chinese rows, whose names have no spaces",
    records: [
      {
        订单号: "D1",
        商品名称: "茶壶",
        数量: 2,
        单价: 10.5,
        下单时间: "2026-01-01",
        状态: "已支付",
      },
      {
        订单号: "D2",
        商品名称: "茶壶",
        数量: 1,
        单价: 10.5,
        下单时间: "2026-01-01",
        状态: "未支付",
      },
    ],
    totals: ["茶壶 2 · 21.00"],
    filtered: 1,
    sureness: "likely",
    rules: ["time: 下单时间", "only: 状态 in (已支付)"],
  },
  {
    name: "Korean rows, whose letters must not be taken apart",
    records: [
      { 주문번호: 1, 상품명: "컵", 수량: 2, 단가: 10.5 },
      { 주문번호: 2, 상품명: "컵", 수량: 1, 단가: 10.5 },
    ],
    totals: ["컵 3 · 31.50"],
    sureness: "sure",
  },
  {
    name: "Polish rows with a letter that has no mark",
    records: [
      { nazwa: "Chleb", ilość: 2, cena: 4.5, łączna_kwota: 9 },
      { nazwa: "Chleb", ilość: 3, cena: 4.5, łączna_kwota: 13.5 },
    ],
    totals: ["Chleb 5 · 22.50"],
    sureness: "sure",
  },
  {
    name: "numbers of rows and orders, which are no money",
    records: [
      { "Row ID": 7, SalesOrder: "4711", line_number: 1, sku: "A", qty: 2, Sales: "21.00" },
      { "Row ID": 8, SalesOrder: "4712", line_number: 2, sku: "A", qty: 1, Sales: "10.50" },
    ],
    totals: ["A 3 · 31.50"],
    sureness: "sure",
    rules: ["amount: Sales"],
  },
  {
    name: "items of a tracker, whose product is only an id",
    records: [
      {
        sent: [
          {
            event_name: "Purchase",
            box: { contents: [{ id: "p", quantity: 2, item_price: 3.5 }] },
          },
        ],
      },
      {
        sent: [
          {
            event_name: "Purchase",
            box: { contents: [{ id: "p", quantity: 1, item_price: 3.5 }] },
          },
        ],
      },
    ],
    totals: ["p 3 · 10.50"],
    sureness: "guess",
    rules: ["lines: sent[].box.contents[]"],
  },
  {
    name: "clicks and sales that say only of what",
    records: [
      { event: "addtocart", itemid: "4", visitorid: "1" },
      { event: "transaction", itemid: "5", visitorid: "1" },
    ],
    totals: ["5 1 · 0.00"],
    filtered: 1,
    sureness: "guess",
    rules: ["only: event in (transaction)"],
  },
  {
    name: "orders that say only what was sold",
    records: [
      { order_id: 1, product_id: 4 },
      { order_id: 2, product_id: 5 },
    ],
    totals: ["4 1 · 0.00", "5 1 · 0.00"],
    sureness: "guess",
    rules: ["price: 0"],
  },
];

const sums: readonly Shape[] = [
  {
    name: "goods by weight, which no name tells and the sums do",
    records: [
      { item: "Ham", kilos: 0.25, price_per_kg: 20, total: 5 },
      { item: "Ham", kilos: 0.333, price_per_kg: 20, total: 6.66 },
    ],
    totals: ["Ham 0.583 · 11.66"],
    sureness: "likely",
    rules: ["quantity: kilos"],
  },
  {
    name: "a rate of exchange, which is no quantity",
    records: [
      { item: "Ham", amount: 10, fx_rate: 1.5, amount_usd: 15 },
      { item: "Jam", amount: 20, fx_rate: 1.25, amount_usd: 25 },
    ],
    totals: ["Ham 1 · 10.00", "Jam 1 · 20.00"],
    sureness: "likely",
  },
  {
    name: "units that are called an amount",
    records: [
      { product: "Pen", amount: 3, price: 1.25 },
      { product: "Ink", amount: 1, price: 4.5 },
    ],
    totals: ["Ink 1 · 4.50", "Pen 3 · 3.75"],
    sureness: "guess",
    rules: ["quantity: amount"],
  },
  {
    name: "units ordered beside units shipped, of which the line's total is",
    records: [
      {
        rows: [
          { sku: "A", qty_ordered: 3, qty_shipped: 2, unit_price: 2.5, line_total: 5 },
          { sku: "B", qty_ordered: 4, qty_shipped: 4, unit_price: 1.5, line_total: 6 },
        ],
      },
    ],
    totals: ["A 2 · 5.00", "B 4 · 6.00"],
    sureness: "likely",
    rules: ["quantity: qty_shipped"],
  },
  {
    name: "sums of an hour, with a count of orders",
    records: [
      { product: "A", order_count: 2, total_quantity: 6, total_revenue: 15.5, avg_price: 2.58 },
      { product: "B", order_count: 1, total_quantity: 2, total_revenue: 5.5, avg_price: 2.75 },
    ],
    totals: ["A 6 · 15.50", "B 2 · 5.50"],
    sureness: "likely",
    rules: ["quantity: total_quantity", "amount: total_revenue"],
  },
  {
    name: "a sum that runs on, beside the money of a line",
    records: [
      { product: "A", quantity: 2, price: 2.5, cumulative_total: 5 },
      { product: "A", quantity: 3, price: 2.5, cumulative_total: 12.5 },
    ],
    totals: ["A 5 · 12.50"],
    sureness: "sure",
    rules: ["price: price"],
  },
  {
    name: "rows of lines that repeat the order's total",
    records: [
      { order_id: 1, sku: "A", qty: 1, price: 2.5, order_total: 9.5 },
      { order_id: 1, sku: "B", qty: 2, price: 3.5, order_total: 9.5 },
    ],
    totals: ["A 1 · 2.50", "B 2 · 7.00"],
    sureness: "likely",
    rules: ["price: price"],
  },
  {
    name: "a total after a discount, by its name",
    records: [
      {
        rows: [
          { title: "Cap", quantity: 2, unitPrice: 10.5, discountedTotal: 20 },
          { title: "Hat", quantity: 1, unitPrice: 8.5, discountedTotal: 8.5 },
        ],
      },
    ],
    totals: ["Cap 2 · 20.00", "Hat 1 · 8.50"],
    sureness: "likely",
    rules: ["amount: discountedTotal"],
  },
  {
    name: "a line's total with its delivery in it",
    records: [
      { sku: "A", qty: 2, cost: 5.5, shipping: 1.5, total: 7 },
      { sku: "B", qty: 1, cost: 3.5, shipping: 2, total: 5.5 },
    ],
    totals: ["A 2 · 7.00", "B 1 · 5.50"],
    sureness: "guess",
  },
  {
    name: "whole numbers in a currency that has cents, wherever it stands",
    records: [
      { currency: "EUR", rows: [{ name: "Tea", qty: 2, unit_price: 499 }] },
      { currency: "EUR", rows: [{ name: "Cup", qty: 1, unit_price: 1250 }] },
    ],
    totals: ["Cup 1 · 12.50", "Tea 2 · 9.98"],
    sureness: "guess",
    rules: ["price: unit_price / 100"],
  },
  {
    name: "whole numbers in a currency without cents",
    records: [
      { currency: "JPY", rows: [{ name: "Tea", qty: 2, unit_price: 499 }] },
      { currency: "JPY", rows: [{ name: "Cup", qty: 1, unit_price: 1250 }] },
    ],
    totals: ["Cup 1 · 1250.00", "Tea 2 · 998.00"],
    sureness: "guess",
    rules: ["price: unit_price"],
  },
  {
    name: "texts whose point may part thousands",
    records: [
      { product: "Sofa", quantity: 1, unit_price: "1.234" },
      { product: "Sofa", quantity: 2, unit_price: "1.234" },
    ],
    totals: ["Sofa 3 · 3.702"],
    sureness: "guess",
  },
];

const operations: readonly Shape[] = [
  {
    name: "an operation with a name, which is no product",
    records: [
      { metadata: { OperationName: "INSERT" }, data: { PRODUCT: "A", QUANTITY: 2, PRICE: 1.5 } },
      { metadata: { OperationName: "UPDATE" }, data: { PRODUCT: "A", QUANTITY: 3, PRICE: 1.5 } },
    ],
    totals: ["A 2 · 3.00"],
    filtered: 1,
    sureness: "sure",
    rules: ["product: data.PRODUCT"],
  },
  {
    name: "changes of a table of DynamoDB",
    records: [
      {
        eventName: "INSERT",
        dynamodb: { NewImage: { sku: { S: "A" }, qty: { N: "2" }, unit_price: { N: "1.5" } } },
      },
      {
        eventName: "MODIFY",
        dynamodb: {
          NewImage: { sku: { S: "A" }, qty: { N: "3" }, unit_price: { N: "1.5" } },
          OldImage: { sku: { S: "A" }, qty: { N: "2" }, unit_price: { N: "1.5" } },
        },
      },
      {
        eventName: "REMOVE",
        dynamodb: { OldImage: { sku: { S: "A" }, qty: { N: "3" }, unit_price: { N: "1.5" } } },
      },
    ],
    totals: ["A 2 · 3.00"],
    filtered: 2,
    sureness: "sure",
    rules: ["only: eventName in (INSERT)"],
  },
  {
    name: "times of events, which are no kinds of them",
    records: [
      { event: "purchase", event_time: "2026-01-01 10:00:00", sku: "A", qty: 1, unit_price: 2.5 },
      { event: "view", event_time: "2026-01-01 10:00:01", sku: "A" },
    ],
    totals: ["A 1 · 2.50"],
    filtered: 1,
    sureness: "sure",
    rules: ["only: event in (purchase)"],
  },
  {
    name: "a code and a short description of an item",
    records: [
      { ItemCode: "458", ItemDescription: "Wine glass", ItemQty: 2, ItemPrice: 3.5 },
      { ItemCode: "283", ItemDescription: "Lamp", ItemQty: 1, ItemPrice: 22.5 },
    ],
    totals: ["Lamp 1 · 22.50", "Wine glass 2 · 7.00"],
    sureness: "likely",
  },
];

export const tellingShapes: readonly Shape[] = [...operations, ...names, ...sums];
