import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dayText } from "../../../src/domain/day.ts";
import { LocalDays } from "../../../src/mapping/exact/local-days.ts";

const second = (iso: string) => Date.parse(iso) / 1_000;
const dayAt = (days: LocalDays, iso: string) => dayText(days.dayOf(second(iso)));

describe("the local day of a second", () => {
  test("is that of UTC in UTC", () => {
    const days = new LocalDays("UTC");
    expect(days.dayOf(0)).toBe(0);
    expect(dayAt(days, "2026-11-26T23:59:59Z")).toBe("2026-11-26");
    expect(dayAt(days, "2026-11-27T00:00:00Z")).toBe("2026-11-27");
  });

  test("has 23 or 25 hours where the clocks change", () => {
    const berlin = new LocalDays("Europe/Berlin");
    expect(dayAt(berlin, "2026-03-28T22:59:59Z")).toBe("2026-03-28");
    expect(dayAt(berlin, "2026-03-28T23:00:00Z")).toBe("2026-03-29");
    expect(dayAt(berlin, "2026-03-29T21:59:59Z")).toBe("2026-03-29");
    expect(dayAt(berlin, "2026-03-29T22:00:00Z")).toBe("2026-03-30");
    expect(dayAt(berlin, "2026-10-24T22:00:00Z")).toBe("2026-10-25");
    expect(dayAt(berlin, "2026-10-25T22:59:59Z")).toBe("2026-10-25");
    expect(dayAt(berlin, "2026-10-25T23:00:00Z")).toBe("2026-10-26");
  });

  test("begins at the change where the clocks skip midnight", () => {
    // Santiago: 2025-09-06 24:00 is 2025-09-07 01:00.
    const santiago = new LocalDays("America/Santiago");
    expect(dayAt(santiago, "2025-09-07T03:59:59Z")).toBe("2025-09-06");
    expect(dayAt(santiago, "2025-09-07T04:00:00Z")).toBe("2025-09-07");
  });

  test("begins with the first midnight where there are two", () => {
    // Havana: 2025-11-02 01:00 is 00:00 again.
    const havana = new LocalDays("America/Havana");
    expect(dayAt(havana, "2025-11-02T03:59:59Z")).toBe("2025-11-01");
    expect(dayAt(havana, "2025-11-02T04:00:00Z")).toBe("2025-11-02");
    expect(dayAt(havana, "2025-11-02T05:30:00Z")).toBe("2025-11-02");
  });

  test("leaves out a day that the zone has left out", () => {
    const apia = new LocalDays("Pacific/Apia");
    expect(dayAt(apia, "2011-12-30T09:59:59Z")).toBe("2011-12-29");
    expect(dayAt(apia, "2011-12-30T10:00:00Z")).toBe("2011-12-31");
  });

  test("is that of the runtime's own calendar, in any order of questions", () => {
    const zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
    const instant = fc.integer({
      min: second("2015-01-01T00:00Z"),
      max: second("2035-01-01T00:00Z"),
    });
    for (const zone of zones) {
      const days = new LocalDays(zone);
      const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
      fc.assert(
        fc.property(instant, (at) => {
          expect(dayText(days.dayOf(at))).toBe(format.format(at * 1_000));
        }),
      );
    }
  });
});
