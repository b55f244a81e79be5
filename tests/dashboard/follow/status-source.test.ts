/** When the numbers can be trusted, and what is said when they cannot. */

import { describe, expect, test } from "bun:test";
import type { Stall } from "../../../src/dashboard/follow/backlog.ts";
import { StatusSource } from "../../../src/dashboard/follow/status-source.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { momentAt } from "../../support/clock.ts";

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

interface Found {
  stall: Stall | undefined;
  strangers?: readonly string[];
}

function sourceOf(found: Found): StatusSource {
  const backlog = {
    get stall() {
      return found.stall;
    },
    strangers: found.strangers ?? [],
  };
  return new StatusSource({ status: live, reasons: [] }, backlog);
}

describe("StatusSource.reasons", () => {
  test("is empty while sales are counted", () => {
    const source = sourceOf({ stall: undefined });
    source.report({ figures: { salesboard_aggregator_partitions_refused: 1 } });
    expect(source.reasons).toEqual([]);
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
    const strangers = [
      "The totals of partition 0 were counted from the input topic b, not from a.",
    ];
    const source = sourceOf({ stall: undefined, strangers });
    expect(source.reasons).toEqual(strangers);
    expect(source.status).toMatchObject({ state: "stale", notices: strangers });
  });

  test("says how far a restore is while sales wait for it", () => {
    const backlog: { stall: Stall | undefined } = { stall };
    const source = sourceOf(backlog);
    source.report({ counting: { refused: [], restoredPercent: 45 } });
    expect(source.reasons).toEqual([
      UNCOUNTED,
      "The aggregator is restoring its totals from Kafka: 45 % is read.",
    ]);
    backlog.stall = undefined;
    expect(source.reasons).toEqual([]);
  });

  test("says that partitions are refused until that is over", () => {
    const source = sourceOf({ stall: undefined });
    source.report({ counting: { refused: [1, 3], restoredPercent: undefined } });
    source.report({ figures: { salesboard_aggregator_partitions: 2 } });
    expect(source.reasons).toEqual([expect.stringContaining("has stopped 2 partitions")]);
    source.report({ counting: { refused: [], restoredPercent: undefined } });
    expect(source.reasons).toEqual([]);
  });
});
