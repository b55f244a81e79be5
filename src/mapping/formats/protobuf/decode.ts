/** The bytes of a Protobuf message → the parts that a shape needs; the others are skipped. */

import { NumberSource } from "../../../domain/money.ts";
import { Shape } from "../../model/shape.ts";
import {
  type DecodedValue,
  EMPTY_OBJECT,
  UnreadableError,
  ValueWithParts,
} from "../../model/value.ts";
import { ByteReader } from "../byte-reader.ts";
import { absentValue, readScalar, WIRE, wireOf, wrongWire } from "./scalars.ts";
import { isMessage, type ProtoField, type ProtoMessage } from "./types.ts";
import { CONVERTED } from "./well-known.ts";

/** Messages inside of messages, as other implementations bound them. */
const DEPTH_MAX = 100;
const FIELD_NUMBER_END = 2 ** 29;

/** Of well-known messages that are read as one value. */
const everyPart = new Shape();
const partNames = "value seconds nanos units scale precision year month day";
for (const name of partNames.split(" ")) everyPart.fields.set(name, new Shape());
const keyOnly = new Shape();
keyOnly.fields.set("key", new Shape());

/** @throws UnreadableError when `bytes` are no such message */
export function decodeMessage(bytes: Uint8Array, type: ProtoMessage, shape: Shape): DecodedValue {
  return decode(bytes, { type, shape, depth: 0 });
}

interface Context {
  readonly type: ProtoMessage;
  readonly shape: Shape;
  readonly depth: number;
}

function decode(bytes: Uint8Array, { type, shape, depth }: Context): DecodedValue {
  if (depth > DEPTH_MAX) {
    throw new UnreadableError(`the value nests deeper than ${DEPTH_MAX} levels`);
  }
  const isWhole = shape.isRead || !shape.looksInside;
  const convert = isWhole ? CONVERTED.get(type.name) : undefined;
  if (convert) {
    const whole = convert(new MessageReader(bytes, { type, shape: everyPart, depth }).read());
    if (!shape.looksInside) return whole;
    const parts = new MessageReader(bytes, { type, shape, depth }).read();
    return new ValueWithParts(whole, parts, everyPart.fields);
  }
  const isNeeded = shape.fields.size > 0 || depth === 0;
  return isNeeded ? new MessageReader(bytes, { type, shape, depth }).read() : EMPTY_OBJECT;
}

class MessageReader {
  readonly #in: ByteReader;
  readonly #context: Context;
  readonly #fields = new Map<string, DecodedValue>();
  /** Of messages that are not repeated: to be joined, because such parts are one message. */
  readonly #parts = new Map<ProtoField, Uint8Array[]>();

  constructor(bytes: Uint8Array, context: Context) {
    this.#in = new ByteReader(bytes);
    this.#context = context;
  }

  read(): Map<string, DecodedValue> {
    const { fields } = this.#context.type;
    while (this.#in.left > 0) {
      const { number, wire } = this.#tag();
      const field = fields.get(number);
      if (field?.oneof !== undefined) this.#clearOthers(field);
      const shape = field && this.#needed(field);
      if (field && shape) this.#field(field, wire, shape);
      else this.#skip(number, wire);
    }
    for (const [field, parts] of this.#parts) this.#join(field, parts);
    for (const field of fields.values()) {
      if (this.#fields.has(field.name) || !this.#needed(field)) continue;
      const value = absentValue(field);
      if (value !== undefined) this.#fields.set(field.name, value);
    }
    return this.#fields;
  }

  #needed({ name }: ProtoField): Shape | undefined {
    const { shape } = this.#context;
    return shape.fields.size > 0 ? shape.field(name) : undefined;
  }

  #field(field: ProtoField, wire: number, shape: Shape): void {
    const { type, isRepeated } = field;
    const expected = wireOf(field);
    if (isRepeated && wire === WIRE.bytes && expected !== WIRE.bytes && !isMessage(type)) {
      this.#packed(field, shape);
      return;
    }
    if (wire !== expected || type === undefined) throw wrongWire(field, wire);
    if (!isMessage(type)) {
      const value = readScalar(this.#in, type);
      if (isRepeated) this.#add(field, shape, () => value);
      else this.#fields.set(field.name, value);
      return;
    }
    const bytes = field.isGroup ? this.#group(field.number) : this.#in.take(this.#in.varint());
    if (type.isMapEntry) this.#entry(field, type, { bytes, shape });
    else if (isRepeated) {
      this.#add(field, shape, (items) => this.#below(bytes, type, items));
    } else this.#addPart(field, bytes);
  }

  #addPart(field: ProtoField, bytes: Uint8Array): void {
    const parts = this.#parts.get(field);
    if (parts) parts.push(bytes);
    else this.#parts.set(field, [bytes]);
  }

  #packed(field: ProtoField, shape: Shape): void {
    const { type } = field;
    if (type === undefined || isMessage(type)) return;
    const bytes = this.#in.take(this.#in.varint());
    const reader = new ByteReader(bytes);
    while (reader.left > 0) {
      const value = readScalar(reader, type);
      this.#add(field, shape, () => value);
    }
  }

  #add({ name }: ProtoField, shape: Shape, item: (shape: Shape) => DecodedValue): void {
    const items = (this.#fields.get(name) ?? []) as DecodedValue[];
    this.#fields.set(name, items);
    if (shape.items && items.length < shape.itemsMax) items.push(item(shape.items));
  }

  /** Of a key that stands twice the last value counts. */
  #entry(
    { name }: ProtoField,
    type: ProtoMessage,
    { bytes, shape }: { bytes: Uint8Array; shape: Shape },
  ): void {
    const object = (this.#fields.get(name) ?? new Map()) as Map<string, DecodedValue>;
    this.#fields.set(name, object);
    const key = keyText(partOf(this.#below(bytes, type, keyOnly), "key"));
    const needed = shape.fields.size > 0 ? shape.field(key) : undefined;
    if (!needed) return;
    const valueOnly = new Shape();
    valueOnly.fields.set("value", needed);
    const value = partOf(this.#below(bytes, type, valueOnly), "value");
    if (value !== undefined) object.set(key, value);
  }

  #join(field: ProtoField, parts: readonly Uint8Array[]): void {
    const shape = this.#needed(field);
    if (!shape || !isMessage(field.type)) return;
    const [first] = parts;
    const bytes = parts.length === 1 && first ? first : Buffer.concat(parts);
    this.#fields.set(field.name, this.#below(bytes, field.type, shape));
  }

  #below(bytes: Uint8Array, type: ProtoMessage, shape: Shape): DecodedValue {
    return decode(bytes, { type, shape, depth: this.#context.depth + 1 });
  }

  /** One field of a oneof takes the place of the others. */
  #clearOthers(field: ProtoField): void {
    for (const other of this.#context.type.fields.values()) {
      if (other === field || other.oneof !== field.oneof) continue;
      this.#fields.delete(other.name);
      this.#parts.delete(other);
    }
  }

  #tag(): { number: number; wire: number } {
    const tag = Number(this.#in.varint());
    const number = Math.floor(tag / 8);
    if (number > 0 && number < FIELD_NUMBER_END) return { number, wire: tag % 8 };
    throw new UnreadableError(`the value has a field with the number ${number}`);
  }

  /** The bytes up to the end of the group, which is taken too. */
  #group(number: number): Uint8Array {
    const start = this.#in.at;
    const end = this.#skipGroup(number);
    return this.#in.bytes.subarray(start, end);
  }

  /** Returns where the tag of its end stands. A stack of our own cannot overflow. */
  #skipGroup(number: number): number {
    const open = [number];
    while (true) {
      const at = this.#in.at;
      const tag = this.#tag();
      if (tag.wire === WIRE.group) open.push(tag.number);
      else if (tag.wire !== WIRE.groupEnd) this.#skip(tag.number, tag.wire);
      else if (open.pop() !== tag.number) throw wrongGroup();
      else if (open.length === 0) return at;
    }
  }

  #skip(number: number, wire: number): void {
    if (wire === WIRE.varint) this.#in.varint();
    else if (wire === WIRE.fixed64) this.#in.skip(8);
    else if (wire === WIRE.bytes) this.#in.skip(this.#in.varint());
    else if (wire === WIRE.fixed32) this.#in.skip(4);
    else if (wire === WIRE.group) this.#skipGroup(number);
    else if (wire === WIRE.groupEnd) throw wrongGroup();
    else throw new UnreadableError(`the value has a field of the unknown wire type ${wire}`);
  }
}

function partOf(value: DecodedValue, name: string): DecodedValue | undefined {
  return value instanceof Map ? (value.get(name) as DecodedValue | undefined) : undefined;
}

function keyText(key: DecodedValue | undefined): string {
  return key instanceof NumberSource ? key.text : String(key ?? "");
}

function wrongGroup(): UnreadableError {
  return new UnreadableError("the value ends a group that is not open");
}
