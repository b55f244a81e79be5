/** What the value of a record is: JSON, a line of csv, binary, or nothing; JSON read whole. */

import { decodeText, withoutRegistryPrefix } from "../../mapping/formats/json.ts";
import { readJson } from "../../mapping/formats/json-reader.ts";
import type { JudgedRecord } from "../../mapping/model/judgement.ts";
import { SchemaAwaited, type Schemas } from "../../mapping/model/schema.ts";
import { Shape } from "../../mapping/model/shape.ts";
import { type DecodedValue, UnreadableError } from "../../mapping/model/value.ts";

/** Objects and arrays below are kept empty: no sale stands deeper, and the stack has an end. */
const DEPTH_MAX = 24;

/**
 * `decoded`: by the schema that was given or that the record names.
 * `framed`: a registry's prefix (byte 0 and the schema's id) stands before something binary.
 */
export type ValueForm = "none" | "json" | "decoded" | "text" | "framed" | "binary";

export interface DecodedRecord {
  readonly form: ValueForm;
  /** Of JSON, and of what has a schema. */
  readonly value: DecodedValue | undefined;
  /** Of a value that is text but not JSON. */
  readonly text: string | undefined;
  /** The schema's id, where a registry's prefix stands. */
  readonly schemaId: number | undefined;
}

/** A shape that needs everything, down to a depth. */
class WholeShape extends Shape {
  readonly #below: Shape;

  constructor(depth: number) {
    super();
    this.#below = depth > 1 ? new WholeShape(depth - 1) : new Shape();
    // Readers ask first whether any field is needed.
    this.fields.set("", this.#below);
    this.items = this.#below;
    this.itemsMax = Number.POSITIVE_INFINITY;
    this.isRead = true;
  }

  override entryAt(text: string, start: number, end: number): readonly [string, Shape] {
    return [text.slice(start, end), this.#below];
  }

  override field(): Shape {
    return this.#below;
  }
}

const whole = new WholeShape(DEPTH_MAX);

/** `schemas`: those of binary records, all of them here; undefined = JSON or text. */
export function decodeRecord(record: JudgedRecord, schemas: Schemas | undefined): DecodedRecord {
  const { value } = record;
  if (!schemas || value === null) return decodeWhole(value);
  try {
    const { schema, body } = schemas.open(record, value);
    const schemaId = body.length < value.length ? prefixedId(value) : undefined;
    return { schemaId, text: undefined, form: "decoded", value: schema.decode(body, whole) };
  } catch (error) {
    if (!(error instanceof UnreadableError || error instanceof SchemaAwaited)) throw error;
    return decodeWhole(value, schemas);
  }
}

/** Without a registry, a byte 0 begins a value like any other. */
function decodeWhole(
  bytes: Uint8Array | null,
  { areNamed }: Pick<Schemas, "areNamed"> = { areNamed: true },
): DecodedRecord {
  const nothing = { value: undefined, text: undefined, schemaId: undefined };
  if (bytes === null) return { ...nothing, form: "none" };
  const schemaId = areNamed ? prefixedId(bytes) : undefined;
  const isFramed = schemaId !== undefined;
  const body = isFramed ? withoutRegistryPrefix(bytes) : bytes;
  const text = textOf(body);
  if (text === undefined) return { ...nothing, schemaId, form: isFramed ? "framed" : "binary" };
  const value = parsed(text);
  if (value !== undefined) return { ...nothing, schemaId, form: "json", value };
  if (isFramed) return { ...nothing, schemaId, form: "framed" };
  return hasControls(text) ? { ...nothing, form: "binary" } : { ...nothing, form: "text", text };
}

/** A registry counts its schemas from 1, in 32 bits with a sign. */
function prefixedId(bytes: Uint8Array): number | undefined {
  if (withoutRegistryPrefix(bytes).length === bytes.length) return undefined;
  const id = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1);
  return id > 0 ? id : undefined;
}

/** JSON in a text; undefined = it is none. */
export function parsed(text: string): DecodedValue | undefined {
  try {
    return readJson(text, whole);
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}

/** Plain Protobuf is often valid UTF-8, but has control characters. */
function hasControls(text: string): boolean {
  return /[^\P{Cc}\t\r\n]/u.test(text);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decodeText(bytes);
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}
