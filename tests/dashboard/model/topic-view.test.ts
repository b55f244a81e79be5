/** Several input topics in one view: the sums of all, and which partition is of which. */

import { describe, expect, test } from "bun:test";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import { partOf, placeOf } from "../../../src/dashboard/model/topic-view.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { momentAt } from "../../support/clock.ts";
import { key, total } from "../fixture.ts";

const live = { state: "live", partitions: 2, lag: 0, notices: [], asOf: momentAt(1) } as const;

describe("partOf", () => {
  test("adds the partitions of all topics up, each replaced by its own records alone", () => {
    const view = new SalesView();
    const [a, b] = [partOf(view, 0), partOf(view, 1)];
    a.apply(0, key("Laptop"), total("Laptop", "1.50"), 0);
    b.apply(0, key("Laptop"), total("Laptop", "2.25"), 0);
    b.apply(7, key("Book"), total("Book", "3"), 0);
    a.apply(0, key("Laptop"), total("Laptop", "4"), 0);
    view.publish(live);
    const prices = view.board.rows.map(({ product, revenue }) => [product, revenue]);
    expect(prices).toEqual([
      ["Laptop", 6_250_000n],
      ["Book", 3_000_000n],
    ]);
    expect(view.partitionsOf("Laptop")).toMatchObject([
      { topic: 0, partition: 0, totals: { revenue: 4_000_000n } },
      { topic: 1, partition: 0, totals: { revenue: 2_250_000n } },
    ]);
    expect(view.partitionsOf("Book")).toMatchObject([{ topic: 1, partition: 7 }]);
    expect(b.partition(7)).toBe(view.partition(1_000_007));
    expect(placeOf(1_000_007)).toEqual({ topic: 1, partition: 7 });
  });

  test("what one topic holds anew leaves the other as it is", () => {
    const view = new SalesView();
    const [a, b] = [partOf(view, 0), partOf(view, 1)];
    a.apply(0, key("Laptop"), total("Laptop", "1"), 0);
    b.apply(0, key("Laptop"), total("Laptop", "2"), 0);
    b.restart(0);
    b.markCaughtUp(0);
    view.publish(live);
    expect(view.board.total.revenue).toBe(1_000_000n);
  });
});

describe("HistoryView of several topics", () => {
  // Charts of one topic would be drawn as those of all until the other is found.
  test("is being read until the partitions of each topic are read", () => {
    const history = new HistoryView({ topics: 2 });
    expect(history.state).toBe("none");
    partOf(history, 0).restart(0);
    partOf(history, 0).markCaughtUp(0);
    expect(history.state).toBe("reading");
    partOf(history, 1).restart(0);
    expect(history.state).toBe("reading");
    partOf(history, 1).markCaughtUp(0);
    expect(history.state).toBe("none");
  });
});
