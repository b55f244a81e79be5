/** The records of our topics as JSON Schemas: docs/schemas/ has them as files. */

import { PRICE_MAX, PRODUCT_BYTES_MAX, QUANTITY_MAX } from "../domain/sale.ts";
import { HISTORY_PRODUCTS_MAX } from "../history/slot.ts";
import {
  amountSchema as amount,
  arraySchema,
  countSchema as count,
  dateSchema as date,
  type JsonSchema,
  objectSchema,
  quantitySchema as quantity,
  schemaDialect,
  textSchema as text,
  timeSchema as time,
} from "../lib/json-schema.ts";

function named(title: string, description: string, schema: JsonSchema): JsonSchema {
  return { $schema: schemaDialect, title, description, ...schema };
}

const product: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: PRODUCT_BYTES_MAX,
  description: `1 to ${PRODUCT_BYTES_MAX} bytes of UTF-8, without control characters.`,
};
/** Whole seconds. */
const second: JsonSchema = {
  ...time,
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$",
};
const fewSums: JsonSchema = {
  type: "array",
  prefixItems: [quantity, amount, count, count],
  minItems: 3,
  maxItems: 4,
  items: false,
  description: "Quantity, revenue, sales, and returns where there are some.",
};
const day = ["day", "dayQuantity", "dayPrice", "daySales", "dayReturns"];

/** By the name of the file. */
export const recordSchemas = {
  sale: named(
    "Sale",
    "A record of the input topic without a mapping: one line sold.",
    objectSchema(
      {
        product,
        quantity: { type: "integer", minimum: 1, maximum: QUANTITY_MAX },
        price: {
          type: "number",
          minimum: 0,
          maximum: PRICE_MAX,
          description: "Of one unit, with at most 6 decimals.",
        },
        timestamp: { type: ["number", "string"], description: "Epoch milliseconds, or ISO 8601." },
      },
      ["timestamp"],
    ),
  ),
  total: named(
    "Total",
    "A record of the output topic whose key is a product: its total in the record's partition.",
    {
      ...objectSchema(
        {
          product,
          totalQuantity: quantity,
          totalPrice: amount,
          sales: count,
          returns: count,
          day: date,
          dayQuantity: quantity,
          dayPrice: amount,
          daySales: count,
          dayReturns: count,
          updatedAt: time,
        },
        // Builds before mappings wrote no returns.
        ["returns", ...day],
      ),
      dependentRequired: Object.fromEntries(
        day.map((name) => [name, day.filter((other) => other !== name)]),
      ),
    },
  ),
  day: named(
    "Day",
    "A record of the output topic whose key begins with \\0day\\0: a product on a day that ended.",
    objectSchema({ product, day: date, quantity, price: amount, sales: count, returns: count }),
  ),
  bookkeeping: named(
    "Bookkeeping",
    "The record of the output topic with the key \\0bookkeeping: how the input was judged.",
    objectSchema(
      {
        version: { enum: [1, 2], description: "2 with days." },
        group: text,
        sequence: count,
        inputOffset: count,
        sales: count,
        returns: count,
        records: count,
        counted: count,
        filtered: count,
        deadLetters: count,
        untimed: count,
        skipped: count,
        skippedAt: { ...text, format: "date-time" },
        mapping: text,
        days: objectSchema(
          { zone: text, latest: date, outsideSales: count, outsideReturns: count, since: date },
          ["since"],
        ),
        writer: text,
        inputTopic: text,
        inputTopicId: text,
        clusterId: text,
        inputEpoch: count,
      },
      [
        ...["returns", "records", "counted", "filtered", "untimed", "skippedAt", "mapping"],
        ...["days", "writer", "inputTopic", "inputTopicId", "clusterId", "inputEpoch"],
      ],
    ),
  ),
  "history-slot": named(
    "History slot",
    "A record of the history topic whose key is a place, such as second/852.",
    objectSchema(
      {
        start: second,
        seconds: { enum: [1, 60, 3600] },
        products: arraySchema(
          {
            type: "array",
            prefixItems: [product, quantity, amount, count, count],
            minItems: 4,
            maxItems: 5,
            items: false,
          },
          { maxItems: HISTORY_PRODUCTS_MAX },
        ),
        rest: fewSums,
      },
      ["rest"],
    ),
  ),
  "history-bookkeeping": named(
    "History bookkeeping",
    "The record of the history topic with the key \\0bookkeeping: how to read the slots.",
    objectSchema(
      {
        version: { const: 1 },
        group: text,
        inputOffset: count,
        head: { anyOf: [second, { type: "null" }] },
        sales: count,
        returns: count,
        older: fewSums,
        late: count,
        untimed: count,
        ahead: count,
        unrecorded: count,
      },
      ["returns"],
    ),
  ),
  "dead-letter-headers": named(
    "Dead-letter headers",
    "What Salesboard adds to the headers of a record that is not a sale, as texts in UTF-8.",
    objectSchema(
      {
        error: { ...text, description: "Why the record is not a sale." },
        "source.topic": text,
        "source.partition": { ...text, pattern: "^\\d+$" },
        "source.offset": { ...text, pattern: "^\\d+$" },
        "key.omitted": { ...text, pattern: "^\\d+ bytes$" },
        "value.omitted": { ...text, pattern: "^\\d+ bytes$" },
        "headers.omitted": { ...text, pattern: "^\\d+ bytes$" },
        "timestamp.omitted": {
          ...text,
          description: "The time of the record, if it was left out.",
        },
      },
      ["key.omitted", "value.omitted", "headers.omitted", "timestamp.omitted"],
    ),
  ),
} as const satisfies Record<string, JsonSchema>;
