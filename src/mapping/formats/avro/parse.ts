/** An Avro schema in JSON → its types. References are schemas whose names this one may use. */

import { SchemaError } from "../../model/schema.ts";
import { type AvroRecord, type AvroType, type Logical, primitives } from "./types.ts";

/** Types inside of types. */
const DEPTH_MAX = 100;
/** More decimals than any bound has. */
const SCALE_MAX = 1_000;

type Json = Readonly<Record<string, unknown>>;

/** @throws SchemaError */
export function parseAvroSchema(text: string, references: readonly string[] = []): AvroType {
  const parser = new AvroParser();
  for (const reference of references) parser.parse(reference);
  return parser.parse(text);
}

class AvroParser {
  readonly #named = new Map<string, AvroType>();

  parse(text: string): AvroType {
    return this.#type(jsonOf(text), "", 0);
  }

  #type(schema: unknown, space: string, depth: number): AvroType {
    if (depth > DEPTH_MAX) throw new SchemaError(`it nests deeper than ${DEPTH_MAX} types`);
    if (typeof schema === "string") return this.#byName(schema, space);
    if (Array.isArray(schema)) {
      return { kind: "union", branches: schema.map((one) => this.#type(one, space, depth + 1)) };
    }
    if (typeof schema !== "object" || schema === null) throw notASchema(schema);
    return this.#complex(schema as Json, space, depth);
  }

  #complex(schema: Json, space: string, depth: number): AvroType {
    const { type } = schema;
    switch (type) {
      case "array":
        return { kind: "array", items: this.#type(schema.items, space, depth + 1) };
      case "map":
        return { kind: "map", values: this.#type(schema.values, space, depth + 1) };
      case "record":
      case "error":
        return this.#record(schema, space, depth);
      case "enum":
        return this.#enum(schema, space);
      case "fixed":
        return this.#fixed(schema, space);
      default: {
        const inner = this.#type(type, space, depth + 1);
        const isPrimitive = inner.kind !== "union" && primitives.some((one) => one === inner.kind);
        return isPrimitive
          ? ({ ...inner, logical: logicalOf(schema, inner.kind) } as AvroType)
          : inner;
      }
    }
  }

  #byName(name: string, space: string): AvroType {
    const primitive = primitives.find((one) => one === name);
    if (primitive) return { kind: primitive, logical: undefined };
    const found = this.#named.get(fullName(name, space)) ?? this.#named.get(name);
    if (found) return found;
    throw new SchemaError(`the type ${name} is neither in it nor in its references`);
  }

  #record(schema: Json, space: string, depth: number): AvroRecord {
    const name = nameOf(schema, space);
    const record: AvroRecord = { kind: "record", name, fields: [] };
    this.#named.set(name, record);
    if (!Array.isArray(schema.fields)) throw new SchemaError(`record ${name} has no fields`);
    const inner = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "";
    for (const field of schema.fields as readonly Json[]) {
      if (typeof field?.name !== "string") throw notASchema(field);
      record.fields.push({ name: field.name, type: this.#type(field.type, inner, depth + 1) });
    }
    return record;
  }

  #enum(schema: Json, space: string): AvroType {
    const name = nameOf(schema, space);
    if (!Array.isArray(schema.symbols)) throw new SchemaError(`enum ${name} has no symbols`);
    const type = { kind: "enum", name, symbols: schema.symbols.map(String) } as const;
    this.#named.set(name, type);
    return type;
  }

  #fixed(schema: Json, space: string): AvroType {
    const name = nameOf(schema, space);
    const size = Number(schema.size);
    if (!Number.isSafeInteger(size) || size < 0) throw new SchemaError(`fixed ${name} has no size`);
    const type = { kind: "fixed", name, size, logical: logicalOf(schema, "fixed") } as const;
    this.#named.set(name, type);
    return type;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema of a primitive type may be its bare name.
    if (primitives.some((name) => name === text.trim())) return text.trim();
    throw new SchemaError("it is not JSON, so it is no Avro schema");
  }
}

function nameOf({ name, namespace }: Json, space: string): string {
  if (typeof name !== "string") throw new SchemaError("it has a type without a name");
  return fullName(name, typeof namespace === "string" ? namespace : space);
}

function fullName(name: string, space: string): string {
  return name.includes(".") || space === "" ? name : `${space}.${name}`;
}

function notASchema(value: unknown): SchemaError {
  return new SchemaError(`${JSON.stringify(value) ?? "nothing"} is no Avro type`);
}

/** As the specification says, a logical type that does not fit its type is ignored. */
function logicalOf(schema: Json, kind: AvroType["kind"]): Logical | undefined {
  const { logicalType, precision, scale = 0 } = schema;
  if (logicalType === "decimal" && (kind === "bytes" || kind === "fixed")) {
    const isValid = isCount(precision) && isCount(scale) && scale <= precision;
    return isValid && scale <= SCALE_MAX ? { kind: "decimal", scale } : undefined;
  }
  if (logicalType === "uuid" && kind === "fixed") return { kind: "uuid" };
  if (kind === "int") {
    if (logicalType === "date") return { kind: "date" };
    return logicalType === "time-millis" ? { kind: "clock", places: 3 } : undefined;
  }
  if (kind !== "long") return undefined;
  if (logicalType === "time-micros") return { kind: "clock", places: 6 };
  const [, local, unit = ""] =
    /^(local-)?timestamp-(millis|micros|nanos)$/.exec(String(logicalType)) ?? [];
  const places = { millis: 3, micros: 6, nanos: 9 }[unit];
  return places === undefined ? undefined : { kind: "timestamp", places, zone: local ? "" : "Z" };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
