/** The answers by HTTP and the messages of the stream, as JSON Schemas. */

import {
  amountSchema,
  arraySchema,
  countSchema as count,
  dateSchema as date,
  type JsonSchema,
  nullable,
  objectSchema,
  quantitySchema as quantity,
  textSchema as text,
  timeSchema as time,
} from "../../lib/json-schema.ts";
import { periods, windows } from "../look/look.ts";

/** Null where amounts are masked. */
const amount = nullable(amountSchema);
const sums = { totalQuantity: quantity, totalPrice: amount, sales: count, returns: count };
const epochMs: JsonSchema = { type: "number", description: "Epoch milliseconds." };

const ofSlots = objectSchema({
  totalQuantity: arraySchema(quantity),
  totalPrice: arraySchema(amountSchema),
  sales: arraySchema(count),
  returns: arraySchema(count),
});

const bytes = {
  value: nullable(text),
  valueBase64: { ...text, description: "Instead of value, where it is not UTF-8." },
};

const entry = objectSchema({ product: text, ...sums });
const figures = arraySchema({ type: "string", pattern: "^-?\\d+(\\.\\d+)?$" });

/** By the names that both documents use. */
export const answerSchemas = {
  Entry: entry,
  Entries: arraySchema(entry),
  Totals: objectSchema(
    {
      asOf: { ...nullable(time), description: "Until when the totals are complete." },
      currency: { ...text, pattern: "^[A-Z]{3}$" },
      by: { ...text, description: "With by: the dimension. Its values stand in product." },
      dayTarget: { ...amount, description: "With --target: what a day should bring." },
      period: { enum: periods.filter((period) => period !== "all") },
      from: date,
      to: { ...date, description: "This day is a part of the period." },
      timeZone: text,
      isComplete: { type: "boolean", description: "False while some of the days lack sales." },
      products: arraySchema(entry),
      total: objectSchema(sums),
      filtered: count,
      deadLetters: count,
    },
    ["by", "dayTarget", "period", "from", "to", "timeZone", "isComplete"],
  ),
  History: objectSchema({
    window: { enum: windows },
    isCurrent: { type: "boolean", description: "False while the latest sales may be missing." },
    start: { type: "integer", description: "Of the first slot, epoch seconds." },
    step: { type: "integer", description: "Seconds of a slot." },
    all: ofSlots,
    products: arraySchema({
      ...objectSchema({ product: text, ...propertiesOf(ofSlots) }),
    }),
    rest: { ...ofSlots, description: "All products without a line of their own." },
  }),
  Alerts: objectSchema({
    alerts: arraySchema(
      objectSchema({
        rule: text,
        state: { enum: ["ok", "firing", "unknown"] },
        value: nullable(text),
        threshold: { ...nullable(text), description: "Null where amounts are masked." },
        since: time,
      }),
    ),
  }),
  Letter: {
    ...objectSchema(
      {
        timestamp: nullable(time),
        reason: nullable(text),
        sourceTopic: nullable(text),
        sourcePartition: nullable(count),
        sourceOffset: nullable(count),
        key: nullable(text),
        keyBase64: { ...text, description: "Instead of key, where it is not UTF-8." },
        ...bytes,
        headers: arraySchema(objectSchema({ name: text, ...bytes }, Object.keys(bytes))),
        topic: { ...text, description: "The dead-letter topic, of partition and offset." },
        partition: count,
        offset: count,
      },
      ["key", "keyBase64", ...Object.keys(bytes)],
    ),
    description: "A record that is not a sale, with every byte.",
  },
  Problem: {
    ...objectSchema({ error: text, message: text }),
    description: "What is wrong: in a word or two, and in a sentence.",
  },
  Live: objectSchema({ live: { const: true } }),
  Ready: objectSchema({ ready: { const: true } }),
  NotReady: objectSchema({ ready: { const: false }, reasons: arraySchema(text) }),
  Heartbeat: objectSchema({
    t: { ...epochMs, description: "The server's clock, epoch milliseconds." },
    asOf: { ...nullable(epochMs), description: "Until when the totals are complete." },
    state: { ...text, description: "Where the dashboard stands, such as live." },
    sales: nullable({ ...text, pattern: "^\\d+$" }),
    build: { ...text, description: "The version of the page." },
  }),
  HistoryWindow: objectSchema({
    start: { type: "integer" },
    step: { type: "integer" },
    since: nullable({ type: "integer" }),
    products: arraySchema(text),
    lines: { ...arraySchema(figures), description: "Of all, of the rest, and of each product." },
    before: objectSchema({
      start: { type: "integer" },
      step: { type: "integer" },
      all: figures,
    }),
  }),
  HistorySlots: objectSchema({
    slots: {
      ...arraySchema(arraySchema({ type: ["integer", "string"] })),
      description: "Each as [start, all, rest, …products].",
    },
  }),
  Goodbye: objectSchema({}),
} as const satisfies Record<string, JsonSchema>;

export type AnswerName = keyof typeof answerSchemas;

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return schema.properties as Readonly<Record<string, JsonSchema>>;
}
