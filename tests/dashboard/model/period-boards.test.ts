import { describe, expect, test } from "bun:test";
import type { Board } from "../../../src/dashboard/model/board.ts";
import { boundedPeriods, rangeOf } from "../../../src/dashboard/model/days/days.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { dayNumber, dayText } from "../../../src/domain/day.ts";
import { formatAmount } from "../../../src/domain/money.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { momentAt } from "../../support/clock.ts";
import { DayWriter } from "../day-writer.ts";
import { key, total } from "../fixture.ts";

const live: Status = { state: "live", partitions: 2, lag: 0, notices: [], asOf: momentAt(0) };
const at = (iso: string) => momentAt(Date.parse(iso));
const rowsOf = ({ rows }: Board) =>
  rows.map(({ product, revenue }) => `${product} ${formatAmount(revenue)}`);

/** A shop at noon of 26 November 2026, and what its pages show. */
function shop(zone = "UTC", noon = "2026-11-26T12:00:00Z") {
  const view = new SalesView();
  const writer = new DayWriter(view, 0, zone);
  const publish = (iso = noon) => view.publish(live, at(iso));
  const shown = (period?: Parameters<SalesView["boardOf"]>[0]) => rowsOf(view.boardOf(period));
  return { view, writer, publish, shown };
}

describe("the boards of periods", () => {
  test("have the days of each period, by revenue, and open with today", () => {
    const { view, writer, publish, shown } = shop();
    for (const [day, price] of [
      ["2026-10-27", "100"],
      ["2026-10-28", "10"],
      ["2026-11-19", "7"],
      ["2026-11-20", "5"],
      ["2026-11-25", "3"],
      ["2026-11-26", "1"],
    ] as const) {
      writer.sell("Tea", day, price);
    }
    writer.sell("Cup", "2026-11-25", "4").sell("Cup", "2026-11-26", "2").commit();
    publish();
    expect(shown()).toEqual(["Cup 2.00", "Tea 1.00"]);
    expect(shown("today")).toEqual(shown());
    expect(shown("yesterday")).toEqual(["Cup 4.00", "Tea 3.00"]);
    expect(shown("7d")).toEqual(["Tea 9.00", "Cup 6.00"]);
    expect(shown("30d")).toEqual(["Tea 26.00", "Cup 6.00"]);
    expect(shown("all")).toEqual(["Tea 126.00", "Cup 6.00"]);
    expect(view.boardOf("30d").total.revenue).toBe(32_000_000n);
    expect(view.boardOf("today").totalEver.sales).toBe(8n);
    expect(view.board.days?.first).toBe(dayNumber("2026-10-27"));
  });

  test("take what is sold while somebody looks, and while nobody does", () => {
    const { view, writer, publish, shown } = shop();
    writer.sell("Tea", "2026-11-26", "1").commit();
    publish();
    void view.boardOf("today");
    writer.sell("Cup", "2026-11-26", "2").commit();
    const change = publish();
    const today = change?.periods.get("today");
    expect(rowsOf(today?.before as Board)).toEqual(["Tea 1.00"]);
    expect(rowsOf(today?.after as Board)).toEqual(["Cup 2.00", "Tea 1.00"]);
    expect(today?.changed.map(({ product }) => product)).toEqual(["Cup"]);
    expect(change?.periods.has("7d")).toBe(false);
    expect(shown("7d")).toEqual(["Cup 2.00", "Tea 1.00"]);
    for (let i = 0; i < 30; i++) {
      writer.sell("Cup", "2026-11-26", "1").commit();
      publish();
    }
    writer.sell("Hat", "2026-11-26", "1").commit();
    expect(publish()?.periods.size).toBe(0);
    expect(shown("today")).toEqual(["Cup 32.00", "Hat 1.00", "Tea 1.00"]);
  });

  test("show nothing that was not published", () => {
    const { writer, publish, shown } = shop();
    writer.sell("Tea", "2026-11-26").commit();
    publish();
    writer.sell("Tea", "2026-11-26").commit();
    expect([shown("today"), shown("all")]).toEqual([["Tea 1.00"], ["Tea 1.00"]]);
  });

  // Nothing is sold at midnight in most shops, and the board of the old day stood until morning.
  test("begin again at midnight without a sale", () => {
    const { view, writer, publish, shown } = shop("Europe/Berlin");
    writer.sell("Tea", "2026-11-25", "5").sell("Tea", "2026-11-26", "1").commit();
    publish();
    void view.boardOf("today");
    expect(publish("2026-11-26T22:59:59Z")).toBeUndefined();
    const today = publish("2026-11-26T23:00:00Z")?.periods.get("today");
    expect(today?.changed).toMatchObject([{ product: "Tea", sales: 0n }]);
    expect([shown("today"), shown("yesterday")]).toEqual([[], ["Tea 1.00"]]);
    expect(shown("7d")).toEqual(["Tea 6.00"]);
    writer.sell("Tea", "2026-11-27", "2").commit();
    publish("2026-11-26T23:00:01Z");
    expect([shown("today"), shown("yesterday")]).toEqual([["Tea 2.00"], ["Tea 1.00"]]);
  });

  test.each([
    ["of 23 hours", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"],
    ["of 25 hours", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"],
  ])("keep a day %s whole", (_, day, begins, ends) => {
    const { view, writer, publish } = shop("Europe/Berlin");
    writer.sell("Tea", day).commit();
    const todayAt = (ms: number) => {
      publish(new Date(ms).toISOString());
      return dayText(view.board.days?.today ?? 0);
    };
    const [from, to] = [Date.parse(begins), Date.parse(ends)];
    expect(todayAt(from - 1)).not.toBe(day);
    expect([todayAt(from), todayAt(to - 1)]).toEqual([day, day]);
    expect(todayAt(to)).not.toBe(day);
  });

  test("put a late sale into its own day", () => {
    const { view, writer, publish, shown } = shop();
    writer.sell("Tea", "2026-11-25").sell("Tea", "2026-11-26").commit();
    publish();
    for (const period of boundedPeriods) void view.boardOf(period);
    writer.sell("Tea", "2026-11-25", "7").commit();
    publish();
    expect([shown("today"), shown("yesterday")]).toEqual([["Tea 1.00"], ["Tea 8.00"]]);
  });

  test("add up partitions", () => {
    const { view, writer, publish, shown } = shop();
    const other = new DayWriter(view, 1);
    writer.sell("Tea", "2026-11-26", "1").commit();
    other.sell("Tea", "2026-11-25", "4").sell("Tea", "2026-11-26", "2").commit();
    publish();
    expect([shown("today"), shown("7d")]).toEqual([["Tea 3.00"], ["Tea 7.00"]]);
  });

  // The product's day of the old transaction and the total of the new one would be a third sum.
  test("show no part of a transaction, and nothing that contradicts its bookkeeping", () => {
    const { view, writer, publish, shown } = shop();
    writer.sell("Tea", "2026-11-25").commit();
    publish();
    writer.sell("Tea", "2026-11-26").commit(0, (record) => record !== "Tea 2026-11-25");
    publish();
    expect(shown("7d")).toEqual(["Tea 1.00"]);
    expect(view.partition(0).isWhole).toBe(false);
    expect(view.partition(0).contradiction).toContain(
      "totals of 1 sales and 0 returns that no day has",
    );
    view.restart(0);
    writer.rewrite();
    publish();
    expect(shown("7d")).toEqual(["Tea 1.00"]);
    view.markCaughtUp(0);
    publish();
    expect([shown("today"), shown("7d")]).toEqual([["Tea 1.00"], ["Tea 2.00"]]);
  });

  // The embedded broker keeps the end of a log. A page that was never shown would help nobody.
  test("say that they are incomplete where a log may have lost days, and no total", () => {
    const view = new SalesView({ mayLackDays: true });
    const writer = new DayWriter(view).sell("Tea", "2026-11-25", "3").sell("Tea", "2026-11-26");
    writer.commit(0, (record) => record !== "Tea 2026-11-25");
    view.publish(live, at("2026-11-26T12:00:00Z"));
    expect(rowsOf(view.boardOf("all"))).toEqual(["Tea 4.00"]);
    expect(rowsOf(view.boardOf("7d"))).toEqual(["Tea 1.00"]);
    expect(view.board.days?.incompleteTo).toBe(dayNumber("2026-11-26"));
    writer.rewrite();
    view.publish(live, at("2026-11-26T12:00:00Z"));
    expect(view.board.days).toMatchObject({ first: dayNumber("2026-11-25") });
    expect(view.board.days?.incompleteTo).toBeUndefined();
  });

  test("are the same as before when a partition was read again", () => {
    const { view, writer, publish, shown } = shop();
    writer.sell("Tea", "2026-11-25", "3").sell("Tea", "2026-11-26").commit();
    publish();
    view.restart(0);
    writer.rewrite();
    view.markCaughtUp(0);
    publish();
    expect([shown("today"), shown("yesterday")]).toEqual([["Tea 1.00"], ["Tea 3.00"]]);
  });

  test("forget the days of a topic that was deleted and created again", () => {
    const { view, writer, publish, shown } = shop();
    writer.sell("Tea", "2026-11-25", "3").sell("Tea", "2026-11-26").commit();
    publish();
    view.restart(0);
    new DayWriter(view).sell("Cup", "2026-11-26", "2").commit();
    view.markCaughtUp(0);
    publish();
    expect([shown("7d"), shown("yesterday")]).toEqual([["Cup 2.00"], []]);
    expect(view.board.days?.first).toBe(dayNumber("2026-11-26"));
  });

  test("take returns", () => {
    const { view, writer, publish } = shop();
    writer.sell("Tea", "2026-11-26", "3").sell("Tea", "2026-11-26", "3", true).commit();
    publish();
    const { total } = view.boardOf("today");
    expect(total).toEqual({ quantity: 0n, revenue: 0n, sales: 1n, returns: 1n });
  });

  test("overwrite a day by another one of the same place", () => {
    const { writer, publish, shown } = shop();
    writer.sell("Tea", "2026-09-22", "1").sell("Tea", "2026-11-24", "2").commit();
    publish();
    writer.sell("Tea", "2026-11-25", "3").commit();
    expect(dayText((dayNumber("2026-09-22") ?? 0) + 64)).toBe("2026-11-25");
    publish();
    expect(shown("30d")).toEqual(["Tea 5.00"]);
  });

  test("do not exist without days: all time is shown", () => {
    const view = new SalesView();
    view.apply(0, key("Tea"), total("Tea", "5"));
    view.publish(live, at("2026-11-26T12:00:00Z"));
    expect(view.boardOf(undefined).period).toBe("all");
    expect(view.boardOf("today").period).toBe("all");
    expect(view.board.days).toBeUndefined();
  });

  test("say up to which day they are incomplete, and no first day then", () => {
    const { view, writer, publish } = shop();
    writer.since = "2026-11-20";
    writer.sell("Tea", undefined).sell("Tea", "2026-11-26").commit();
    publish();
    expect(view.board.days).toMatchObject({
      incompleteTo: dayNumber("2026-11-20"),
      first: undefined,
    });
    // An aggregator of an earlier build has written here.
    view.apply(1, key("Cup"), total("Cup", "1"));
    view.apply(1, BOOKKEEPING_KEY, bookkeepingRecord({ inputOffset: 1, sales: 1n }));
    publish();
    expect(view.board.days?.incompleteTo).toBe(dayNumber("2026-11-26"));
  });

  test("are what the days add up to, whatever happens", () => {
    const seed = Date.now() % 1_000_000;
    let state = seed;
    const random = (n: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * n);
    };
    const view = new SalesView();
    const writers = [new DayWriter(view, 0), new DayWriter(view, 1)];
    const sold: { product: string; day: number; price: number }[] = [];
    let today = dayNumber("2026-11-26") ?? 0;
    for (let i = 0; i < 400; i++) {
      const what = random(20);
      if (what === 0) today += random(3);
      const [product, day, price] = [
        `p${random(5)}`,
        today - random(random(2) === 0 ? 1 : 40),
        1 + random(9),
      ];
      sold.push({ product, day, price });
      const id = random(2);
      writers[id]?.sell(product, dayText(day), String(price));
      if (what < 15) writers[id]?.commit();
      if (what === 1) {
        view.restart(id);
        writers[id]?.rewrite();
        view.markCaughtUp(id);
      }
      if (what < 10) continue;
      for (const writer of writers) writer.commit();
      view.publish(live, at(`${dayText(today)}T10:00:00Z`));
      for (const period of boundedPeriods) {
        if (random(3) === 0) continue;
        const { first, last } = rangeOf(period, today);
        const sums = new Map<string, number>();
        for (const one of sold) {
          if (one.day < first || one.day > last) continue;
          sums.set(one.product, (sums.get(one.product) ?? 0) + one.price);
        }
        const rows = [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
        const expected = rows.map(([name, sum]) => `${name} ${sum}.00`);
        expect({ seed, i, period, rows: rowsOf(view.boardOf(period)) }).toEqual({
          seed,
          i,
          period,
          rows: expected,
        });
      }
    }
  });
});
