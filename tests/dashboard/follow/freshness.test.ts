import { afterEach, beforeEach, describe, expect, setSystemTime, test } from "bun:test";
import { Freshness } from "../../../src/dashboard/follow/freshness.ts";
import { aim, REREADS_MAX, ReadProgress } from "../../../src/dashboard/follow/progress.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";

const start = Date.UTC(2026, 10, 24, 12);

beforeEach(() => {
  setSystemTime(start);
});
afterEach(() => {
  setSystemTime();
});

function fresh() {
  const view = new SalesView();
  const partitions = new ReadProgress();
  return { view, partitions, freshness: new Freshness("out", view, partitions) };
}

/** Counts sales that are in no total. */
function contradict(view: SalesView): void {
  view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord({ inputOffset: 9, sales: 9n }));
}

describe("Freshness", () => {
  test("has an answer between the assignment of the partitions and the first record", () => {
    const { freshness, partitions } = fresh();
    partitions.start(0, { low: 0, high: 5, askedAt: start });
    expect(freshness.state).toBe("restoring");
    expect(freshness.reasons(undefined)).toEqual([
      "Partition 0 of out is read up to offset 0 of 5.",
    ]);
    setSystemTime(start + 9_000);
    expect(freshness.state).toBe("stale");
    expect(freshness.reasons(undefined)).toEqual([
      "Kafka has not answered since 2026-11-24T12:00:00.000Z.",
    ]);
  });

  test("is stale for a reason when Kafka answers and the topic is not read to its end", () => {
    const { freshness, partitions } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: start });
    freshness.noteAnswer();
    expect([freshness.state, freshness.reasons(undefined)]).toEqual(["live", []]);
    setSystemTime(start + 9_000);
    freshness.noteTopic(true);
    expect([freshness.state, freshness.reasons(undefined)]).toEqual([
      "stale",
      ["The topic out has not been read to its end since 2026-11-24T12:00:00.000Z."],
    ]);
  });

  test("knows what was committed when its last partition was asked for the end that is read", () => {
    const { freshness, partitions } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: start + 1 });
    partitions.start(1, { low: 0, high: 5, askedAt: start + 2 });
    const [first, second] = [...partitions.values()];
    if (!first || !second) throw new Error("There are two partitions");
    expect([freshness.noteAnswer(), freshness.asOf]).toEqual([false, undefined]);
    second.position = 4;
    aim(first, { low: 0, high: 0, askedAt: start + 1_000 });
    aim(second, { low: 0, high: 9, askedAt: start + 1_001 });
    expect([freshness.noteAnswer(), freshness.asOf]).toEqual([false, undefined]);
    second.position = 5;
    expect([freshness.noteAnswer(), freshness.asOf]).toEqual([true, start + 2]);
    aim(second, { low: 0, high: 9, askedAt: start + 2_000 });
    second.position = 8;
    freshness.noteAnswer();
    expect(freshness.asOf).toBe(start + 2);
    // The log was cut to where it is read.
    aim(second, { low: 0, high: 8, askedAt: start + 3_000 });
    freshness.noteAnswer();
    expect(freshness.asOf).toBe(start + 1_000);
    // What is read again from the start stays on the page meanwhile, with its time.
    partitions.start(1, { low: 0, high: 8, askedAt: start + 4_000 });
    freshness.noteAnswer();
    expect(freshness.asOf).toBe(start + 1_000);
  });

  test("does not call totals complete that contradict their bookkeeping", () => {
    const { freshness, partitions, view } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: start });
    contradict(view);
    expect(freshness.noteAnswer()).toBe(false);
    expect([freshness.asOf, freshness.state]).toEqual([undefined, "restoring"]);
    Object.assign(partitions.get(0) ?? {}, { looks: REREADS_MAX });
    expect([freshness.state, freshness.reasons(undefined)]).toEqual([
      "stale",
      ["Partition 0 of out holds totals of 0 sales, but 9 were counted."],
    ]);
  });
});
