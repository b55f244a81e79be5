/** Random types of Avro, each with random values in its binary encoding. */

import { varint } from "../support/record-batches.ts";
import type { Random } from "./generate.ts";

export interface AvroChance {
  readonly schema: unknown;
  write(random: Random, out: number[]): void;
}

const encoder = new TextEncoder();
const NAMES = ["Kettle", "Côte de Blaye", "8 bytes!", "x", "日本", "it's", "paid", "refund"];
const ODD_NAMES = ["", "a\nb", "é".repeat(129), "2026-03-01", "12.50"];
const NUMBERS = ["1", "2", "3.0", "0.450", "12.50", "4", "0", "100"];
const ODD_NUMBERS = ["-4", " 5 ", "007", "n/a", "1e2", "", "1,5"];
const PRICES = [0, 1, 2, 24.95, 12.5, 0.45, 1999, 7.125, 0.1, 1e-6, 123456.78];
const ODD_FLOATS = [
  ...[-0, NaN, Infinity, 1e21, 1e15, 999999999999999, 39.900000000000006, 0.1 + 0.2, 1e-7, 5e-324],
  ...[2 ** 53, 0.0000015, 1 / 3, -1e-6, 123456789.123456, 16777217, 8388608.5, 1.5e-5, 65.55],
];
const ODD_LONGS = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -1n, 10n ** 18n, 999_999_999n];
const TIMES = ["2026-03-01T08:15:00Z", "2026-03-01", "2026-07-01 10:00", "soon", "1772352900"];
/** 24 November 2026, in milliseconds. */
const NOW = 1_795_507_200_000n;
const UNITS = { millis: 1n, micros: 1_000n, nanos: 1_000_000n };

/** Of 64 bits. Now and then longer than needed, which every reader takes. */
export function putLong(value: number | bigint, out: number[], random?: Random): void {
  const bytes = varint(value);
  const last = bytes.pop() as number;
  const isLonger = random?.below(200) === 0 && last < 8;
  out.push(...bytes, ...(isLonger ? [last | 0x80, 0] : [last]));
}

function putBytes(bytes: Iterable<number>, out: number[]): void {
  const all = [...bytes];
  putLong(all.length, out);
  out.push(...all);
}

function plain(schema: unknown, write: AvroChance["write"]): AvroChance {
  return { schema, write };
}

export function textType(random: Random, texts: readonly string[] = NAMES): AvroChance {
  return random.pick<() => AvroChance>([
    () => plain("string", (random, out) => putText(often(random, texts, ODD_NAMES), out)),
    () => plain("string", (random, out) => putText(often(random, texts, ODD_NAMES), out)),
    () => {
      const symbols = texts.filter((text) => /^\w+$/.test(text));
      const schema = { type: "enum", name: uniqueName(), symbols };
      return plain(schema, (random, out) => putLong(random.below(symbols.length), out));
    },
    () => {
      const schema = { type: "fixed", name: uniqueName(), size: 16, logicalType: "uuid" };
      return plain(schema, (random, out) => {
        for (let i = 0; i < 16; i++) out.push(i < 14 ? 7 * i : random.below(2));
      });
    },
  ])();
}

function often<T>(random: Random, usual: readonly T[], odd: readonly T[]): T {
  return random.pick(random.below(30) === 0 ? odd : usual);
}

function putText(text: string, out: number[]): void {
  putBytes(encoder.encode(text), out);
}

export function numberType(random: Random): AvroChance {
  return random.pick<() => AvroChance>([
    () => plain("int", (random, out) => putLong(random.below(9), out, random)),
    () => plain("long", putSomeLong),
    () => plain("double", (random, out) => putFloat(someFloat(random), 8, out)),
    () => plain("float", (random, out) => putFloat(someFloat(random), 4, out)),
    () => plain("string", (random, out) => putText(often(random, NUMBERS, ODD_NUMBERS), out)),
    () => decimalType(random, undefined),
    () => decimalType(random, random.pick([1, 2, 4, 8, 9, 70])),
  ])();
}

/** `size`: of fixed; undefined = bytes. */
function decimalType(random: Random, size: number | undefined): AvroChance {
  const scale = random.pick([0, 1, 2, 2, 2, 4, 6, 8, 20]);
  const logical = { logicalType: "decimal", precision: 30, scale };
  const schema = size
    ? { type: "fixed", name: uniqueName(), size, ...logical }
    : { type: "bytes", ...logical };
  return plain(schema, (random, out) => {
    const bytes = integerBytes(random.below(20_000) - 50, size ?? 1 + random.below(8));
    if (random.below(40) === 0) bytes.fill(random.pick([0x7f, 0x80, 0xff]));
    if (size) out.push(...bytes);
    else putBytes(random.below(60) === 0 ? [] : bytes, out);
  });
}

/** Bytes or base64 of an integer, for the rule `decimal`. */
export function encodedType(random: Random): AvroChance {
  const integers = () => integerBytes(random.below(9_000), random.pick([2, 3, 8, 9]));
  if (random.below(2) === 0) return plain("bytes", (_, out) => putBytes(integers(), out));
  if (random.below(4) === 0) return decimalType(random, undefined);
  return plain("string", (_, out) => putText(Buffer.from(integers()).toString("base64"), out));
}

function integerBytes(value: number, size: number): number[] {
  const bits = BigInt.asUintN(8 * size, BigInt(value));
  return Array.from({ length: size }, (_, i) =>
    Number((bits >> BigInt(8 * (size - 1 - i))) & 255n),
  );
}

function putSomeLong(random: Random, out: number[]): void {
  const value = random.below(20) === 0 ? random.pick(ODD_LONGS) : random.below(2_000) - 5;
  putLong(value, out, random);
}

function someFloat(random: Random): number {
  const kind = random.below(20);
  if (kind === 0) return random.pick(ODD_FLOATS);
  return kind < 6 ? random.below(1_000_000) / 100 : random.pick(PRICES);
}

function putFloat(value: number, size: 4 | 8, out: number[]): void {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  out.push(...new Uint8Array(view.buffer));
}

export function timeType(random: Random): AvroChance {
  const unit = random.pick(["millis", "micros", "nanos"] as const);
  const local = random.below(3) === 0 ? "local-" : "";
  const logical = (type: string, logicalType: string, value: (random: Random) => bigint) =>
    plain({ type, logicalType }, (random, out) => {
      putLong(random.below(25) === 0 ? random.pick(ODD_LONGS) : value(random), out);
    });
  const moment = (random: Random) => NOW + BigInt(random.below(2 ** 31)) - 2n ** 30n;
  return random.pick<() => AvroChance>([
    () => logical("long", `${local}timestamp-${unit}`, (random) => moment(random) * UNITS[unit]),
    () => logical("long", `${local}timestamp-millis`, moment),
    () => logical("int", "date", (random) => BigInt(random.below(40_000))),
    () => logical("int", "time-millis", (random) => BigInt(random.below(90_000_000))),
    () => logical("long", "time-micros", (random) => BigInt(random.below(90_000)) * 1_000_001n),
    () => plain("long", (random, out) => putLong(moment(random), out)),
    () => plain("string", (random, out) => putText(random.pick(TIMES), out)),
  ])();
}

export function embeddedType(json: (random: Random) => string): AvroChance {
  return plain("string", (random, out) => putText(json(random), out));
}

export function recordType(
  fields: readonly (readonly [name: string, type: AvroChance])[],
): AvroChance {
  const schema = {
    type: "record",
    name: uniqueName(),
    fields: fields.map(([name, { schema }]) => ({ name, type: schema })),
  };
  return plain(schema, (random, out) => {
    for (const [, { write }] of fields) write(random, out);
  });
}

export function mapType(keys: readonly string[], values: AvroChance): AvroChance {
  return plain({ type: "map", values: values.schema }, (random, out) => {
    const items = keys.map((key) => (out: number[]) => {
      putText(key, out);
      values.write(random, out);
    });
    if (random.below(40) === 0) items.push(...items);
    putItems(items, random, out);
  });
}

export function arrayType(items: AvroChance, lengths: readonly number[]): AvroChance {
  return plain({ type: "array", items: items.schema }, (random, out) => {
    const length = random.pick(lengths);
    const write = (out: number[]) => items.write(random, out);
    putItems(
      Array.from({ length }, () => write),
      random,
      out,
    );
  });
}

/** In one block or several, with their sizes or without. */
function putItems(items: ((out: number[]) => void)[], random: Random, out: number[]): void {
  for (let i = 0; i < items.length; ) {
    const count = random.below(3) === 0 ? 1 + random.below(items.length - i) : items.length - i;
    const block: number[] = [];
    for (const write of items.slice(i, i + count)) write(block);
    if (random.below(3) === 0) {
      putLong(-count, out);
      // Nobody looks at the size.
      putLong(random.below(9) === 0 ? random.below(99) : block.length, out);
    } else putLong(count, out);
    for (const byte of block) out.push(byte);
    i += count;
  }
  putLong(0, out);
}

/** A union of them; the first is what nearly all values are. */
export function unionOf(usual: AvroChance, others: readonly AvroChance[], random: Random) {
  const branches = random.below(2) === 0 ? [usual, ...others] : [...others, usual];
  return plain(
    branches.map(({ schema }) => schema),
    (random, out) => {
      const chosen = random.below(8) === 0 ? random.pick(branches) : usual;
      putLong(branches.indexOf(chosen), out, random);
      chosen.write(random, out);
    },
  );
}

export const nullType = plain("null", () => {});

/** What no rule expects, of every kind. */
export function oddType(random: Random): AvroChance {
  return random.pick<() => AvroChance>([
    () => nullType,
    () => plain("boolean", (random, out) => out.push(random.below(50) === 0 ? 2 : random.below(2))),
    () => plain("bytes", (random, out) => putBytes([random.below(256), 0xff], out)),
    () => mapType(["a", "en", "price"], numberType(random)),
    () => arrayType(nullType, [0, 1, 3]),
    () => arrayType(textType(random), [0, 2]),
    () => recordType([]),
    () => recordType([["a", numberType(random)]]),
    () => treeType(),
    () => numberType(random),
    () => timeType(random),
    () => unionOf(textType(random), [nullType, arrayType(numberType(random), [1])], random),
  ])();
}

/** A record that contains itself. */
function treeType(): AvroChance {
  const name = uniqueName();
  const below = { name: "below", type: { type: "array", items: name } };
  const fields = [{ name: "a", type: ["null", "string"] }, below];
  const write = (random: Random, out: number[], depth = 0): void => {
    putLong(1, out);
    putText("leaf", out);
    const length = depth < 3 ? random.below(3) : 0;
    putItems(
      Array.from({ length }, () => (out: number[]) => write(random, out, depth + 1)),
      random,
      out,
    );
  };
  return plain({ type: "record", name, fields }, (random, out) => write(random, out));
}

let names = 0;

/** Named types may stand once in a schema. */
function uniqueName(): string {
  return `T${names++}`;
}
