import { describe, expect, test } from "bun:test";
import { formatFor, formatTime } from "../../../src/dashboard/look/format.ts";
import { parseAmount } from "../../../src/domain/money.ts";

test("formatFor writes every amount alike where amounts are masked, and quantities as ever", () => {
  const { money, roundMoney, count, percent } = formatFor("de", "EUR", true);
  const amounts = ["0", "1.5", "1000000000000000000000.000001"].map(parseAmount);
  expect(new Set([...amounts.map(money), ...amounts.map(roundMoney)])).toEqual(new Set(["•••"]));
  expect([count(1234), percent(333)]).toEqual(["1.234", "33,3\u00a0%"]);
  expect(formatFor("de", "EUR").money(1_500_000n)).toBe("1,50\u00a0€");
});

describe("formatTime", () => {
  const at = (iso: string, zone?: string, now = "2026-11-25T12:00:00Z") =>
    formatTime(new Date(iso), zone, new Date(now));

  test("names the zone", () => {
    expect(at("2026-11-25T06:38:12.9Z")).toBe("06:38:12 UTC");
    expect(at("2026-11-25T06:38:12Z", "Asia/Kathmandu")).toBe("12:23:12 Asia/Kathmandu");
    expect(at("2026-11-25T23:38:12Z", "Europe/Vienna")).toBe("2026-11-26 00:38:12 Europe/Vienna");
  });

  test("has the date unless it is today's in that zone", () => {
    expect(at("2026-11-24T23:00:00Z")).toBe("2026-11-24 23:00:00 UTC");
    expect(at("2026-11-24T23:00:00Z", "Europe/Vienna")).toBe("00:00:00 Europe/Vienna");
  });

  test("refuses a zone that there is not", () => {
    expect(() => at("2026-11-24T23:00:00Z", "Mars/Olympus")).toThrow(RangeError);
  });
});
