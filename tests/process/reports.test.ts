/** What a process remembers of the reports of its roles. */

import { expect, test } from "bun:test";
import { Reports } from "../../src/process/reports.ts";

test("Reports keeps the last value of each kind, and of each figure, by role", () => {
  const reports = new Reports();
  reports.take("aggregator", { trouble: "It fails.", figures: { lag: 1, sales: 5 } });
  reports.take("aggregator", { late: "It waits.", figures: { lag: 2 } });
  reports.take("dashboard", { dangers: ["A danger."] });
  reports.take("aggregator", { trouble: "" });
  expect([...reports.latest]).toEqual([
    ["aggregator", { trouble: "", late: "It waits.", figures: { lag: 2, sales: 5 } }],
    ["dashboard", { dangers: ["A danger."] }],
  ]);
});

test("Reports keeps those of the aggregators of several input topics apart", () => {
  const reports = new Reports();
  reports.take("aggregator", { topic: "a", late: "It waits.", figures: { lag: 1 } });
  reports.take("aggregator", { topic: "b", figures: { lag: 7 } });
  reports.take("aggregator", { topic: "a", late: "" });
  expect(reports.latest).toEqual([
    ["aggregator", { topic: "a", late: "", figures: { lag: 1 } }],
    ["aggregator", { topic: "b", figures: { lag: 7 } }],
  ]);
});
