/** Avro's types, as a schema names them, and as paths of rules see them. */

import type { SchemaPart } from "../../model/schema.ts";

/** What a number or bytes mean beyond that. `places`: decimals of a second. */
export type Logical =
  | { readonly kind: "decimal"; readonly scale: number }
  | { readonly kind: "timestamp"; readonly places: number; readonly zone: "Z" | "" }
  | { readonly kind: "clock"; readonly places: number }
  | { readonly kind: "date" }
  | { readonly kind: "uuid" };

/** In this order they stand in `native-fold/avro_schema.h` too. */
export const primitives = [
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
] as const;

export interface AvroPrimitive {
  readonly kind: (typeof primitives)[number];
  readonly logical: Logical | undefined;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
}

export interface AvroRecord {
  readonly kind: "record";
  readonly name: string;
  /** Filled once the record is known, because it may contain itself. */
  readonly fields: AvroField[];
}

export type AvroType =
  | AvroPrimitive
  | AvroRecord
  | {
      readonly kind: "fixed";
      readonly name: string;
      readonly size: number;
      readonly logical: Logical | undefined;
    }
  | { readonly kind: "enum"; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: "array"; readonly items: AvroType }
  | { readonly kind: "map"; readonly values: AvroType }
  | { readonly kind: "union"; readonly branches: readonly AvroType[] };

/** The parts that paths can lead to: of a union its branches, and of null nothing. */
export function partsOfType(type: AvroType): readonly SchemaPart[] {
  if (type.kind === "union") return type.branches.flatMap(partsOfType);
  if (type.kind === "null") return [];
  return [new AvroPart(type)];
}

class AvroPart implements SchemaPart {
  readonly #type: AvroType;

  constructor(type: AvroType) {
    this.#type = type;
  }

  get name(): string {
    const type = this.#type;
    return "name" in type ? `${type.kind} ${type.name}` : type.kind;
  }

  get isValue(): boolean {
    return !["record", "array", "map"].includes(this.#type.kind);
  }

  get fields(): readonly string[] | undefined {
    return this.#type.kind === "record" ? this.#type.fields.map(({ name }) => name) : undefined;
  }

  at(key: string): readonly SchemaPart[] {
    if (this.#type.kind === "map") return partsOfType(this.#type.values);
    if (this.#type.kind !== "record") return [];
    const field = this.#type.fields.find(({ name }) => name === key);
    return field ? partsOfType(field.type) : [];
  }

  get items(): readonly SchemaPart[] | undefined {
    return this.#type.kind === "array" ? partsOfType(this.#type.items) : undefined;
  }
}
