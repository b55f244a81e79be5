/** Checks values against JSON Schemas: the keywords that ours use, and no others. */

import type { JsonSchema } from "../../src/lib/json-schema.ts";

const formats: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d\d-\d\d$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
};

const silent = ["$schema", "title", "description", "default", "style", "explode"];

/**
 * What is wrong with `value`, each with its place; empty when it fits. Fields that the schema does
 * not name are wrong too: a reader may ignore them, but what we write must be described.
 * @param schemas what `#/components/schemas/…` leads to
 * @throws Error at a keyword that this does not know
 */
export function problemsOf(
  schema: JsonSchema | boolean,
  value: unknown,
  schemas: Readonly<Record<string, JsonSchema>> = {},
  at = "",
): string[] {
  if (typeof schema === "boolean") return schema ? [] : [`${at} must not be there`];
  const inner = (of: unknown, each: unknown, place: string) =>
    problemsOf(of as JsonSchema, each, schemas, place);
  const list = Array.isArray(value) ? value : [];
  const first = Array.isArray(schema.prefixItems) ? schema.prefixItems.length : 0;
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const fields = isObject ? (value as Record<string, unknown>) : {};
  const must = (holds: boolean, what: string) =>
    holds ? [] : [`${at || "the value"} must ${what}, received ${JSON.stringify(value)}`];
  return Object.entries(schema).flatMap(([keyword, of]): string[] => {
    const size = Number(of);
    switch (keyword) {
      case "$ref":
        return inner(schemas[String(of).replace(/^.*\//, "")] ?? fail(String(of)), value, at);
      case "type":
        return must(
          [of].flat().some((type) => isOfType(value, String(type))),
          `be ${of}`,
        );
      case "required":
        return (of as string[]).flatMap((name) => must(name in fields, `have ${name}`));
      case "properties": {
        const known = of as Record<string, JsonSchema>;
        return Object.entries(fields).flatMap(([name, each]) =>
          inner(known[name] ?? false, each, `${at}.${name}`),
        );
      }
      case "dependentRequired":
        return Object.entries(of as Record<string, string[]>).flatMap(([name, others]) =>
          name in fields ? others.flatMap((other) => must(other in fields, `have ${other}`)) : [],
        );
      case "prefixItems":
        return list.slice(0, first).flatMap((each, i) => inner((of as [])[i], each, `${at}[${i}]`));
      case "items":
        return list.slice(first).flatMap((each, i) => inner(of, each, `${at}[${i + first}]`));
      case "minItems":
        return must(list.length >= size, `have ${of} items or more`);
      case "maxItems":
        return must(list.length <= size, `have at most ${of} items`);
      case "minLength":
        return must([...String(value)].length >= size, `have ${of} characters or more`);
      case "maxLength":
        return must([...String(value)].length <= size, `have at most ${of} characters`);
      case "minimum":
        return must(Number(value) >= size, `be ${of} or more`);
      case "maximum":
        return must(Number(value) <= size, `be at most ${of}`);
      case "pattern":
        return must(
          typeof value !== "string" || new RegExp(String(of), "u").test(value),
          `fit ${of}`,
        );
      case "format":
        return must((formats[String(of)] ?? fail(String(of))).test(String(value)), `be a ${of}`);
      case "enum":
        return must((of as unknown[]).includes(value), `be one of ${JSON.stringify(of)}`);
      case "const":
        return must(Bun.deepEquals(value, of), `be ${JSON.stringify(of)}`);
      case "anyOf": {
        const all = (of as JsonSchema[]).map((each) => inner(each, value, at));
        return all.some((problems) => problems.length === 0) ? [] : all.flat();
      }
      default:
        return silent.includes(keyword) ? [] : fail(keyword);
    }
  });
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object")
    return typeof value === "object" && value !== null && !Array.isArray(value);
  // The names of the other types are those of JavaScript.
  return typeof value === type;
}

function fail(what: string): never {
  throw new Error(`This checker does not know ${what}.`);
}
