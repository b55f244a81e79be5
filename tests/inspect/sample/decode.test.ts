/** What a value is taken for, and which schema ids are told of it. */

import { expect, test } from "bun:test";
import { decodeRecord } from "../../../src/inspect/sample/decode.ts";
import { avroSchema } from "../../../src/mapping/formats/avro/decode.ts";
import { sameSchema } from "../../../src/mapping/schema-file.ts";

const record = (...bytes: number[]) => ({
  ...{ topic: "sales", key: null, headers: [] },
  value: Uint8Array.from(bytes),
});
const till = avroSchema(
  JSON.stringify({
    type: "record",
    name: "Till",
    fields: [
      { name: "a", type: "string" },
      { name: "b", type: "string" },
    ],
  }),
);

test("a byte 0 and an id are a registry's prefix", () => {
  expect(decodeRecord(record(0, 0, 0, 0, 7, 2, 255), undefined)).toMatchObject({
    ...{ form: "framed", schemaId: 7 },
  });
  expect(decodeRecord(record(0, 0, 0, 0, 7, 0x7b, 0x7d), undefined)).toMatchObject({
    ...{ form: "json", schemaId: 7 },
  });
});

test("no registry has a schema with the id 0, or one beyond 31 bits", () => {
  for (const id of [
    [0, 0, 0, 0],
    [200, 1, 2, 3],
  ]) {
    expect(decodeRecord(record(0, ...id, 255), undefined)).toMatchObject({
      ...{ form: "binary", schemaId: undefined },
    });
  }
});

// An empty text is a byte 0 in Avro: the bytes behind were told as the id of a schema.
test("records of one schema name none, whatever their bytes are", () => {
  const schemas = sameSchema(till);
  const read = decodeRecord(record(0, 8, 0x77, 0x78, 0x79, 0x7a), schemas);
  expect(read).toMatchObject({ form: "decoded", schemaId: undefined });
  const unreadable = decodeRecord(record(0, 8, 0x77, 0x78, 0x79), schemas);
  expect(unreadable).toMatchObject({ form: "binary", schemaId: undefined });
});

test("a header names the schema of a value that begins with a byte 0", () => {
  const schemas = {
    areNamed: true,
    ready: [],
    open: (_: unknown, body: Uint8Array) => ({ schema: till, body }),
  };
  const read = decodeRecord(record(0, 8, 0x77, 0x78, 0x79, 0x7a), schemas);
  expect(read).toMatchObject({ form: "decoded", schemaId: undefined });
});
