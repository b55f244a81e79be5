import { describe, expect, test } from "bun:test";
import { REFUSALS_MAX, Refusals } from "../../../src/aggregator/transactions/refusals.ts";

const MINUTE_MS = 60_000;

/** Refusals, and a clock that a test moves. */
function refusals() {
  const clock = { ms: 0, now: () => clock.ms };
  return { of: new Refusals(clock), clock };
}

describe("Refusals", () => {
  test("counts for each topic, and knows the most and the hopeless", () => {
    const { of } = refusals();
    expect([of.of("a"), of.most, of.hopeless]).toEqual([0, 0, undefined]);
    of.note("b");
    for (let i = 0; i < REFUSALS_MAX; i++) of.note("a");
    expect([of.of("a"), of.of("b"), of.most]).toEqual([REFUSALS_MAX, 1, REFUSALS_MAX]);
    expect(of.hopeless).toBeUndefined();
    of.note("a");
    expect(of.hopeless).toBe("a");
  });

  test("forgets one a minute, and a new one starts the minute again", () => {
    const { of, clock } = refusals();
    for (let i = 0; i < 3; i++) of.note("a");
    const seen: number[] = [];
    for (let second = 1; second <= 200; second++) {
      clock.ms += 1000;
      if (second === 90) of.note("a");
      of.committed();
      if (second % 30 === 0) seen.push(of.of("a"));
    }
    expect(seen).toEqual([3, 2, 3, 3, 2, 2]);
  });

  test("forgets nothing as long as nothing is committed", () => {
    const { of, clock } = refusals();
    for (let i = 0; i < REFUSALS_MAX; i++) {
      of.note("a");
      clock.ms += 2 * MINUTE_MS;
    }
    expect(of.of("a")).toBe(REFUSALS_MAX);
  });
});
