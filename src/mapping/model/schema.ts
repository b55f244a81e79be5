/** A schema of a binary format: it decodes records, and says where paths of rules can lead. */

import type { AwaitedSchema } from "./awaited.ts";
import type { JudgedRecord } from "./judgement.ts";
import type { NumberedPlaces } from "./place.ts";
import type { Shape } from "./shape.ts";
import type { DecodedValue } from "./value.ts";

/** Records of these say what they are only by a schema. */
export type BinaryFormat = "avro" | "protobuf";

export function isBinary(format: string): format is BinaryFormat {
  return format === "avro" || format === "protobuf";
}

/** A part of a schema. Where a union stands there are several parts. */
export interface SchemaPart {
  /** For a sentence: `record shop.Order`, `long`. */
  readonly name: string;
  /** A rule may end here: the part is read as a text, number, boolean or bytes. */
  readonly isValue: boolean;
  /** Names of the fields of an object; undefined = any key, or none: ask `at`. */
  readonly fields: readonly string[] | undefined;
  /** What stands at a key; empty = nothing can. */
  at(key: string): readonly SchemaPart[];
  /** What stands in an array; undefined = this is none. */
  readonly items: readonly SchemaPart[] | undefined;
}

export interface RecordSchema {
  readonly root: readonly SchemaPart[];
  /**
   * All of `bytes` is one record. Reads only what `shape` needs.
   * @throws UnreadableError when `bytes` are no record of this schema
   */
  decode(bytes: Uint8Array, shape: Shape): DecodedValue;
  /** How the fast path reads records for rules at `places`; undefined = it leaves them alone. */
  readonly compile?: (places: NumberedPlaces) => ArrayBuffer | undefined;
}

/** A schema that no record waits for any more. */
export interface ReadySchema {
  /** What records name it by; 0 where they name none. */
  readonly id: number;
  readonly schema: RecordSchema;
}

/** A schema cannot be used; the message completes `schema 7 …: `. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

/** Where the schemas of records come from. */
export interface Schemas {
  /** Records name their schemas. */
  readonly areNamed: boolean;
  /**
   * Those for the fast path: no record of these waits, now and later. Another list when one has
   * come.
   */
  readonly ready: readonly ReadySchema[];
  /**
   * The schema of a record, and the bytes that it describes.
   * @throws UnreadableError when the record names none, or one that does not exist
   * @throws SchemaAwaited when the schema must be waited for
   */
  open(record: JudgedRecord, value: Uint8Array): { schema: RecordSchema; body: Uint8Array };
}

export class SchemaAwaited extends Error {
  override readonly name = "SchemaAwaited";
  readonly schema: AwaitedSchema;

  constructor(schema: AwaitedSchema) {
    super(`Waits for ${schema.name}`);
    this.schema = schema;
  }
}
