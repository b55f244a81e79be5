/** Messages that everybody knows: schemas import them without bringing them along. */

import { NumberSource } from "../../../domain/money.ts";
import { formatDecimal, fromTwosComplement, plus } from "../../exact/decimal.ts";
import type { DecodedValue } from "../../model/value.ts";
import { ScaledNumber, timestampText } from "../logical.ts";

const wrapped = {
  DoubleValue: "double",
  FloatValue: "float",
  Int64Value: "int64",
  UInt64Value: "uint64",
  Int32Value: "int32",
  UInt32Value: "uint32",
  BoolValue: "bool",
  StringValue: "string",
  BytesValue: "bytes",
};

/** Registries do not hand these files out. */
export const WELL_KNOWN_FILES = [
  `syntax = "proto3"; package google.protobuf;
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message Empty {}
  message Any { string type_url = 1; bytes value = 2; }
  message FieldMask { repeated string paths = 1; }
  enum NullValue { NULL_VALUE = 0; }
  message Struct { map<string, Value> fields = 1; }
  message ListValue { repeated Value values = 1; }
  message Value { oneof kind { NullValue null_value = 1; double number_value = 2;
    string string_value = 3; bool bool_value = 4; Struct struct_value = 5;
    ListValue list_value = 6; } }
  ${Object.entries(wrapped)
    .map(([name, type]) => `message ${name} { ${type} value = 1; }`)
    .join("\n")}`,
  `syntax = "proto3"; package google.type;
  message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }
  message Decimal { string value = 1; }
  message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
  message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }
  message LatLng { double latitude = 1; double longitude = 2; }`,
  `syntax = "proto3"; package confluent.type;
  message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
];

type MessageFields = ReadonlyMap<string, DecodedValue>;

const NANO_PLACES = 9;
const NANOS_A_SECOND = 1_000_000_000n;
const SCALE_MAX = 1_000;

/** Messages that a rule can read as one value, where it does not look into them. */
export const CONVERTED: ReadonlyMap<string, (fields: MessageFields) => DecodedValue> = new Map([
  ...Object.keys(wrapped).map(
    (name) =>
      [`google.protobuf.${name}`, (fields: MessageFields) => fields.get("value") ?? null] as const,
  ),
  ["google.protobuf.Timestamp", timestamp],
  ["google.type.Money", money],
  ["google.type.Decimal", (fields: MessageFields) => fields.get("value") ?? null],
  ["google.type.Date", date],
  ["confluent.type.Decimal", decimal],
]);

function timestamp(fields: MessageFields): DecodedValue {
  const nanos = integer(fields, "seconds") * NANOS_A_SECOND + integer(fields, "nanos");
  return timestampText(nanos, { places: NANO_PLACES, zone: "Z" });
}

function money(fields: MessageFields): DecodedValue {
  const units = { units: integer(fields, "units"), scale: 0 };
  const nanos = { units: integer(fields, "nanos"), scale: NANO_PLACES };
  return new ScaledNumber(formatDecimal(plus(units, nanos)), NANO_PLACES);
}

function date(fields: MessageFields): DecodedValue {
  const [year, month, day] = ["year", "month", "day"].map((name) => integer(fields, name));
  const digits = (value: bigint | undefined, width: number) => String(value).padStart(width, "0");
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

/** Of Connect's converter. Null, as nothing, where the scale is none. */
function decimal(fields: MessageFields): DecodedValue {
  const bytes = fields.get("value");
  const scale = integer(fields, "scale");
  if (!(bytes instanceof Uint8Array) || bytes.length > 64) return null;
  if (scale < 0n || scale > SCALE_MAX) return null;
  const number = fromTwosComplement(bytes, Number(scale));
  return new ScaledNumber(formatDecimal(number), Number(scale));
}

function integer(fields: MessageFields, name: string): bigint {
  const value = fields.get(name);
  return value instanceof NumberSource ? BigInt(value.text) : 0n;
}
