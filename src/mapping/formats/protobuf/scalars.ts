/** Single values of Protobuf: as they stand on the wire, and what they are when absent. */

import { NumberSource } from "../../../domain/money.ts";
import {
  type DecodedValue,
  EMPTY_ARRAY,
  EMPTY_OBJECT,
  UnreadableError,
} from "../../model/value.ts";
import type { ByteReader } from "../byte-reader.ts";
import { isMessage, type ProtoEnum, type ProtoField, type ScalarType } from "./types.ts";

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, group: 3, groupEnd: 4, fixed32: 5 } as const;

const ZERO = new NumberSource("0");
const EMPTY_BYTES = new Uint8Array(0);

export function wireOf({ type, isGroup }: ProtoField): number {
  if (isMessage(type)) return isGroup ? WIRE.group : WIRE.bytes;
  switch (type) {
    case "double":
    case "fixed64":
    case "sfixed64":
      return WIRE.fixed64;
    case "float":
    case "fixed32":
    case "sfixed32":
      return WIRE.fixed32;
    case "string":
    case "bytes":
      return WIRE.bytes;
    default:
      return WIRE.varint;
  }
}

/** @throws UnreadableError */
export function readScalar(reader: ByteReader, type: ScalarType | ProtoEnum): DecodedValue {
  if (typeof type === "object") return enumValue(reader, type);
  switch (type) {
    case "double":
      return reader.double();
    case "float":
      return reader.float();
    case "string":
      return reader.text(reader.varint());
    case "bytes":
      return reader.take(reader.varint());
    case "bool":
      return Number(reader.varint()) !== 0;
    default:
      return new NumberSource(String(integer(reader, type)));
  }
}

function integer(reader: ByteReader, type: ScalarType): number | bigint {
  switch (type) {
    case "fixed32":
      return reader.uint32();
    case "sfixed32":
      return reader.int32();
    case "fixed64":
      return reader.uint64();
    case "sfixed64":
      return reader.int64();
    case "sint32":
    case "sint64":
      return reader.zigzag();
    case "uint64":
      return reader.varint();
    case "uint32":
      return BigInt.asUintN(32, BigInt(reader.varint()));
    case "int32":
      return int32(reader.varint());
    default: {
      const value = reader.varint();
      return typeof value === "number" ? value : BigInt.asIntN(64, value);
    }
  }
}

function int32(value: number | bigint): number | bigint {
  const isPlain = typeof value === "number" && value < 2 ** 31;
  return isPlain ? value : BigInt.asIntN(32, BigInt(value));
}

/** A number without a name stays a number: a newer schema may name it. */
function enumValue(reader: ByteReader, { names }: ProtoEnum): DecodedValue {
  const number = int32(reader.varint());
  return names.get(Number(number)) ?? new NumberSource(String(number));
}

/** What a field is that does not stand in the message; undefined = nothing. */
export function absentValue(field: ProtoField): DecodedValue | undefined {
  const { type, isRepeated, hasPresence, default: written } = field;
  if (isRepeated) return isMessage(type) && type.isMapEntry ? EMPTY_OBJECT : EMPTY_ARRAY;
  if (isMessage(type) || (hasPresence && written === undefined)) return undefined;
  if (typeof type === "object") return written ?? type.first;
  switch (type) {
    case "string":
      return written ?? "";
    case "bool":
      return written === "true";
    case "bytes":
      return written === undefined ? EMPTY_BYTES : new TextEncoder().encode(written);
    default:
      return written === undefined ? ZERO : new NumberSource(written);
  }
}

export function wrongWire({ name }: ProtoField, wire: number): UnreadableError {
  const sentence = `the field ${name} of the value has wire type ${wire}, which its schema does not say`;
  return new UnreadableError(sentence);
}
