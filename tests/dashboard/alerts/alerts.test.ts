/** Rules on a real view, with a made-up clock: one second each call. */

import { describe, expect, test } from "bun:test";
import { parseRules } from "../../../src/config/alert-rule.ts";
import {
  type AlertEvent,
  Alerts,
  alertsJson,
  formatValue,
} from "../../../src/dashboard/alerts/alerts.ts";
import { rules } from "../../../src/dashboard/fragments/fragments.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { momentAt } from "../../support/clock.ts";
import { DayWriter } from "../day-writer.ts";
import { key, lookOf, site, total } from "../fixture.ts";

const startedAt = Date.UTC(2026, 10, 25, 9);
const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: momentAt(0) };

/** Alerts of `rules`; their log tells what they did at which second. */
function watch(rules: string) {
  const view = new SalesView();
  const log: string[] = [];
  let second = 0;
  const alerts = new Alerts({
    rules: parseRules(rules),
    clock: { now: () => second * 1_000, date: () => new Date(startedAt + second * 1_000) },
    onEvent: ({ rule, state, value, since }: AlertEvent) => {
      const held = (since.getTime() - startedAt) / 1_000;
      log.push(`${second}: ${rule.text} ${state} at ${formatValue(rule, value)} since ${held}`);
    },
  });
  /** Sells `more` each second for so many of them. */
  const pass = (seconds: number, more = 0, state: Status["state"] = "live") => {
    for (let i = 0; i < seconds; i++) {
      sold += more;
      if (more > 0) sell("Laptop", sold);
      view.publish({ ...live, state });
      alerts.evaluate(view);
      second++;
    }
  };
  let sold = 0;
  /** Sets the totals of a product: so many units and sales, of 1.50 each. */
  const sell = (product: string, units: number) => {
    const price = `${(units * 3) / 2}`;
    view.apply(0, key(product), total(product, price, BigInt(units)));
  };
  return { alerts, log, pass, sell };
}

describe("Alerts", () => {
  test("start once and end once", () => {
    const { log, pass } = watch("revenue[10s] < 30");
    pass(15, 3);
    expect(log).toEqual([]);
    pass(20);
    pass(30, 3);
    // 45.00 in ten seconds; below 30.00 once three and a half of them are without a sale.
    expect(log).toEqual([
      "18: revenue[10s] < 30 firing at 27.00 since 18",
      "41: revenue[10s] < 30 resolved at 31.50 since 18",
    ]);
  });

  test("are not evaluated before a whole window was seen", () => {
    const { alerts, log, pass } = watch("sales[10s] < 1; nodata[10s]; rate(sales[10s]) < 1");
    pass(5, 0, "connecting");
    pass(5, 0, "restoring");
    pass(10);
    expect(log).toEqual([]);
    expect(alerts.all.map(({ state }) => state)).toEqual(["unknown", "unknown", "unknown"]);
    pass(1);
    expect(log).toEqual([
      "20: sales[10s] < 1 firing at 0 since 20",
      "20: nodata[10s] firing at 0 since 20",
      "20: rate(sales[10s]) < 1 firing at 0.00 since 20",
    ]);
  });

  test("of a total need no window", () => {
    const { log, pass } = watch("revenue >= 6; units{Mouse} > 1");
    pass(3, 2);
    expect(log).toEqual(["1: revenue >= 6 firing at 6.00 since 1"]);
  });

  test("of one product see that product alone", () => {
    const { log, pass, sell } = watch('units{"Mouse <b>"}[10s] >= 3; units[10s] >= 100');
    pass(11, 1);
    sell("Mouse <b>", 3);
    pass(1, 1);
    expect(log).toEqual(['11: units{"Mouse <b>"}[10s] >= 3 firing at 3 since 11']);
  });

  test("compare rates without rounding, and show them cut", () => {
    const { alerts, log, pass, sell } = watch(
      "rate(sales[30s]) > 0.333333; rate(sales[30s]) > 0.34",
    );
    pass(30);
    sell("Laptop", 10);
    pass(1);
    expect(log).toEqual(["30: rate(sales[30s]) > 0.333333 firing at 0.333333 since 30"]);
    expect(alerts.firing).toBe(1);
  });

  test("compare amounts that floating point gets wrong", () => {
    const view = new SalesView();
    const rules = parseRules("revenue > 9007199254740993; revenue > 9007199254740993.000001");
    const clock = { now: () => 0, date: () => new Date(0) };
    const alerts = new Alerts({ rules, clock, onEvent: () => {} });
    view.apply(0, key("a"), total("a", "9007199254740993.000001"));
    view.publish(live);
    alerts.evaluate(view);
    expect(alerts.all.map(({ state }) => state)).toEqual(["firing", "ok"]);
  });

  test("keep their state while the numbers are stale, and need a whole window afterwards", () => {
    const { alerts, log, pass } = watch("sales[10s] < 5; sales[10s] > 100");
    pass(11);
    expect(log).toEqual(["10: sales[10s] < 5 firing at 0 since 10"]);
    pass(60, 5, "stale");
    expect(alerts.all.map(({ state }) => state)).toEqual(["firing", "ok"]);
    // All that was sold meanwhile appears at once: it is not the growth of ten seconds.
    pass(10);
    expect(log).toHaveLength(1);
    pass(1, 5);
    expect(log.slice(1)).toEqual(["81: sales[10s] < 5 resolved at 5 since 10"]);
  });

  test("tell of no data while sales wait and are not counted, and of nothing else", () => {
    const { log, pass } = watch("nodata[10s]; sales[10s] < 1");
    pass(11, 1);
    pass(20, 0, "behind");
    expect(log).toEqual(["20: nodata[10s] firing at 0 since 20"]);
  });

  test("begin their windows anew when totals went down", () => {
    const { alerts, log, pass, sell } = watch("sales[10s] < 10");
    sell("Mouse", 100);
    pass(15, 2);
    sell("Mouse", 1);
    pass(10, 2);
    expect(alerts.all[0]).toMatchObject({ state: "ok", value: 20_000_000n });
    pass(10, 2);
    expect(log).toEqual([]);
  });

  test("start after `for` only, counted from when the rule holds without a break", () => {
    const { alerts, log, pass } = watch("sales[10s] < 1 for 5s");
    pass(11, 1);
    pass(12);
    pass(10, 1);
    expect(log).toEqual([]);
    pass(16);
    pass(1, 1);
    expect(log).toEqual([
      "47: sales[10s] < 1 for 5s firing at 0 since 42",
      "49: sales[10s] < 1 for 5s resolved at 1 since 42",
    ]);
    expect(alerts.lines).toEqual([]);
  });

  test("do not count a stale time towards `for`", () => {
    const { log, pass } = watch("sales[10s] < 1 for 5s");
    pass(14);
    pass(3, 0, "stale");
    pass(5);
    expect(log).toEqual([]);
    pass(1);
    expect(log).toEqual(["22: sales[10s] < 1 for 5s firing at 0 since 17"]);
  });

  test("show no amount of money where amounts are masked", () => {
    const rules = 'revenue{"<5"} <= 7.25; revenue >= 0 for 1s; sales <= 9';
    const { alerts, pass } = watch(rules);
    pass(2);
    expect(alerts.lines.map(({ masked }) => masked.replace(/^.*Z: /, ""))).toEqual([
      'revenue{"<5"} <= •••',
      "revenue >= ••• for 1s",
      "sales <= 9",
    ]);
  });

  test("stand as a line and in JSON while they fire", () => {
    const { alerts, pass } = watch("nodata[10s]; revenue > 5; deadLetters[10s] > 0");
    pass(11);
    const line = "Alert since 2026-11-25T09:00:10.000Z: nodata[10s]";
    expect(alerts.lines).toEqual([{ text: line, masked: line }]);
    expect(JSON.parse(alertsJson(alerts))).toEqual({
      alerts: [
        ["nodata[10s]", "firing", "0", "1", "2026-11-25T09:00:10.000Z"],
        ["revenue > 5", "ok", "0.00", "5.00", "2026-11-25T09:00:00.000Z"],
        ["deadLetters[10s] > 0", "ok", "0", "0", "2026-11-25T09:00:10.000Z"],
      ].map(([rule, state, value, threshold, since]) => ({ rule, state, value, threshold, since })),
    });
  });

  test("of a period take its sums, begin anew at midnight, and know nothing without days", () => {
    const view = new SalesView();
    const writer = new DayWriter(view);
    const day = (text: string) => momentAt(Date.parse(text));
    const text = "revenue[today] < 5; units{Tea}[yesterday] >= 2; sales[7d] > 2; revenue[30d] < 99";
    const alerts = new Alerts({
      rules: parseRules(text),
      clock: { now: () => 0, date: () => new Date(0) },
      onEvent: () => {},
    });
    const statesAt = (now: string) => {
      view.publish(live, day(now));
      alerts.evaluate(view);
      return alerts.all.map(({ state, value }) => [state, value && value / 1_000_000n].join(" "));
    };
    expect(statesAt("2026-11-25T08:00:00Z")).toEqual(Array(4).fill("unknown "));
    writer.sell("Tea", "2026-11-25", "3").sell("Tea", "2026-11-25", "4").commit();
    const first = ["ok 7", "ok 0", "ok 2", "firing 7"];
    expect(statesAt("2026-11-25T09:00:00Z")).toEqual(first);
    const second = ["firing 0", "firing 2", "ok 2", "firing 7"];
    expect(statesAt("2026-11-26T00:00:00Z")).toEqual(second);
    // The days before this one lack sales.
    writer.since = "2026-11-21";
    writer.sell("Cup", "2026-11-26", "5").commit();
    expect(statesAt("2026-11-26T09:00:00Z")).toEqual(["ok 5", "firing 2", "ok 2", "firing 7"]);
    expect(alerts.rules.map(({ value }) => value)).toEqual(["5.00", "2", "2", "7.00"]);
    expect(alerts.rules).toBe(alerts.rules);
  });

  test("are all listed on the graph page, amounts hidden where they are masked", () => {
    const view = new SalesView();
    const alerts = watch("revenue < 7.25; sales <= 9");
    alerts.pass(1);
    view.publish({ ...live, rules: alerts.alerts.rules });
    const list = (query: string) => String(rules(view.board, site, lookOf(query)));
    expect(list("")).toMatch(/revenue &lt; 7\.25<\/th>\s*<td>Firing<\/td><td>\$0\.00/);
    expect(list("mask")).toMatch(/revenue &lt; •••<\/th>\s*<td>Firing<\/td><td>•••/);
    expect(list("mask")).toMatch(/sales &lt;= 9<\/th>\s*<td>Firing<\/td><td>0</);
    expect(String(rules(new SalesView().board, site, lookOf()))).toBe("");
  });

  // While nothing was sold, the page kept the value of the last sale, and /api/alerts had another.
  test("are published when nothing but a value differs", () => {
    const view = new SalesView();
    const { alerts, pass } = watch("sales[10s] > 999");
    const publish = () => view.publish({ ...live, rules: alerts.rules }, momentAt(startedAt));
    pass(15, 3);
    publish();
    publish();
    expect(publish()).toBeUndefined();
    pass(5);
    expect(publish()?.after.rules).toEqual(alerts.rules);
  });
});
