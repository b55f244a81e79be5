/** Values in JavaScript → Avro's binary encoding by a schema, for records of tests and the bench. */

export type AvroSchemaJson =
  | string
  | readonly AvroSchemaJson[]
  | {
      readonly type: AvroSchemaJson;
      readonly logicalType?: string;
      readonly fields?: readonly { readonly name: string; readonly type: AvroSchemaJson }[];
      readonly items?: AvroSchemaJson;
      readonly symbols?: readonly string[];
      readonly [more: string]: unknown;
    };

const encoder = new TextEncoder();

/**
 * Of a union the first branch is null; decimals are integers of 32 bits.
 * @throws Error for types that no record of ours has
 */
export function encodeAvro(schema: AvroSchemaJson, value: unknown): Uint8Array {
  const out: number[] = [];
  put(schema, value, out);
  return Uint8Array.from(out);
}

/** As a serializer for a registry writes it: behind a byte 0 and the schema's id. */
export function framed(id: number, body: Uint8Array): Uint8Array {
  const ids = [24, 16, 8, 0].map((shift) => (id >>> shift) & 255);
  return Uint8Array.from([0, ...ids, ...body]);
}

function put(schema: AvroSchemaJson, value: unknown, out: number[]): void {
  if (Array.isArray(schema)) {
    putLong(value === null ? 0 : 1, out);
    if (value !== null) put(schema[1], value, out);
    return;
  }
  const complex = typeof schema === "string" ? { type: schema } : schema;
  if (!("type" in complex)) return;
  const { type, fields = [], items = "null", symbols = [] } = complex;
  switch (type) {
    case "record":
      for (const { name, type } of fields) put(type, (value as Record<string, unknown>)[name], out);
      return;
    case "array":
      if ((value as unknown[]).length > 0) putLong((value as unknown[]).length, out);
      for (const item of value as unknown[]) put(items, item, out);
      putLong(0, out);
      return;
    case "enum":
      putLong(symbols.indexOf(String(value)), out);
      return;
    case "boolean":
      out.push(Number(value));
      return;
    case "int":
    case "long":
      putLong(value as number, out);
      return;
    case "bytes": {
      const bits = value as number;
      out.push(8, ...[24, 16, 8, 0].map((shift) => (bits >> shift) & 255));
      return;
    }
    case "string": {
      const bytes = encoder.encode(String(value));
      putLong(bytes.length, out);
      out.push(...bytes);
      return;
    }
    default:
      throw new Error(`There is no encoding of ${JSON.stringify(type)} here.`);
  }
}

/** Of at most 52 bits. */
function putLong(value: number, out: number[]): void {
  let bits = value < 0 ? -2 * value - 1 : 2 * value;
  for (; bits >= 128; bits = Math.floor(bits / 128)) out.push((bits % 128) | 128);
  out.push(bits);
}
