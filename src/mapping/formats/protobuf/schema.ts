/** A message of Protobuf as the schema of records: from descriptors or from text. */

import { type RecordSchema, SchemaError } from "../../model/schema.ts";
import { decodeMessage } from "./decode.ts";
import { parseProto } from "./proto-text.ts";
import { type ProtoFile, type ProtoMessage, ProtoTypes, partOfMessage } from "./types.ts";
import { WELL_KNOWN_FILES } from "./well-known.ts";

/** Files that records may use without bringing them along; those of the schema come after. */
const wellKnown = WELL_KNOWN_FILES.map((text) => parseProto(text));

/** @throws SchemaError when `name` is no message of the files */
export function protobufSchema(files: readonly ProtoFile[], name: string): RecordSchema {
  const types = new ProtoTypes([...wellKnown, ...files]);
  const message = types.message(name.replace(/^\./, ""));
  if (message) return schemaOf(types, message);
  const own = new ProtoTypes(files).messageNames;
  throw new SchemaError(`it has no message ${name}; it has ${own.slice(0, 20).join(", ")}`);
}

/**
 * The message that `indexes` lead to: the first of the top level of `file`, the others of the
 * messages inside. @throws SchemaError when there is none
 */
export function protobufSchemaAt(
  file: ProtoFile,
  references: readonly ProtoFile[],
  indexes: readonly number[],
): RecordSchema {
  let messages: readonly ProtoMessage[] = file.messages;
  let message: ProtoMessage | undefined;
  for (const index of indexes) {
    message = messages.filter(({ isMapEntry }) => !isMapEntry)[index];
    if (!message) break;
    messages = message.nested;
  }
  if (!message) throw new SchemaError(`it has no message at ${indexes.join(".")}`);
  return schemaOf(new ProtoTypes([...wellKnown, ...references, file]), message);
}

function schemaOf(types: ProtoTypes, message: ProtoMessage): RecordSchema {
  types.link(message);
  return {
    root: [partOfMessage(message)],
    decode: (bytes, shape) => decodeMessage(bytes, message, shape),
  };
}
