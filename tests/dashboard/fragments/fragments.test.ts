/** What is on a page besides tiles and tables. */

import { expect, test } from "bun:test";
import { rules } from "../../../src/dashboard/fragments/fragments.ts";
import type { RuleLine } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { lookOf, site } from "../fixture.ts";

// "1234567.50" stood in a German table, without a currency.
test("the values of alerts are written as all figures of the page are", () => {
  const rule = {
    text: "x > 1",
    masked: "x > …",
    state: "ok",
    since: "2026-11-26T10:00:00Z",
  } as const;
  const lines: RuleLine[] = [
    { ...rule, isMoney: true, value: "1234567.50" },
    { ...rule, isMoney: false, value: "98765.25" },
    { ...rule, isMoney: true, value: undefined },
  ];
  const cells = (query: string) => {
    const page = String(rules({ ...new SalesView().board, rules: lines }, site, lookOf(query)));
    return [...page.matchAll(/<\/td><td>([^<]*)<\/td>/g)].map(([, text]) => text);
  };
  expect(cells("")).toEqual(["$1,234,567.50", "98,765.25", "–"]);
  expect(cells("lang=de")).toEqual(["1.234.567,50\u00a0$", "98.765,25", "–"]);
  expect(cells("mask")).toEqual(["•••", "98,765.25", "–"]);
});
