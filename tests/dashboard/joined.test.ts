/** What is said of several input topics together: as good as the worst of them. */

import { describe, expect, test } from "bun:test";
import type { BacklogLike } from "../../src/dashboard/follow/backlog.ts";
import { type Stall, stallSentences } from "../../src/dashboard/follow/stall.ts";
import { joinedBacklog, joinedFollower } from "../../src/dashboard/joined.ts";
import type { Status } from "../../src/dashboard/model/status.ts";
import { momentAt } from "../support/clock.ts";

const noon = Date.UTC(2026, 10, 26, 12);

function followerOf(status: Partial<Status> = {}, reasons: string[] = []) {
  const live: Status = { state: "live", partitions: 2, lag: 1, notices: [], asOf: momentAt(noon) };
  return { status: { ...live, ...status }, reasons };
}

const calm: BacklogLike = {
  stall: undefined,
  late: undefined,
  blindness: undefined,
  strangers: [],
};

describe("joinedFollower", () => {
  test("adds partitions and lag up, and is as old as the oldest", () => {
    const late = followerOf({ lag: 4, asOf: momentAt(noon - 5_000) });
    const { status, reasons } = joinedFollower([followerOf(), late, followerOf()]);
    expect(status).toMatchObject({ state: "live", partitions: 6, lag: 6 });
    expect(status.asOf?.date.getTime()).toBe(noon - 5_000);
    expect(reasons).toEqual([]);
  });

  test.each([
    ["connecting", ["live", "connecting", "stale"]],
    ["restoring", ["stale", "restoring"]],
    ["stale", ["live", "stale"]],
    ["live", ["live", "live"]],
  ] as const)("is %s when its topics are %p", (state, states) => {
    const followers = states.map((each) => followerOf({ state: each }));
    expect(joinedFollower(followers).status.state).toBe(state);
  });

  test("knows neither lag nor time when one topic lacks them, and gives all reasons once", () => {
    const unread = followerOf({ state: "connecting", lag: undefined, asOf: undefined }, ["Away."]);
    const { status, reasons } = joinedFollower([followerOf({}, ["Away."]), unread]);
    expect(status).toMatchObject({ state: "connecting", lag: undefined, asOf: undefined });
    expect(reasons).toEqual(["Away."]);
  });

  test("of one topic is that topic", () => {
    const only = followerOf();
    expect(joinedFollower([only])).toBe(only);
  });
});

describe("joinedBacklog", () => {
  test("waits for the answer of each topic, then says what waited there", () => {
    const waiting = new Map([[0, 3]]);
    const waited = { ...calm, arrears: { since: noon, waiting, isSlow: true } };
    const of = (...all: BacklogLike[]) =>
      joinedBacklog(all.map((backlog, i) => ({ topic: `t${i}`, backlog }))).arrears;
    expect(of(calm, calm)).toBeUndefined();
    expect(of(calm, waited)).toMatchObject({ topic: "t1", waiting });
    expect(of({ ...calm, arrears: "asking" }, waited)).toBe("asking");
  });

  const stall = (since: number, records: number): Stall => ({
    since,
    waiting: new Map([[0, records]]),
  });

  test("says of each topic what waits there, the longest wait first", () => {
    const backlog = joinedBacklog([
      { topic: "a", backlog: { ...calm, stall: stall(noon + 1_000, 3) } },
      { topic: "b", backlog: calm },
      { topic: "c", backlog: { ...calm, stall: { ...stall(noon, 1), causes: ["it is away"] } } },
    ]);
    expect(backlog.late).toBeUndefined();
    expect(backlog.stall?.since).toBe(noon);
    expect(stallSentences(backlog.stall as Stall)).toEqual([
      "In c: No sale has been counted since 2026-11-26T12:00:00.000Z, though 1 record waits in the " +
        "input (partition 0).",
      "In c: It is away.",
      "In a: No sale has been counted since 2026-11-26T12:00:01.000Z, though 3 records wait in the " +
        "input (partition 0).",
    ]);
  });

  // Late sales of the first topic came before those that nobody counted, and hid their own stall.
  test("says what stands still before what is late, each with its topic", () => {
    const late = { ...stall(noon - 9_000, 5), isSlow: true };
    const still = stall(noon, 2);
    const both = { ...calm, stall: still, late: { ...still, others: [late] } };
    const backlog = joinedBacklog([
      { topic: "a", backlog: { ...calm, late } },
      { topic: "b", backlog: both },
    ]);
    const said = stallSentences(backlog.late as Stall).map((sentence) => sentence.slice(0, 16));
    expect(said).toEqual(["In b: No sale ha", "In a: Sales sinc", "In b: Sales sinc"]);
  });

  test("is calm when all are, and names the topic of what is strange", () => {
    const strange = { ...calm, strangers: ["The totals of partition 0 are of another."] };
    const all = [
      { topic: "a", backlog: calm },
      { topic: "b", backlog: strange },
    ];
    expect(joinedBacklog(all.slice(0, 1))).toBe(calm);
    const { stall, late, blindness, strangers } = joinedBacklog(all);
    expect([stall, late, blindness]).toEqual([undefined, undefined, undefined]);
    expect(strangers).toEqual(["In b: The totals of partition 0 are of another."]);
    const blind = { ...calm, blindness: "It is not known whether sales wait in b: no right." };
    const [sighted] = all;
    expect(
      joinedBacklog([sighted as (typeof all)[0], { topic: "b", backlog: blind }]).blindness,
    ).toBe("It is not known whether sales wait in b: no right.");
  });
});
