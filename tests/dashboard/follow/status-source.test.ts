/** When the numbers can be trusted, and what is said when they cannot. */

import { describe, expect, test } from "bun:test";
import type { Stall } from "../../../src/dashboard/follow/stall.ts";
import { StatusSource } from "../../../src/dashboard/follow/status-source.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import { momentAt, TestClock } from "../../support/clock.ts";

const since = Date.UTC(2026, 10, 26, 12);
const live: Status = {
  state: "live",
  partitions: 1,
  lag: 0,
  notices: [],
  asOf: momentAt(since + 1),
};
const stall: Stall = {
  since,
  waiting: new Map([
    [0, 3],
    [2, 4],
  ]),
};
const UNCOUNTED =
  "No sale has been counted since 2026-11-26T12:00:00.000Z, though 7 records wait in the input " +
  "(partition 0, 2).";

function sourceOf(
  backlog: {
    stall: Stall | undefined;
    late?: Stall;
    blindness?: string;
    strangers?: readonly string[];
  },
  clock: Pick<Clock, "now"> = new TestClock(),
): StatusSource {
  const source = {
    blindness: undefined,
    strangers: [],
    ...backlog,
    get stall() {
      return backlog.stall;
    },
    get late() {
      return backlog.late ?? backlog.stall;
    },
  };
  return new StatusSource({ status: live, reasons: [] }, source, clock);
}

describe("StatusSource.reasons", () => {
  test("is empty while sales are counted", () => {
    const source = sourceOf({ stall: undefined });
    source.report({ figures: { salesboard_aggregator_partitions_refused: 1 } });
    expect(source.reasons).toEqual([]);
  });

  test("says whose the partitions are, unless more is known of the own aggregator", () => {
    const owner = "partition 0 of in belongs to salesboard at 10.0.0.8";
    const source = sourceOf({ stall: { ...stall, owner } });
    expect(source.reasons).toEqual([
      UNCOUNTED,
      "Partition 0 of in belongs to salesboard at 10.0.0.8.",
    ]);
    source.report({ counting: { refused: [], stopped: ["Stopped."], restoredPercent: undefined } });
    expect(source.reasons).toEqual([UNCOUNTED, "Stopped."]);
    source.report({ counting: { refused: [], stopped: [], restoredPercent: 40 } });
    expect(source.reasons).toEqual([UNCOUNTED, expect.stringContaining("40 % is read")]);
  });

  // The demo counted nothing for good, and /readyz answered 200 all the time: only the page told.
  test("says that sales wait which nobody counts", () => {
    const source = sourceOf({ stall });
    expect(source.reasons).toEqual([UNCOUNTED]);
    expect(source.status).toMatchObject({
      state: "behind",
      asOf: momentAt(since),
      notices: [UNCOUNTED],
    });
  });

  // Two deployments shared an output topic: both pages were live, each with the other's totals too.
  test("says that the totals are not those of the input, and the page is not live", () => {
    const strangers = ["The totals of partition 0 were counted from the topic b, not from a."];
    const source = sourceOf({ stall: undefined, strangers });
    expect(source.reasons).toEqual(strangers);
    expect(source.status).toMatchObject({ state: "stale", notices: strangers });
    source.report({ hindrance: "The addresses lead to another cluster" });
    expect(source.reasons).toEqual([...strangers, "The addresses lead to another cluster."]);
  });

  // Sales that waited, of this topic or another one, turned them into numbers that are only old:
  // a page that had shown none showed them.
  test("says so, too, while sales wait", () => {
    const strangers = ["In b: The totals of partition 0 were counted in the Kafka cluster x."];
    const source = sourceOf({ stall, strangers });
    const status = { state: "stale", asOf: momentAt(since), notices: [...strangers, UNCOUNTED] };
    expect(source.status).toMatchObject(status);
  });

  test("says how far a restore is while sales wait for it", () => {
    const backlog: { stall: Stall | undefined } = { stall };
    const source = sourceOf(backlog);
    source.report({ counting: { refused: [], stopped: [], restoredPercent: 45 } });
    expect(source.reasons).toEqual([
      UNCOUNTED,
      "The aggregator is restoring its totals from Kafka: 45 % is read.",
    ]);
    backlog.stall = undefined;
    expect(source.reasons).toEqual([]);
  });

  test("says what partitions wait for until that is over, whatever else is reported", () => {
    const source = sourceOf({ stall: undefined });
    source.report({ waits: ["Partition 0 of the input waits for schema 7: it is away."] });
    source.report({ counting: { refused: [], stopped: [], restoredPercent: undefined } });
    expect(source.reasons).toEqual(["Partition 0 of the input waits for schema 7: it is away."]);
    expect(source.status.notices).toEqual(source.reasons);
    source.report({ waits: [] });
    expect(source.reasons).toEqual([]);
  });

  test("says that partitions are refused until that is over", () => {
    const source = sourceOf({ stall: undefined });
    const refused = ["Refused."];
    source.report({ counting: { refused, stopped: [], restoredPercent: undefined } });
    source.report({ figures: { salesboard_aggregator_partitions: 2 } });
    expect(source.reasons).toEqual(refused);
    source.report({ counting: { refused: [], stopped: [], restoredPercent: undefined } });
    expect(source.reasons).toEqual([]);
  });

  // A quota let one sale of ten through: the count went on, and nothing told of the rest.
  test("says that sales are late, and why, when brokers hold the aggregator back", () => {
    const quota = "A quota holds Salesboard back: broker 2 delays its answers";
    const source = sourceOf({ stall: undefined, late: stall });
    expect(source.reasons).toEqual([]);
    source.report({ hindrance: quota });
    expect(source.reasons).toEqual([UNCOUNTED, `${quota}.`]);
    expect(source.status).toMatchObject({ state: "behind", notices: source.reasons });
    source.report({ figures: {} });
    expect(source.reasons).toHaveLength(2);
    source.report({ hindrance: "" });
    expect(source.reasons).toEqual([]);
    const calm = sourceOf({ stall: undefined });
    calm.report({ hindrance: quota });
    expect(calm.reasons).toEqual([]);
  });

  // One topic stood still, another was late for longer: the page was "as of" the stall, later than
  // the first sale that it lacked.
  test("is as old as the sales that have been late for longest, when brokers hold back", () => {
    const late = { since: since - 60_000, waiting: stall.waiting, isSlow: true, others: [stall] };
    const source = sourceOf({ stall, late });
    expect(source.status.asOf?.date.getTime()).toBe(since - 60_000);
    source.report({ hindrance: "A quota" });
    expect(source.status.asOf?.date.getTime()).toBe(since - 60_000);
    expect(source.reasons).toEqual([
      expect.stringContaining("Sales since 2026-11-26T11:59:00.000Z are not counted yet"),
      UNCOUNTED,
      "A quota.",
    ]);
  });

  // Sales of another topic, or another partition, were late: the stall was all that was said.
  test("says what else is late while something stands still", () => {
    const late = {
      ...stall,
      others: [{ since: since - 60_000, waiting: new Map([[1, 9]]), isSlow: true }],
    };
    const source = sourceOf({ stall, late });
    expect(source.reasons).toEqual([
      UNCOUNTED,
      expect.stringContaining(
        "Sales since 2026-11-26T11:59:00.000Z are not counted yet: 9 records",
      ),
    ]);
    expect(source.status.notices).toEqual(source.reasons);
    expect(source.status.asOf?.date.getTime()).toBe(since - 60_000);
  });

  // One of two topics was not read to its end: the page did not say that sales of the other waited.
  test("says that sales of one topic wait while another cannot be read", () => {
    const unread = { ...live, state: "stale" as const, notices: ["Unread."] };
    const backlog = { stall, late: stall, blindness: undefined, strangers: [] };
    const follower = { status: unread, reasons: unread.notices };
    const source = new StatusSource(follower, backlog, new TestClock());
    expect(source.status).toMatchObject({ state: "stale", notices: ["Unread.", UNCOUNTED] });
    expect(source.status.notices).toEqual(source.reasons);
  });

  // A right that was revoked, and the page said Live: it knew of refused partitions only.
  test("says why a role does not work, once that does not pass by itself", () => {
    const clock = new TestClock();
    const source = sourceOf({ stall: undefined }, clock);
    const trouble = "The aggregator does not work and is tried again: there is no right.";
    source.report({ trouble }, "aggregator");
    expect(source.reasons).toEqual([]);
    clock.pass(5_000);
    expect(source.reasons).toEqual([trouble]);
    expect(source.status.notices).toEqual([trouble]);
    source.report({ trouble: "" }, "aggregator");
    expect(source.reasons).toEqual([]);
  });

  // Both came into one place: that a role works again hid what it still waited for.
  test("says what the aggregator waits for, whatever becomes of the role", () => {
    const clock = new TestClock();
    const source = sourceOf({ stall: undefined }, clock);
    const late = "The group has given this process no answer yet: its coordinator may be away.";
    source.report({ trouble: "The aggregator does not work and is tried again: no right." });
    source.report({ late });
    source.report({ trouble: "" });
    clock.pass(5_000);
    expect(source.reasons).toEqual([late]);
    source.report({ late: "" });
    expect(source.reasons).toEqual([]);
  });

  test("says at once why partitions are stopped while sales wait in them", () => {
    const source = sourceOf({ stall });
    const stopped = ["Partition 2 is not counted for now: it has no leader. It is tried again."];
    source.report({ counting: { refused: [], stopped, restoredPercent: undefined } });
    expect(source.reasons).toEqual([UNCOUNTED, ...stopped]);
  });

  test("says on the page that nobody can see whether sales wait", () => {
    const blindness = "It is not known whether sales wait in sales: there is no right.";
    expect(sourceOf({ stall: undefined, blindness }).status.notices).toEqual([blindness]);
  });
});

// The reports of the second aggregator replaced those of the first: what it refused was forgotten.
test("what the aggregators of several topics report stands side by side, with the topic", () => {
  const clock = new TestClock();
  const source = sourceOf({ stall }, clock);
  const counting = { refused: [], stopped: [], restoredPercent: undefined };
  source.report({ topic: "a", counting: { ...counting, refused: ["No."] }, hindrance: "A quota" });
  source.report({
    topic: "b",
    counting: { ...counting, restoredPercent: 45 },
    hindrance: "A quota",
  });
  source.report({ topic: "b", waits: ["Partition 0 waits."], oddTimes: ["A sale is of 1970."] });
  source.report({ topic: "b", trouble: "The aggregator of b does not work." });
  const { reasons } = source;
  expect(reasons).toEqual([
    "In a: No.",
    "In b: Partition 0 waits.",
    UNCOUNTED,
    "In b: The aggregator is restoring its totals from Kafka: 45 % is read.",
    "A quota.",
    "The aggregator of b does not work.",
  ]);
  expect(source.status.notices).toContain("In b: A sale is of 1970.");
  source.report({ topic: "a", counting, hindrance: "" });
  expect(source.reasons).toEqual(reasons.slice(1));
});

/** A board that lacks a topic must not be live: who reads it takes it for all that is sold. */
describe("topics that belong to the board and are not on it", () => {
  const sentences = ["The topic sales_q matches sales_* and is not counted: too many."];

  test("are said on the page and to probes, with the time since which sales are missing", () => {
    const source = sourceOf({ stall: undefined });
    const uncounted = { since: since - 5, sentences, notes: [] };
    source.report({ uncounted }, "aggregator");
    expect(source.reasons).toEqual(sentences);
    expect(source.status).toMatchObject({
      state: "behind",
      notices: sentences,
      asOf: momentAt(since - 5),
    });
  });

  test("hold up nothing more once they are counted", () => {
    const source = sourceOf({ stall: undefined });
    source.report({ uncounted: { since, sentences, notes: [] } }, "dashboard");
    source.report({ uncounted: { since, sentences: [], notes: [] } }, "dashboard");
    expect(source.reasons).toEqual([]);
    expect(source.status).toMatchObject({ state: "live", notices: [], asOf: live.asOf });
  });

  // Totals that are not on the board, or of a topic that is gone, are no sales that wait.
  test("are told from totals that somebody may miss", () => {
    const source = sourceOf({ stall: undefined });
    const notes = ["The topic sales_a is gone. Its totals are on the board until a restart."];
    source.report({ uncounted: { since, sentences: [], notes } });
    expect(source.reasons).toEqual([]);
    expect(source.status).toMatchObject({ state: "live", notices: notes, asOf: live.asOf });
  });

  test("do not hide an older stall", () => {
    const source = sourceOf({ stall });
    source.report({ uncounted: { since: since + 60_000, sentences, notes: [] } });
    expect(source.status).toMatchObject({ state: "behind", asOf: momentAt(since) });
    expect(source.status.notices).toEqual([...sentences, UNCOUNTED]);
  });
});
