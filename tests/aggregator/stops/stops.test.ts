import { describe, expect, test } from "bun:test";
import { Stops } from "../../../src/aggregator/stops/stops.ts";
import { TestClock } from "../../support/clock.ts";

const cause = { reason: "partition 2 of out has no leader", topic: "out" };

describe("Stops", () => {
  test("tries a partition again after a pause that grows up to 20 s", () => {
    const clock = new TestClock();
    const stops = new Stops(clock);
    const pauses: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      stops.add([2], cause);
      let pause = 0;
      for (; stops.due().length === 0; pause += 500) clock.pass(500);
      pauses.push(pause);
      stops.resume([2]);
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  });

  test("tells a cause once for each partition", () => {
    const stops = new Stops(new TestClock());
    expect(stops.add([1, 2], cause)).toEqual([1, 2]);
    expect(stops.add([1, 2, 3], cause)).toEqual([3]);
    expect(stops.add([1], { reason: "another" })).toEqual([1]);
  });

  test("says which partitions are stopped, in one sentence for each cause", () => {
    const stops = new Stops(new TestClock());
    stops.add([0, 2], cause);
    stops.add([1], { reason: "there is no right." });
    expect(stops.sentences).toEqual([
      "Partitions 0, 2 are not counted for now: partition 2 of out has no leader. " +
        "They are tried again.",
      "Partition 1 is not counted for now: there is no right. It is tried again.",
    ]);
  });

  test("forgets a cause with the first commit, or when nothing fails for a while", () => {
    const clock = new TestClock();
    const stops = new Stops(clock);
    stops.add([0, 1], cause);
    stops.resume([0, 1]);
    expect(stops.sentences).toHaveLength(1);
    expect(stops.committed([0])).toBe(true);
    expect(stops.committed([0])).toBe(false);
    expect(stops.calm()).toBe(false);
    clock.pass(15_000);
    expect(stops.calm()).toBe(true);
    expect(stops.calm()).toBe(false);
    expect(stops.sentences).toEqual([]);
    expect(stops.waiting).toEqual([]);
  });

  test("forgets partitions that others own now", () => {
    const stops = new Stops(new TestClock());
    stops.add([0, 1], cause);
    stops.forget([0]);
    expect(stops.waiting).toEqual([1]);
  });
});
