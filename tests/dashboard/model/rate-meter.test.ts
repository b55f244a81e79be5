/** The rate of sales, as one view follows another. */

import { expect, test } from "bun:test";
import { RateMeter } from "../../../src/dashboard/model/rate-meter.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { momentAt } from "../../support/clock.ts";
import { key, total } from "../fixture.ts";

// With a topic that joined, the rate began anew, or took the totals of that topic for new sales.
test("a view goes on with the rate of the one before, whatever it begins with", () => {
  const rate = new RateMeter();
  const sell = (view: SalesView, sales: bigint, second: number) => {
    view.apply(0, key("a"), total("a", "1", sales));
    const asOf = momentAt(second * 1000);
    view.publish({ state: "live", partitions: 1, lag: 0, notices: [], asOf }, asOf);
  };
  const [before, after] = [new SalesView({ rate }), new SalesView({ rate })];
  for (let second = 0; second <= 10; second++) sell(before, BigInt(1 + second * 25), second);
  sell(after, 9_000_000n, 11);
  expect(after.board.salesPerSecond).toBe(22.5);
  for (let second = 12; second <= 30; second++) sell(after, 9_000_000n + BigInt(second), second);
  expect(after.board.salesPerSecond).toBe(1);
});
