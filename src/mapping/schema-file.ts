/** `--schema FILE`: the one schema of all records, and none of them names it. */

import { usageError } from "../lib/errors.ts";
import { quoted } from "../lib/text.ts";
import { avroSchema } from "./formats/avro/decode.ts";
import { filesOfSet } from "./formats/protobuf/descriptor.ts";
import { parseProto } from "./formats/protobuf/proto-text.ts";
import { protobufSchema } from "./formats/protobuf/schema.ts";
import type { ProtoFile } from "./formats/protobuf/types.ts";
import { type BinaryFormat, type RecordSchema, SchemaError, type Schemas } from "./model/schema.ts";

export interface SchemaFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** @throws SalesboardError with exit status 2 when the file is no such schema */
export function schemaOfFile(
  { path, bytes }: SchemaFile,
  { format, message }: { format: BinaryFormat; message: string | undefined },
): RecordSchema {
  try {
    if (format === "avro") return avroSchema(new TextDecoder().decode(bytes));
    const files = protoFiles(bytes);
    return protobufSchema(files, message ?? onlyMessage(files));
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw usageError(`Cannot use --schema ${quoted(path)}: ${error.message}.`);
  }
}

/** Every record is of this schema. */
export function sameSchema(schema: RecordSchema): Schemas {
  const ready = [{ id: 0, schema }];
  return { areNamed: false, ready, open: (_, body) => ({ schema, body }) };
}

/** A descriptor set, or the text of one `.proto` file. */
function protoFiles(bytes: Uint8Array): ProtoFile[] {
  try {
    const files = filesOfSet(bytes);
    if (files.some(({ messages }) => messages.length > 0)) return files;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
  }
  try {
    return [parseProto(new TextDecoder("utf-8", { fatal: true }).decode(bytes))];
  } catch (error) {
    const reason = error instanceof SchemaError ? ` (${error.message})` : "";
    throw new SchemaError(
      `it is neither a descriptor set (protoc --include_imports --descriptor_set_out) nor .proto text${reason}`,
    );
  }
}

function onlyMessage(files: readonly ProtoFile[]): string {
  const names = files.at(-1)?.messages.map(({ name }) => name) ?? [];
  const [only, another] = names;
  if (only !== undefined && another === undefined) return only;
  throw new SchemaError(`it has the messages ${names.join(", ")}: name one with --message`);
}
