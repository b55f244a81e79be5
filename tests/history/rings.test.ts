import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  eventSecond,
  NO_HEAD,
  NO_TIME,
  placeOf,
  RING_NAMES,
  RINGS,
  reachAt,
} from "../../src/history/rings.ts";

const head = fc.oneof(fc.nat(4_000_000), fc.integer({ min: 1.7e9, max: 1.9e9 }));

describe("reachAt", () => {
  test("reaches 15 minutes by second, 24 hours by minute and 60 days by hour", () => {
    const at = (text: string) => Date.parse(text) / 1000;
    const { second, minute, hour } = reachAt(at("2026-11-25T06:38:12Z"));
    expect(second).toEqual({
      first: at("2026-11-25T06:23:00Z"),
      end: at("2026-11-25T06:38:13Z"),
    });
    expect(minute).toEqual({
      first: at("2026-11-24T06:00:00Z") / 60,
      end: at("2026-11-25T06:23:00Z") / 60,
    });
    expect(hour).toEqual({
      first: at("2026-09-26T06:00:00Z") / 3600,
      end: at("2026-11-24T06:00:00Z") / 3600,
    });
  });

  test("moves its boundaries when the example of rings.ts says so", () => {
    const starts = (text: string) => {
      const reach = reachAt(Date.parse(`2026-11-25T${text}Z`) / 1000);
      return RING_NAMES.map((ring) => {
        const start = reach[ring].first * RINGS[ring].seconds;
        return new Date(start * 1000).toISOString().slice(5, 16);
      });
    };
    const atFirst = ["11-25T06:23", "11-24T06:00", "09-26T06:00"];
    expect(starts("06:38:12")).toEqual(atFirst);
    expect(starts("06:38:59")).toEqual(atFirst);
    expect(starts("06:39:00")).toEqual(["11-25T06:24", "11-24T06:00", "09-26T06:00"]);
    expect(starts("07:00:00")).toEqual(["11-25T06:45", "11-24T07:00", "09-26T07:00"]);
  });

  test("divides the past among the rings: every second of it belongs to one, in one place", () => {
    fc.assert(
      fc.property(head, fc.nat(70 * 86_400), (head, age) => {
        const reach = reachAt(head);
        const second = head - age;
        const rings = RING_NAMES.filter((ring) => {
          const index = Math.floor(second / RINGS[ring].seconds);
          return index >= reach[ring].first && index < reach[ring].end;
        });
        const isInReach = second >= 0 && age < 60 * 86_400;
        expect(rings.length).toBeLessThanOrEqual(1);
        if (isInReach) expect(rings).toHaveLength(1);
        for (const ring of RING_NAMES) {
          expect(reach[ring].end - reach[ring].first).toBeLessThanOrEqual(RINGS[ring].slots);
        }
      }),
    );
  });

  test("only moves forward, and holds nothing before the first event", () => {
    fc.assert(
      fc.property(head, fc.nat(100_000), (head, later) => {
        for (const ring of RING_NAMES) {
          expect(reachAt(head + later)[ring].first).toBeGreaterThanOrEqual(
            reachAt(head)[ring].first,
          );
        }
      }),
    );
    for (const { first, end } of Object.values(reachAt(NO_HEAD))) expect(first).toBe(end);
  });
});

test("placeOf gives slots that are in reach at once places of their own", () => {
  const reach = reachAt(1_795_588_739);
  for (const ring of RING_NAMES) {
    const { first, end } = reach[ring];
    const places = new Set(Array.from({ length: end - first }, (_, i) => placeOf(ring, first + i)));
    expect(places.size).toBe(end - first);
  }
});

describe("eventSecond", () => {
  test.each([
    [undefined, 1_700_000_000_999, 1_700_000_000],
    [836_438_400_000, 1_700_000_000_000, 836_438_400],
    [1_800_000_000_000, 1_700_000_000_000, 1_700_000_000],
    [1_700_000_000_000, -1, 1_700_000_000],
    [undefined, -1, NO_TIME],
    [-1, 1_700_000_000_000, NO_TIME],
    [0, 0, 0],
  ])("of a sale at %p in a record of %p is %p", (saleMs, recordMs, second) => {
    expect(eventSecond(saleMs, recordMs)).toBe(second);
  });
});
