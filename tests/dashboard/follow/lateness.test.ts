/** What waited uncounted when the board began. */

import { describe, expect, test } from "bun:test";
import { Backlog } from "../../../src/dashboard/follow/backlog.ts";
import type { Stall } from "../../../src/dashboard/follow/stall.ts";
import { StatusSource } from "../../../src/dashboard/follow/status-source.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import type { Admin, Consumer, Kafka } from "../../../src/kafka/kafka.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { momentAt, TestClock } from "../../support/clock.ts";
import { quietLog } from "../../support/context.ts";

const PATIENCE_MS = 10_000;
const HOUR_MS = 3_600_000;
const since = Date.UTC(2026, 10, 26, 12);
const asOf = momentAt(since + 1);
const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf };
const stall: Stall = {
  since,
  waiting: new Map([
    [0, 3],
    [2, 4],
  ]),
};

// A topic joined the board, and an hour of sales waited there: for ten seconds, the page was live
// and ready without them, and told them as late only if something else was wrong.
describe("Backlog.arrears", () => {
  interface Input {
    high: number;
    /** Of the bookkeeping at the start; undefined = there is none. */
    counted?: number;
    /** How old that is, milliseconds. */
    age?: number;
    /** What lies at the end are markers of transactions. */
    isMarkers?: boolean;
  }

  async function watching({ high, counted, age = HOUR_MS, isMarkers = false }: Input) {
    const [clock, view, stopping] = [new TestClock(), new SalesView(), new AbortController()];
    const count = (inputOffset: number, ageMs = 0) => {
      const at = clock.date().getTime() - ageMs;
      view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord({ inputOffset }), at);
    };
    if (counted !== undefined) count(counted, age);
    const admin = {
      describeTopic: async () => ({ partitions: 1 }),
      identity: async () => undefined,
      allWatermarks: async () => new Map([[0, { low: 0, high }]]),
      close: async () => {},
    } as Partial<Admin> as Admin;
    const reader = {
      assign: async () => {},
      poll: async (batch) => {
        batch.clear();
        if (isMarkers) return [{ type: "end", partition: 0, offset: high }];
        batch.append({ value: new Uint8Array(1), partition: 0 });
        return [];
      },
      close: async () => {},
    } as Partial<Consumer> as Consumer;
    const backlog: Backlog = new Backlog({
      kafka: { admin: () => admin, reader: () => reader } as Partial<Kafka> as Kafka,
      topic: "input",
      commitIntervalMs: 100,
      view,
      isCurrent: () => true,
      clock,
      log: quietLog,
      onChange: () => stopping.abort(),
      signal: stopping.signal,
    });
    const before = backlog.arrears;
    await backlog.run();
    return { backlog, before, count };
  }

  test("are what waits where nobody seems to count, until that is counted", async () => {
    const { backlog, before, count } = await watching({ high: 9 });
    expect(before).toBe("asking");
    expect(backlog.arrears).toMatchObject({ waiting: new Map([[0, 9]]), isSlow: true });
    count(4);
    expect(backlog.arrears).toMatchObject({ waiting: new Map([[0, 5]]) });
    count(9);
    expect(backlog.arrears).toBeUndefined();
  });

  test("begin with the last time that somebody counted", async () => {
    const { backlog } = await watching({ high: 9, counted: 4 });
    const since = new TestClock().date().getTime() - HOUR_MS;
    expect(backlog.arrears).toMatchObject({ waiting: new Map([[0, 5]]), since });
  });

  test.each([
    ["somebody counted a moment ago", { high: 9, counted: 4, age: PATIENCE_MS }],
    ["all is counted", { high: 9, counted: 9 }],
    ["nothing but markers of transactions waits", { high: 9, counted: 8, isMarkers: true }],
    ["the input is empty", { high: 0 }],
  ])("are none where %s", async (_, input) => {
    expect((await watching(input)).backlog.arrears).toBeUndefined();
  });

  test("says what waited before the board, and waits until it knows", () => {
    const sourceOf = (stall: Stall | undefined, arrears: Stall | "asking") => {
      const backlog = { stall, late: stall, blindness: undefined, strangers: [], arrears };
      return new StatusSource({ status: live, reasons: [] }, backlog, new TestClock());
    };
    const asking = sourceOf(undefined, "asking");
    expect(asking.reasons).toEqual(["It is not known yet whether sales wait in the input."]);
    expect(asking.status.state).toBe("restoring");
    const late = sourceOf(undefined, { ...stall, isSlow: true });
    const sentence =
      "Sales since 2026-11-26T12:00:00.000Z are not counted yet: 7 records wait in the input " +
      "(partition 0, 2).";
    expect(late.reasons).toEqual([sentence]);
    expect(late.status).toMatchObject({
      state: "behind",
      notices: [sentence],
      asOf: momentAt(since),
    });
    const both = sourceOf(stall, { ...stall, isSlow: true });
    expect(both.reasons).toEqual([expect.stringMatching(/^No sale has been counted since/)]);
  });
});
