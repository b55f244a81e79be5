import { describe, expect, test } from "bun:test";
import { letterOf } from "../../../src/dashboard/records/dead-letters.ts";
import { letter } from "../fixture.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const header = (name: string, value: string) => ({ name, value: bytes(value) });

describe("letterOf", () => {
  test("has reason, source, key, value and headers", () => {
    const record = letter({ key: bytes("k"), value: bytes('\ufeff{"a":\u0000') });
    expect(letterOf(record, "in.dlq")).toEqual({
      timestamp: "2023-11-14T22:13:20.123Z",
      reason: "price must be a JSON number, received 12.345; and 6.789",
      sourceTopic: "in",
      sourcePartition: 1,
      sourceOffset: 42,
      key: "k",
      value: '\ufeff{"a":\u0000',
      headers: [
        { name: "error", value: "price must be a JSON number, received 12.345; and 6.789" },
        { name: "source.topic", value: "in" },
        { name: "source.partition", value: "1" },
        { name: "source.offset", value: "42" },
      ],
      topic: "in.dlq",
      partition: 0,
      offset: 7,
    });
  });

  test("loses no byte of what is no text, and tells nothing from what is empty", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const headers = [
      { name: "b", value: all },
      { name: "n", value: null },
    ];
    const { headers: shown, ...found } = letterOf(
      letter({ key: all, value: new Uint8Array(), headers }),
      "in.dlq",
    );
    expect(found.key).toBeUndefined();
    expect(Uint8Array.from(Buffer.from(found.keyBase64 ?? "", "base64"))).toEqual(all);
    expect([found.value, found.valueBase64]).toEqual(["", undefined]);
    expect(letterOf(letter({ value: null }), "in.dlq").value).toBeNull();
    const base64 = Buffer.from(all).toString("base64");
    expect(shown).toEqual([
      { name: "b", valueBase64: base64 },
      { name: "n", value: null },
    ]);
  });

  test("takes the headers that the aggregator has added, which are the last", () => {
    const headers = [header("source.offset", "made up"), ...letter().headers];
    expect(letterOf(letter({ headers }), "in.dlq").sourceOffset).toBe(42);
  });

  test("has nothing for what a record of somebody else does not say, or says wrongly", () => {
    const headers = [header("source.partition", "-1"), header("source.offset", "9".repeat(19))];
    expect(letterOf(letter({ headers, timestamp: -1 }), "in.dlq")).toMatchObject({
      timestamp: null,
      reason: null,
      sourceTopic: null,
      sourcePartition: null,
      sourceOffset: null,
    });
  });
});
