import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NumberSource } from "../../../src/domain/money.ts";
import { parseTime } from "../../../src/mapping/exact/time.ts";
import { timeZone, utc } from "../../../src/mapping/exact/zone.ts";

const plain = { unit: undefined, zone: utc };

function iso(text: string, options: Partial<Parameters<typeof parseTime>[1]> = {}) {
  const ms = parseTime(text, { ...plain, ...options });
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

const number = (text: string, unit?: "s" | "ms" | "us" | "ns" | "days") =>
  parseTime(new NumberSource(text), { unit, zone: utc });

describe("parseTime", () => {
  test.each([
    ["2026-03-01T08:15:30.250Z", "2026-03-01T08:15:30.250Z"],
    ["2026-03-01t08:15:30z", "2026-03-01T08:15:30.000Z"],
    ["2026-03-01 08:16:00", "2026-03-01T08:16:00.000Z"],
    ["2026-03-01T08:16", "2026-03-01T08:16:00.000Z"],
    ["2026-03-01", "2026-03-01T00:00:00.000Z"],
    ["2026-02-11T09:00:00.123999", "2026-02-11T09:00:00.123Z"],
    ["2026-02-11T09:00:00,1", "2026-02-11T09:00:00.100Z"],
    ["2026-01-08T17:42:24.470+0000", "2026-01-08T17:42:24.470Z"],
    ["2026-06-01T10:11:12-04:00", "2026-06-01T14:11:12.000Z"],
    ["2026-06-01 10:11:12 +05:30", "2026-06-01T04:41:12.000Z"],
    ["2026-06-01 10:11:12+02", "2026-06-01T08:11:12.000Z"],
    ["2026-06-01 10:11:12 UTC", "2026-06-01T10:11:12.000Z"],
    ["2026-06-01T10:11:12+02:00[Europe/Berlin]", "2026-06-01T08:11:12.000Z"],
    ["2026-12-31T24:00:00Z", "2027-01-01T00:00:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["1772352960", "2026-03-01T08:16:00.000Z"],
  ])("reads %s", (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  test.each([
    "",
    "yesterday",
    "2/3/2026 7:15",
    "2026-02-29",
    "2026-13-01",
    "2026-00-01",
    "2026-03-01T25:00:00Z",
    "2026-03-01T24:00:01Z",
    "2026-03-01T08:60:00Z",
    "2026-03-01T08:15:60Z",
    "2026-03-01T08:15:30+24:00",
    "2026-03-01T08:15:30[Europe/Berlin]",
    "2026-03-01 08:16:00 CET",
    "1e400",
    "9".repeat(300),
  ])("%p is no time", (text) => {
    expect(iso(text)).toBeUndefined();
  });

  test("what is no text and no number is no time", () => {
    for (const value of [null, undefined, true, [], new Map<string, null>(), new Uint8Array(8)]) {
      expect(parseTime(value, plain)).toBeUndefined();
    }
  });

  test("a time without a zone is one of the zone given", () => {
    const zone = timeZone("Europe/Berlin");
    expect(iso("2026-07-01 10:00:00", { zone })).toBe("2026-07-01T08:00:00.000Z");
    expect(iso("2026-07-01", { zone })).toBe("2026-06-30T22:00:00.000Z");
    expect(iso("2026-07-01T10:00:00Z", { zone })).toBe("2026-07-01T10:00:00.000Z");
  });

  test("the size of a number tells its unit", () => {
    const ms = Date.parse("2026-03-01T08:16:00.500Z");
    for (const text of ["1772352960.5", "1772352960500", "1772352960500999"]) {
      expect(number(text)).toBe(ms);
    }
    expect(number("1772352960500999999")).toBe(ms);
    expect(number("0")).toBe(0);
    expect(number("-1.5")).toBe(-1_500);
  });

  test("a unit overrides the size", () => {
    expect(number("1000", "ms")).toBe(1_000);
    expect(number("1772352960", "s")).toBe(1_772_352_960_000);
    expect(number("20513", "days")).toBe(Date.parse("2026-03-01"));
    expect(number("1999", "us")).toBe(1);
    expect(number("-1", "ns")).toBe(-1);
    expect(number("8640000000000001", "ms")).toBeUndefined();
    expect(iso("2026-03-01T08:15:30Z", { unit: "s" })).toBe("2026-03-01T08:15:30.000Z");
  });

  test("every form of a time that ECMAScript writes is that time", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString();
          expect(parseTime(text, plain)).toBe(date.getTime());
          expect(parseTime(text.replace("T", " ").replace("Z", "+0000"), plain)).toBe(
            date.getTime(),
          );
        },
      ),
    );
  });
});
