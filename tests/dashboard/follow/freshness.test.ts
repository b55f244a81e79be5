import { describe, expect, test } from "bun:test";
import { Freshness } from "../../../src/dashboard/follow/freshness.ts";
import { aim, REREADS_MAX, ReadProgress } from "../../../src/dashboard/follow/progress.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import type { Moment } from "../../../src/lib/clock.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { TestClock } from "../../support/clock.ts";

const start = Date.UTC(2026, 10, 24, 12);
const HOUR_MS = 3_600_000;

function fresh() {
  const view = new SalesView();
  const partitions = new ReadProgress();
  const clock = new TestClock(start);
  const heard: { at: number | undefined } = { at: undefined };
  const kafka = { heardMsAgo: () => (heard.at === undefined ? undefined : clock.now() - heard.at) };
  const freshness = new Freshness({ topic: "out", view, partitions, clock, kafka });
  return { view, partitions, clock, freshness, heard };
}

/** So long after the start, before which nobody sets the clock. */
const after = (ms: number): Moment => ({ at: ms, date: new Date(start + ms) });

/** Counts sales that are in no total. */
function contradict(view: SalesView): void {
  view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord({ inputOffset: 9, sales: 9n }));
}

describe("Freshness", () => {
  test("has an answer between the assignment of the partitions and the first record", () => {
    const { clock, freshness, partitions } = fresh();
    partitions.start(0, { low: 0, high: 5, askedAt: after(0) });
    expect(freshness.state).toBe("restoring");
    expect(freshness.reasons(undefined)).toEqual([
      "Partition 0 of out is read up to offset 0 of 5.",
    ]);
    clock.pass(9_000);
    expect(freshness.state).toBe("stale");
    expect(freshness.reasons(undefined)).toEqual([
      "Kafka has not answered since 2026-11-24T12:00:00.000Z.",
    ]);
  });

  // Two of three brokers answered: "Kafka has not answered" was said for as long as the third was
  // frozen.
  test("names the leaders that are silent while other brokers answer", () => {
    const { clock, freshness, partitions } = fresh();
    const problem = "broker 2, which leads partition 1 of out, does not answer.";
    freshness.noteSilence(problem);
    expect(freshness.reasons(undefined)).toEqual([`The topic out cannot be read: ${problem}`]);
    partitions.start(0, { low: 0, high: 0, askedAt: after(0) });
    freshness.noteAnswer();
    clock.pass(19_000);
    freshness.noteSilence(problem);
    clock.pass(19_999);
    expect([freshness.state, freshness.reasons(undefined)]).toEqual([
      "stale",
      [`The topic out cannot be read whole since 2026-11-24T12:00:00.000Z: ${problem}`],
    ]);
    // Nobody says so any more: now nobody answers.
    clock.pass(1);
    expect(freshness.reasons(undefined)).toEqual([
      "Kafka has not answered since 2026-11-24T12:00:19.000Z.",
    ]);
  });

  // While leaders of a frozen broker moved, the question for the ends had no answer for 20 s.
  // "Kafka has not answered", said the page, though two of three brokers answered other questions.
  test("does not say that Kafka is silent while any broker answers anything", () => {
    const { clock, freshness, heard, partitions } = fresh();
    expect(freshness.reasons(undefined)).toEqual(["Kafka has not answered yet."]);
    heard.at = clock.now();
    expect(freshness.reasons(undefined)).toEqual([
      "Brokers answer, but none has described the topic out yet.",
    ]);
    partitions.start(0, { low: 0, high: 0, askedAt: after(0) });
    freshness.noteAnswer();
    for (let second = 0; second < 60; second += 5) {
      clock.pass(5_000);
      heard.at = clock.now();
    }
    const failure = { message: "A broker did not answer in time", code: "_TIMED_OUT" };
    expect([freshness.state, freshness.reasons(undefined), freshness.reasons(failure)]).toEqual([
      "stale",
      ["The topic out has not been read to its end since 2026-11-24T12:00:00.000Z."],
      [
        "The topic out cannot be read since 2026-11-24T12:00:00.000Z: A broker did not answer in time.",
      ],
    ]);
    clock.pass(9_000);
    expect(freshness.reasons(failure)).toEqual([
      "Kafka has not answered since 2026-11-24T12:01:00.000Z.",
    ]);
  });

  // A partition without leader hid that another one waited for a transaction, and a third
  // contradicted itself.
  test("says all that is known against the topic", () => {
    const { clock, freshness, partitions, view } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: after(0) });
    partitions.start(1, { low: 0, high: 5, askedAt: after(0) });
    contradict(view);
    Object.assign(partitions.get(0) ?? {}, { looks: 1 });
    const states = [1, 1, -1].map((leader) => ({ leader, replicas: [3], inSync: [1] }));
    freshness.noteTopic({ partitions: 3, states, brokers: [1, 2] });
    freshness.noteHeld("partition 1 waits for a transaction");
    expect(freshness.reasons(undefined)).toEqual([
      "The topic out cannot be read whole: partition 2 of out has no leader, because its broker 3 " +
        "is away; 2 of 3 brokers answer.",
      "The topic out cannot be read whole: partition 1 waits for a transaction.",
      "Partition 0 of out holds totals of 0 sales, but 9 were counted.",
      "Partition 1 of out is read up to offset 0 of 5.",
    ]);
    clock.pass(1_000);
    freshness.noteTopic({ partitions: 3 });
    freshness.noteHeld(undefined);
    expect(freshness.reasons(undefined)).toHaveLength(2);
  });

  test("is stale for a reason when Kafka answers and the topic is not read to its end", () => {
    const { clock, freshness, partitions } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: after(0) });
    freshness.noteAnswer();
    expect([freshness.state, freshness.reasons(undefined)]).toEqual(["live", []]);
    clock.pass(9_000);
    freshness.noteTopic({ partitions: 1 });
    expect([freshness.state, freshness.reasons(undefined)]).toEqual([
      "stale",
      ["The topic out has not been read to its end since 2026-11-24T12:00:00.000Z."],
    ]);
  });

  test("knows what was committed when its last partition was asked for the end that is read", () => {
    const { freshness, partitions } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: after(1) });
    partitions.start(1, { low: 0, high: 5, askedAt: after(2) });
    const [first, second] = [...partitions.values()];
    if (!first || !second) throw new Error("There are two partitions");
    expect([freshness.noteAnswer(), freshness.asOf]).toEqual([false, undefined]);
    second.position = 4;
    aim(first, { low: 0, high: 0, askedAt: after(1_000) });
    aim(second, { low: 0, high: 9, askedAt: after(1_001) });
    expect([freshness.noteAnswer(), freshness.asOf]).toEqual([false, undefined]);
    second.position = 5;
    expect([freshness.noteAnswer(), freshness.asOf]).toEqual([true, after(2)]);
    aim(second, { low: 0, high: 9, askedAt: after(2_000) });
    second.position = 8;
    freshness.noteAnswer();
    expect(freshness.asOf).toEqual(after(2));
    // The log was cut to where it is read.
    aim(second, { low: 0, high: 8, askedAt: after(3_000) });
    freshness.noteAnswer();
    expect(freshness.asOf).toEqual(after(1_000));
    // What is read again from the start stays on the page meanwhile, with its time.
    partitions.start(1, { low: 0, high: 8, askedAt: after(4_000) });
    freshness.noteAnswer();
    expect(freshness.asOf).toEqual(after(1_000));
  });

  test("does not call totals complete that contradict their bookkeeping", () => {
    const { freshness, partitions, view } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: after(0) });
    contradict(view);
    expect(freshness.noteAnswer()).toBe(false);
    expect([freshness.asOf, freshness.state]).toEqual([undefined, "restoring"]);
    Object.assign(partitions.get(0) ?? {}, { looks: REREADS_MAX });
    expect([freshness.state, freshness.reasons(undefined)]).toEqual([
      "stale",
      ["Partition 0 of out holds totals of 0 sales, but 9 were counted."],
    ]);
  });

  // Silence was a difference of times of day: with a clock set back by an hour, a dead Kafka was
  // called live for 59 minutes and 50 seconds.
  test("is stale when Kafka says nothing after the clock was set back", () => {
    const { clock, freshness, partitions } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: after(0) });
    freshness.noteAnswer();
    clock.step(-HOUR_MS);
    clock.pass(7_000);
    expect(freshness.state).toBe("live");
    clock.pass(2_000);
    expect([freshness.state, freshness.reasons(undefined)]).toEqual([
      "stale",
      ["Kafka has not answered since 2026-11-24T12:00:00.000Z."],
    ]);
  });

  test("stays live when the clock is set forward", () => {
    const { clock, freshness, partitions } = fresh();
    partitions.start(0, { low: 0, high: 0, askedAt: after(0) });
    freshness.noteAnswer();
    clock.step(HOUR_MS);
    expect([freshness.state, freshness.reasons(undefined)]).toEqual(["live", []]);
  });
});
