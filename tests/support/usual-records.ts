/** Records as tills and shops send them, for tests and the bench. */

import { type AvroSchemaJson, encodeAvro } from "./avro.ts";

const PRODUCTS = [
  "Laptop",
  "Wireless mouse",
  "Côte de Blaye",
  "Desk lamp",
  "Office chair",
  "Kettle",
];
const two = (value: number) => String(value).padStart(2, "0");
const product = (i: number) => PRODUCTS[(i * 7) % PRODUCTS.length] as string;
const price = (i: number) => `${10 + (i % 90)}.${two(i % 100)}`;

/** A till's event: 14 fields in about 319 bytes, five of which are asked for. */
export function till(i: number): string {
  const fields = [
    `"event_id":"01J9Z8Q4W7X3V5B2N6M8K0${String(i % 10_000).padStart(4, "0")}"`,
    '"event_type":"sale.completed"',
    `"store_id":"S-0${100 + (i % 50)}"`,
    `"till":${i % 12}`,
    `"cashier":"emp-${two(i % 97)}"`,
    `"receipt":${100_000 + (i % 900_000)}`,
    `"sku":"SKU-${String(i % 1_000).padStart(4, "0")}"`,
    `"product":"${product(i)}"`,
    '"category":"Electronics"',
    `"quantity":${1 + (i % 3)}`,
    `"unit_price":${price(i)}`,
    '"currency":"USD"',
    '"payment":{"kind":"card","last4":"4242"}',
    `"sold_at":"2026-11-24T08:15:${two(i % 60)}.${String(i % 1_000).padStart(3, "0")}Z"`,
  ];
  return `{${fields.join(",")}}`;
}
till.productOf = product;
till.rules = `product: product
quantity: quantity
price: unit_price
time: sold_at`;

/** A shop's order with three lines in about 600 bytes. */
export function order(i: number): string {
  const line = (n: number) =>
    `{"id":${1_000 + (n % 9_000)},"title":"${product(n)}","sku":"SKU-${n % 1_000}",` +
    `"quantity":${1 + (n % 3)},"price":"${price(n)}","taxable":true}`;
  const fields = [
    `"id":${450_000 + (i % 100_000)}`,
    '"created_at":"2026-05-04T18:20:00+02:00"',
    '"currency":"USD"',
    '"financial_status":"paid"',
    '"test":false',
    `"customer":{"id":${i % 10_000},"email":"someone@example.com","tags":["vip","eu"]}`,
    `"line_items":[${line(i)},${line(i + 1)},${line(i + 2)}]`,
    '"shipping_address":{"city":"Berlin","zip":"10115","country":"DE"}',
  ];
  return `{${fields.join(",")}}`;
}
order.rules = `lines: line_items[]
product: title
quantity: quantity
price: price
time: $.created_at
currency: $.currency
only: $.financial_status in (paid, partially_refunded)
only: $.test in (false)`;

const cents = { type: "bytes", logicalType: "decimal", precision: 12, scale: 2 };
const moment = { type: "long", logicalType: "timestamp-millis" };
const field = (name: string, type: AvroSchemaJson) => ({ name, type });
const texts = (...names: string[]) => names.map((name) => field(name, "string"));
const record = (name: string, ...fields: { name: string; type: AvroSchemaJson }[]) => ({
  type: "record",
  name,
  fields,
});
const priceInCents = (i: number) => Math.round(Number(price(i)) * 100);

/** The till's event in Avro, without what names its schema: about 120 bytes. */
export function avroTill(i: number): Uint8Array {
  return encodeAvro(avroTill.schema, {
    ...JSON.parse(till(i)),
    unit_price: priceInCents(i),
    sold_at: Date.UTC(2026, 10, 24, 8, 15, i % 60, i % 1_000),
  });
}
avroTill.schema = record(
  "SaleEvent",
  ...texts("event_id", "event_type", "store_id"),
  field("till", "int"),
  field("cashier", "string"),
  field("receipt", "long"),
  ...texts("sku", "product", "category"),
  field("quantity", "int"),
  field("unit_price", cents),
  field("currency", "string"),
  field("payment", record("Payment", ...texts("kind", "last4"))),
  field("sold_at", moment),
);
avroTill.rules = till.rules;

/** The order in Avro: about 150 bytes. */
export function avroOrder(i: number): Uint8Array {
  const { line_items: lines, ...fields } = JSON.parse(order(i));
  return encodeAvro(avroOrder.schema, {
    ...fields,
    created_at: Date.UTC(2026, 4, 4, 16, 20),
    line_items: lines.map((line: object, n: number) => ({ ...line, price: priceInCents(i + n) })),
  });
}
avroOrder.schema = record(
  "Order",
  field("id", "long"),
  field("created_at", moment),
  field("currency", "string"),
  field("financial_status", {
    type: "enum",
    name: "Status",
    symbols: ["pending", "paid", "partially_refunded", "refunded"],
  }),
  field("test", "boolean"),
  field(
    "customer",
    record(
      "Customer",
      field("id", "long"),
      field("email", "string"),
      field("tags", { type: "array", items: "string" }),
    ),
  ),
  field("line_items", {
    type: "array",
    items: record(
      "Line",
      field("id", "long"),
      ...texts("title", "sku"),
      field("quantity", "int"),
      field("price", cents),
      field("taxable", "boolean"),
    ),
  }),
  field("shipping_address", ["null", record("Address", ...texts("city", "zip", "country"))]),
);
avroOrder.rules = order.rules;
