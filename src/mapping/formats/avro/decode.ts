/** The bytes of an Avro record → the parts that a shape needs; the others are skipped. */

import { NumberSource } from "../../../domain/money.ts";
import type { RecordSchema } from "../../model/schema.ts";
import type { Shape } from "../../model/shape.ts";
import {
  type DecodedValue,
  EMPTY_ARRAY,
  EMPTY_OBJECT,
  UnreadableError,
} from "../../model/value.ts";
import { ByteReader } from "../byte-reader.ts";
import { clockText, dateText, decimalNumber, timestampText, uuidText } from "../logical.ts";
import { parseAvroSchema } from "./parse.ts";
import { compileAvro } from "./program.ts";
import { type AvroRecord, type AvroType, type Logical, partsOfType } from "./types.ts";

/** Records inside of records: a record may contain itself. */
const DEPTH_MAX = 200;
/** Items beyond one a byte: items can be empty, but a record has no use for many of those. */
const EMPTY_ITEMS_MAX = 10_000;

/** @throws SchemaError */
export function avroSchema(text: string, references: readonly string[] = []): RecordSchema {
  const type = parseAvroSchema(text, references);
  return {
    root: partsOfType(type),
    decode: (bytes, shape) => new AvroReader(bytes).read(type, shape),
    compile: (places) => compileAvro(type, places),
  };
}

class AvroReader {
  readonly #in: ByteReader;
  #depth = 0;
  /** How many more items arrays and maps may have. */
  #itemsLeft: number;

  constructor(bytes: Uint8Array) {
    this.#in = new ByteReader(bytes);
    this.#itemsLeft = bytes.length + EMPTY_ITEMS_MAX;
  }

  read(type: AvroType, shape: Shape): DecodedValue {
    const value = this.#value(type, shape);
    const { left } = this.#in;
    if (left === 0) return value;
    throw new UnreadableError(`the value has ${left} bytes more than its schema says`);
  }

  #value(type: AvroType, shape: Shape): DecodedValue {
    switch (type.kind) {
      case "record":
        return this.#record(type, shape);
      case "union":
        return this.#value(this.#branch(type.branches), shape);
      case "array":
        return this.#array(type.items, shape);
      case "map":
        return this.#map(type.values, shape);
      case "enum":
        return this.#symbol(type.symbols);
      case "fixed":
        return bytesValue(this.#in.take(type.size), type.logical);
      case "bytes":
        return bytesValue(this.#in.take(this.#in.zigzag()), type.logical);
      case "string":
        return this.#in.text(this.#in.zigzag());
      case "null":
        return null;
      case "boolean":
        return this.#boolean();
      case "double":
        return this.#in.double();
      case "float":
        return this.#in.float();
      default:
        return integerValue(this.#in.zigzag(), type.logical);
    }
  }

  #record({ fields }: AvroRecord, shape: Shape): DecodedValue {
    this.#enter();
    const isNeeded = shape.fields.size > 0;
    const object = isNeeded ? new Map<string, DecodedValue>() : undefined;
    for (const { name, type } of fields) {
      const field = isNeeded ? shape.field(name) : undefined;
      if (field) object?.set(name, this.#value(type, field));
      else this.#skip(type);
    }
    this.#depth--;
    return object ?? EMPTY_OBJECT;
  }

  #array(type: AvroType, shape: Shape): DecodedValue {
    const { items, itemsMax } = shape;
    const array: DecodedValue[] = [];
    this.#enter();
    this.#blocks(() => {
      if (items && array.length < itemsMax) array.push(this.#value(type, items));
      else this.#skip(type);
    });
    this.#depth--;
    return items ? array : EMPTY_ARRAY;
  }

  #map(type: AvroType, shape: Shape): DecodedValue {
    const object = new Map<string, DecodedValue>();
    this.#enter();
    this.#blocks(() => {
      const key = this.#in.text(this.#in.zigzag());
      const field = shape.fields.size > 0 ? shape.field(key) : undefined;
      if (field) object.set(key, this.#value(type, field));
      else this.#skip(type);
    });
    this.#depth--;
    return object;
  }

  /** Arrays and maps are blocks of items; a negative count is followed by the block's bytes. */
  #blocks(readItem: () => void): void {
    while (true) {
      let count = this.#in.zigzag();
      if (count === 0) return;
      if (count < 0) {
        count = -count;
        this.#in.zigzag();
      }
      if (count > this.#itemsLeft) {
        throw new UnreadableError("the value has more items than it has bytes for");
      }
      this.#itemsLeft -= Number(count);
      for (let i = 0; i < count; i++) readItem();
    }
  }

  #branch(branches: readonly AvroType[]): AvroType {
    const index = this.#in.zigzag();
    const branch = branches[Number(index)];
    if (branch) return branch;
    throw new UnreadableError(`the value has branch ${index} of a union of ${branches.length}`);
  }

  #symbol(symbols: readonly string[]): string {
    const index = this.#in.zigzag();
    const symbol = symbols[Number(index)];
    if (symbol !== undefined) return symbol;
    throw new UnreadableError(`the value has symbol ${index} of an enum of ${symbols.length}`);
  }

  #boolean(): boolean {
    const byte = this.#in.byte();
    if (byte > 1) throw new UnreadableError(`the value has a boolean of ${byte}`);
    return byte === 1;
  }

  #skip(type: AvroType): void {
    switch (type.kind) {
      case "record":
        this.#enter();
        for (const field of type.fields) this.#skip(field.type);
        this.#depth--;
        return;
      case "union":
        this.#skip(this.#branch(type.branches));
        return;
      case "array":
        this.#enter();
        this.#blocks(() => this.#skip(type.items));
        this.#depth--;
        return;
      case "map":
        this.#enter();
        this.#blocks(() => {
          this.#in.skip(this.#in.zigzag());
          this.#skip(type.values);
        });
        this.#depth--;
        return;
      case "enum":
        this.#symbol(type.symbols);
        return;
      case "fixed":
        this.#in.skip(type.size);
        return;
      case "bytes":
      case "string":
        this.#in.skip(this.#in.zigzag());
        return;
      case "null":
        return;
      case "boolean":
        this.#boolean();
        return;
      case "double":
        this.#in.skip(8);
        return;
      case "float":
        this.#in.skip(4);
        return;
      default:
        this.#in.varint();
    }
  }

  #enter(): void {
    if (++this.#depth <= DEPTH_MAX) return;
    throw new UnreadableError(`the value nests deeper than ${DEPTH_MAX} levels`);
  }
}

function bytesValue(bytes: Uint8Array, logical: Logical | undefined): DecodedValue {
  if (logical?.kind === "decimal") return decimalNumber(bytes, logical.scale);
  return logical?.kind === "uuid" && bytes.length === 16 ? uuidText(bytes) : bytes;
}

function integerValue(value: number | bigint, logical: Logical | undefined): DecodedValue {
  switch (logical?.kind) {
    case "timestamp":
      return timestampText(value, logical);
    case "clock":
      return clockText(value, logical.places);
    case "date":
      return dateText(value);
    default:
      return new NumberSource(String(value));
  }
}
