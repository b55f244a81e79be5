/** Where a record says which schema it was written with: in a header, or before the value. */

import { ByteReader } from "../formats/byte-reader.ts";
import { uuidText } from "../formats/logical.ts";
import type { JudgedRecord } from "../model/judgement.ts";
import { UnreadableError } from "../model/value.ts";

/** Confluent's serializers write it when they are told to keep the value as it is. */
const HEADER = "__value_schema_id";
const MAGIC_ID = 0;
const MAGIC_GUID = 1;
const ID_BYTES = 4;
const GUID_BYTES = 16;
/** Messages inside of messages. */
const INDEXES_MAX = 64;

export interface Frame {
  /** A number, or the GUID that newer registries know schemas by. */
  readonly id: string;
  readonly isGuid: boolean;
  /** Of Protobuf: which message of the file. */
  readonly indexes: readonly number[];
  readonly body: Uint8Array;
}

const firstMessage: readonly number[] = [0];

/** @throws UnreadableError when the record names no schema */
export function frameOf(
  { headers }: JudgedRecord,
  value: Uint8Array,
  { hasIndexes }: { hasIndexes: boolean },
): Frame {
  const header = headers.findLast(({ name }) => name === HEADER)?.value;
  const reader = new ByteReader(header ?? value);
  const place = header ? `the header ${HEADER}` : "the value";
  if (reader.left === 0) throw new UnreadableError(`${place} is empty, so it names no schema`);
  const magic = reader.byte();
  // A header without a value says nothing.
  const isGuid = magic === MAGIC_GUID && header instanceof Uint8Array;
  const idBytes = isGuid ? GUID_BYTES : ID_BYTES;
  const isNamed = magic === MAGIC_ID || isGuid;
  if (!isNamed || reader.left < idBytes) {
    const orGuid = header ? `, or a byte 1 and the ${GUID_BYTES} bytes of its GUID` : "";
    const accepted = `it must begin with a byte 0 and the ${ID_BYTES} bytes of a schema's id`;
    const received = isNamed ? `byte ${magic} and ${reader.left} bytes` : `byte ${magic}`;
    throw new UnreadableError(
      `${place} names no schema: ${accepted}${orGuid}, received ${received}`,
    );
  }
  const id = isGuid ? uuidText(reader.take(GUID_BYTES)) : String(idOf(reader));
  const hasThem = hasIndexes && (!header || reader.left > 0);
  const indexes = hasThem ? indexesOf(reader) : firstMessage;
  return { id, isGuid, indexes, body: header ? value : value.subarray(reader.at) };
}

/** The largest byte first. */
function idOf(reader: ByteReader): number {
  return reader.take(ID_BYTES).reduce((id, byte) => id * 256 + byte, 0);
}

/** A count and that many indexes; a count of 0 is the first message. */
function indexesOf(reader: ByteReader): readonly number[] {
  const count = reader.zigzag();
  if (count === 0) return firstMessage;
  if (count < 0 || count > INDEXES_MAX) {
    throw new UnreadableError(
      `the value has ${count} message indexes; ${INDEXES_MAX} are the most`,
    );
  }
  return Array.from({ length: Number(count) }, () => Number(reader.zigzag()));
}
