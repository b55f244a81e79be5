/** What JSON Schemas are made of: those of our topics, and those of the answers by HTTP. */

/** Of the draft 2020-12, which OpenAPI 3.1 and AsyncAPI 3 use too. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export const schemaDialect = "https://json-schema.org/draft/2020-12/schema";

/** Fields may be added later, so that readers must ignore those that they do not know. */
export function objectSchema(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", required, properties };
}

export function arraySchema(items: JsonSchema, more: JsonSchema = {}): JsonSchema {
  return { type: "array", items, ...more };
}

export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

export const textSchema: JsonSchema = { type: "string" };
export const dateSchema: JsonSchema = { type: "string", format: "date" };
export const timeSchema: JsonSchema = { type: "string", format: "date-time" };
/** Of any size: a reader that keeps numbers in floating point rounds above 2^53. */
export const countSchema: JsonSchema = { type: "integer", minimum: 0 };

export const quantitySchema: JsonSchema = {
  type: "number",
  description: "Exact digits, with up to 6 decimals; negative where more is returned than sold.",
};

export const amountSchema: JsonSchema = {
  type: "string",
  pattern: "^-?\\d+\\.\\d{2,6}$",
  description: "An exact decimal with 2 to 6 decimals.",
};
