/** Descriptors: what protoc and registries say about `.proto` files, themselves in Protobuf. */

import { SchemaError } from "../../model/schema.ts";
import { UnreadableError } from "../../model/value.ts";
import { ByteReader } from "../byte-reader.ts";
import { WIRE } from "./scalars.ts";
import {
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  scalarTypes,
} from "./types.ts";

/** Messages inside of messages. */
const DEPTH_MAX = 64;
const LABEL_REPEATED = 3;
const TYPE_GROUP = 10;
const TYPE_MESSAGE = 11;
const TYPE_ENUM = 14;

/** FieldDescriptorProto.Type → name. */
const typesByNumber = new Map<number, (typeof scalarTypes)[number]>(
  scalarTypes.map((name, i) => [[1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 18][i] ?? 0, name]),
);

/** How fields of a file behave that say nothing themselves: proto2, proto3, or an edition's. */
type Presence = "explicit" | "implicit";

/** A FileDescriptorSet, as `protoc --descriptor_set_out` writes it. @throws SchemaError */
export function filesOfSet(bytes: Uint8Array): ProtoFile[] {
  return read(() =>
    [...fieldsOf(bytes)].flatMap(([number, value]) => {
      if (number !== 1) return [];
      return [fileOf(asBytes(value))];
    }),
  );
}

/** A FileDescriptorProto, as a registry hands it out. @throws SchemaError */
export function fileOfDescriptor(bytes: Uint8Array): ProtoFile {
  return read(() => fileOf(bytes));
}

function read<T>(reader: () => T): T {
  try {
    return reader();
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw new SchemaError(`it is no Protobuf descriptor: ${error.message}`);
  }
}

function fileOf(bytes: Uint8Array): ProtoFile {
  const all = new DescriptorFields(bytes);
  const space = all.text(2);
  const syntax = all.text(12) || "proto2";
  const isImplicit = syntax === "proto3" || presenceIn(all.bytes(8), 50) === "implicit";
  const presence: Presence = isImplicit ? "implicit" : "explicit";
  const enums: ProtoEnum[] = [];
  const context = { presence, enums, depth: 0 };
  const messages = all.every(4).map((one) => messageOf(one, space, context));
  enums.push(...all.every(5).map((one) => enumOf(one, space)));
  return { messages, enums };
}

function messageOf(
  bytes: Uint8Array,
  space: string,
  context: { presence: Presence; enums: ProtoEnum[]; depth: number },
): ProtoMessage {
  if (context.depth > DEPTH_MAX) throw new UnreadableError(`it nests deeper than ${DEPTH_MAX}`);
  const all = new DescriptorFields(bytes);
  const name = space === "" ? all.text(1) : `${space}.${all.text(1)}`;
  context.enums.push(...all.every(4).map((one) => enumOf(one, name)));
  const options = all.bytes(7);
  const isMapEntry = options !== undefined && new DescriptorFields(options).number(7) === 1;
  const fields = all.every(2).map((one) => ({
    ...fieldOf(one, context.presence),
    // Both parts of an entry are always there.
    ...(isMapEntry && { hasPresence: false }),
  }));
  const inner = { ...context, depth: context.depth + 1 };
  return {
    name,
    fields: new Map(fields.map((field) => [field.number, field])),
    nested: all.every(3).map((one) => messageOf(one, name, inner)),
    isMapEntry,
  };
}

function fieldOf(bytes: Uint8Array, filePresence: Presence): ProtoField {
  const all = new DescriptorFields(bytes);
  const type = all.number(5) ?? 0;
  const oneof = all.number(9);
  const own = presenceIn(all.bytes(8), 21);
  const isMessageType = type === TYPE_MESSAGE || type === TYPE_GROUP;
  const isOptional = all.number(17) === 1;
  return {
    name: all.text(1),
    number: all.number(3) ?? 0,
    isRepeated: all.number(4) === LABEL_REPEATED,
    hasPresence:
      isMessageType || oneof !== undefined || isOptional || (own ?? filePresence) === "explicit",
    // The oneof of an optional field is made up.
    oneof: isOptional ? undefined : oneof,
    default: all.has(7) ? all.text(7) : undefined,
    isGroup: type === TYPE_GROUP,
    typeName:
      isMessageType || type === TYPE_ENUM
        ? all.text(6)
        : (typesByNumber.get(type) ?? `type ${type}`),
    type: undefined,
  };
}

function enumOf(bytes: Uint8Array, space: string): ProtoEnum {
  const all = new DescriptorFields(bytes);
  const values = all.every(2).map((one) => {
    const value = new DescriptorFields(one);
    return [value.number(2) ?? 0, value.text(1)] as const;
  });
  const name = space === "" ? all.text(1) : `${space}.${all.text(1)}`;
  return { name, names: namesOf(values), first: values[0]?.[1] };
}

/** Of a number with two names the first counts. */
export function namesOf(values: readonly (readonly [number, string])[]): Map<number, string> {
  return new Map(values.toReversed());
}

/** FeatureSet.field_presence of an edition: 1 and 3 are explicit, 2 is implicit. */
function presenceIn(options: Uint8Array | undefined, features: number): Presence | undefined {
  const set = options && new DescriptorFields(options).bytes(features);
  const presence = set && new DescriptorFields(set).number(1);
  if (presence === undefined) return undefined;
  return presence === 2 ? "implicit" : "explicit";
}

type WireValue = number | bigint | Uint8Array;

/** The fields of one message, by number. */
class DescriptorFields {
  readonly #values = new Map<number, WireValue[]>();

  constructor(bytes: Uint8Array) {
    for (const [number, value] of fieldsOf(bytes)) {
      const values = this.#values.get(number) ?? [];
      values.push(value);
      this.#values.set(number, values);
    }
  }

  has(number: number): boolean {
    return this.#values.has(number);
  }

  every(number: number): Uint8Array[] {
    return (this.#values.get(number) ?? []).map(asBytes);
  }

  bytes(number: number): Uint8Array | undefined {
    return this.every(number).at(-1);
  }

  text(number: number): string {
    const bytes = this.bytes(number);
    return bytes ? new ByteReader(bytes).text(bytes.length) : "";
  }

  /** An int32: a negative one has 64 bits on the wire. */
  number(number: number): number | undefined {
    const value = this.#values.get(number)?.at(-1);
    if (value === undefined || value instanceof Uint8Array) return undefined;
    return Number(BigInt.asIntN(32, BigInt(value)));
  }
}

function* fieldsOf(bytes: Uint8Array): Generator<[number: number, value: WireValue]> {
  const reader = new ByteReader(bytes);
  while (reader.left > 0) {
    const tag = Number(reader.varint());
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case WIRE.varint:
        yield [number, reader.varint()];
        break;
      case WIRE.fixed64:
        yield [number, reader.uint64()];
        break;
      case WIRE.bytes:
        yield [number, reader.take(reader.varint())];
        break;
      case WIRE.fixed32:
        yield [number, reader.uint32()];
        break;
      default:
        throw new UnreadableError(`it has a field of the unknown wire type ${tag % 8}`);
    }
  }
}

function asBytes(value: WireValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new UnreadableError("it has a number in the place of a text or message");
}
