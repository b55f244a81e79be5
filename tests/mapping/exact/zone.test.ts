import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { timeZone, utc } from "../../../src/mapping/exact/zone.ts";

const at = (zone: string, local: string) =>
  new Date(timeZone(zone).instant(Date.parse(`${local}Z`))).toISOString();

/** The clock of a zone, written by the runtime itself. */
function clock(zone: string, ms: number): string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return format.format(ms);
}

describe("timeZone", () => {
  test.each([
    ["Europe/Berlin", "2026-01-15T12:00:00", "2026-01-15T11:00:00.000Z"],
    ["Europe/Berlin", "2026-07-15T12:00:00.250", "2026-07-15T10:00:00.250Z"],
    ["America/New_York", "2026-07-15T23:30:00", "2026-07-16T03:30:00.000Z"],
    ["Asia/Kolkata", "2026-07-15T00:10:00", "2026-07-14T18:40:00.000Z"],
    ["Australia/Lord_Howe", "2026-01-15T12:00:00", "2026-01-15T01:00:00.000Z"],
    ["America/Nuuk", "2022-03-26T23:30:00", "2022-03-27T01:30:00.000Z"],
    ["Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00.000Z"],
  ])("in %s the clock shows %s at %s", (zone, local, instant) => {
    expect(at(zone, local)).toBe(instant);
  });

  test("a time that comes twice is the first of the two", () => {
    expect(at("Europe/Berlin", "2026-10-25T01:59:59")).toBe("2026-10-24T23:59:59.000Z");
    expect(at("Europe/Berlin", "2026-10-25T02:30:00")).toBe("2026-10-25T00:30:00.000Z");
    expect(at("Europe/Berlin", "2026-10-25T03:00:00")).toBe("2026-10-25T02:00:00.000Z");
  });

  test("a time that the clocks skip is taken with the offset before", () => {
    expect(at("Europe/Berlin", "2026-03-29T01:59:59")).toBe("2026-03-29T00:59:59.000Z");
    expect(at("Europe/Berlin", "2026-03-29T02:30:00")).toBe("2026-03-29T01:30:00.000Z");
    expect(at("Europe/Berlin", "2026-03-29T03:00:00")).toBe("2026-03-29T01:00:00.000Z");
  });

  test("UTC needs no rules, and an unknown zone is refused", () => {
    expect(timeZone("UTC")).toBe(utc);
    expect(() => timeZone("Europe/Berlinn")).toThrow(RangeError);
  });

  test("an instant is found again from its clock, unless the clock shows it twice", () => {
    const zones = ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"];
    const hour = 3_600_000;
    const instant = fc.integer({ min: 0, max: 4_000_000_000 }).map((second) => second * 1_000);
    const nearChange = fc
      .tuple(fc.integer({ min: 1_980, max: 2_090 }), fc.nat(60 * 24 * 60))
      .map(([year, minute]) => Date.UTC(year, minute % 2 ? 2 : 9, 1) + minute * 60_000);
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.oneof(instant, nearChange), (zone, ms) => {
        const shown = clock(zone, ms);
        const found = timeZone(zone).instant(Date.parse(`${shown.replace(" ", "T")}Z`));
        expect(clock(zone, found)).toBe(shown);
        if (found !== ms) expect(ms - found).toBeGreaterThan(0);
        expect(ms - found).toBeLessThanOrEqual(hour);
      }),
      { numRuns: 300 },
    );
  });
});
