/** What is said of when sales were. */

import { expect, test } from "bun:test";
import { Graph } from "../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../src/dashboard/model/history-view.ts";
import { saleTimes } from "../../src/dashboard/sale-times.ts";
import { momentAt } from "../support/clock.ts";
import { PastWriter } from "./past-writer.ts";

// History that stood still told of a day and a minute without their latest sales, on a live page.
test("nothing is said of when sales were while history is not current", () => {
  const past = new HistoryView();
  new PastWriter(past).sell(0, 600).commit();
  let isCurrent = true;
  const at = saleTimes(new Graph(past), () => isCurrent);
  expect(at(undefined, momentAt(600_000)).products).toMatchObject({ salesPerMinute: 1n });
  isCurrent = false;
  expect(at(undefined, momentAt(600_000))).toEqual({ products: {}, values: {} });
});
