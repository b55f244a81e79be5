import { describe, expect, test } from "bun:test";
import { formatFor } from "../../../src/dashboard/look/format.ts";
import { letterReasons, reasonsTable } from "../../../src/dashboard/pages/letter-reasons.ts";
import type { StoredRecord } from "../../../src/dashboard/records/records.ts";
import { letter, lookOf } from "../fixture.ts";

const at = (time: string) => Date.parse(`2026-05-01T${time}Z`);
const of = (error: string, timestamp: number, offset: number): StoredRecord => {
  const headers = [{ name: "error", value: new TextEncoder().encode(error) }];
  return letter({ headers, timestamp, offset });
};
const textOf = (records: StoredRecord[], { query = "", isAll = true } = {}) =>
  String(
    reasonsTable(letterReasons(records), {
      records,
      isAll,
      look: lookOf(query),
      format: formatFor("en", "USD"),
    }),
  );

describe("letterReasons", () => {
  test("puts reasons together that differ only in the line or the value, the commonest first", () => {
    const reasons = letterReasons([
      of('currency: must be USD, received "GBP" at currency', at("09:00:00"), 4),
      of('price: must be a number, received the string "n/a" at items[2].price', at("08:00:00"), 3),
      of('price: must be a number, received the string "?" at items[0].price', at("10:00:00"), 2),
      of("price: must be a number, received null at items[0].cost", at("07:00:00"), 1),
    ]);
    expect(
      reasons.map(({ letters, example, first, last }) => [letters, example.offset, first, last]),
    ).toEqual([
      [2, 3, at("08:00:00"), at("10:00:00")],
      [1, 4, at("09:00:00"), at("09:00:00")],
      [1, 1, at("07:00:00"), at("07:00:00")],
    ]);
  });

  test("knows letters without a reason, and times that no calendar has", () => {
    const records = [
      letter({ headers: [], timestamp: -1 }),
      letter({ headers: [], timestamp: 1.7e18 }),
    ];
    expect(letterReasons(records)).toMatchObject([
      { text: undefined, letters: 2, first: undefined, last: undefined },
    ]);
  });
});

describe("reasonsTable", () => {
  test("says over which letters it counts, and leads to an example", () => {
    const records = [of("a", at("08:00:00"), 8), of("b", at("07:00:00"), 7)];
    expect(textOf(records)).toContain("of all 2 rejected records");
    expect(textOf(records, { isAll: false })).toContain("of the latest 2 rejected records");
    expect(textOf(records)).toContain('href="#letter-0-8"');
    expect(textOf([])).toBe("");
  });

  test("lists ten reasons, and counts the others", () => {
    const records = Array.from({ length: 25 }, (_, i) =>
      of(`reason ${"x".repeat(i)}`, at("08:00:00"), i),
    );
    const html = textOf(records);
    expect(html.match(/<tr>/g)).toHaveLength(12);
    expect(html).toContain("15 other reasons");
  });

  test("says in the reader's language that there is no reason, and the others in English", () => {
    const records = [letter({ headers: [] }), of("price must be a JSON number", 1, 2)];
    const html = textOf(records, { query: "lang=de" });
    expect(html).toContain('<td class="reason">kein Grund angegeben</td>');
    expect(html).toContain('<td class="reason" lang="en">price must be a JSON number</td>');
  });

  test("shows no amounts where they are masked", () => {
    const records = [of('price: must be a number, received "12.345" at price', at("08:00:00"), 1)];
    expect(textOf(records)).toContain("12.345");
    expect(textOf(records, { query: "mask" })).not.toContain("12.345");
  });

  test("bounds what a sender can make it show, and lets no reason do anything", () => {
    const html = textOf([of(`<b>\u202e${"z".repeat(1_000_000)}`, at("08:00:00"), 1)]);
    expect(html.length).toBeLessThan(3_000);
    expect(html).toContain("&lt;b&gt;\\u{202e}");
  });
});
