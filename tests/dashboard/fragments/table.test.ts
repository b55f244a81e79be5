import { describe, expect, test } from "bun:test";
import { PAGE_ROWS, Table } from "../../../src/dashboard/fragments/table.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { NO_VALUE } from "../../../src/mapping/model/judgement.ts";
import { momentAt } from "../../support/clock.ts";
import { key, lookOf, returned, site, total } from "../fixture.ts";
import { PastWriter } from "../past-writer.ts";

const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: momentAt(0) };
const NOW = Date.UTC(2026, 10, 24, 12, 0, 30);

function shop(totals: Record<string, string>, of: Partial<typeof site> = {}, by?: string) {
  const view = new SalesView();
  const past = new HistoryView();
  const table = new Table({ ...site, ...of }, past, by);
  const sell = (name: string, price: string) => view.apply(0, key(name), total(name, price));
  const turn = (now = NOW) => table.turn(view.publish(live, momentAt(0)), now);
  for (const [name, price] of Object.entries(totals)) sell(name, price);
  turn();
  return { view, past, table, sell, turn };
}

const namesIn = (text: string) =>
  [...text.matchAll(/<th scope="row" title="([^"]*)"/g)].map(([, name]) => name);
const targets = (regions: readonly unknown[]) =>
  [...regions.join("").matchAll(/hx-target="([^"]*)"/g)].map(([, target]) => target);

describe("Table", () => {
  test("has the rows of the look's page, in its order", () => {
    const names = Array.from({ length: 250 }, (_, i) => [`p${i}`, String(i + 1)] as const);
    const { table, view } = shop(Object.fromEntries(names));
    const panel = String(table.panel(view.board, lookOf("sort=price&page=3")));
    expect(namesIn(panel)).toHaveLength(50);
    expect(namesIn(panel)[0]).toBe(`p${2 * PAGE_ROWS}`);
    expect(panel).toContain("201 to 250 of 250 products");
    expect(panel).toContain('href="/?sort=price&amp;page=2"');
    expect(panel).not.toContain("Next");
    // The rank is by price, whatever the order.
    expect(panel).toContain('<td class="rank">50</td>');
  });

  test("says when nothing is found", () => {
    const { table, view } = shop({ Laptop: "1" });
    expect(String(table.panel(view.board, lookOf("q=<b>")))).toContain("contains “&lt;b&gt;”");
    expect(String(table.panel(view.board, lookOf("page=9")))).toContain("This page does not exist");
  });

  test("links each column to its order, and the one it is in to the other way round", () => {
    const { table, view } = shop({ Laptop: "1" });
    const panel = String(table.panel(view.board, lookOf("sort=-sales&q=lap&page=2")));
    expect(panel).toContain('aria-sort="descending"');
    expect(panel).toContain('href="/?sort=sales&amp;q=lap"');
    expect(panel).toContain('href="/?sort=product&amp;q=lap"');
    expect(panel).toContain('href="/?q=lap"');
  });

  test("tells only rows that look different, whatever made them so", () => {
    const { table, view, past, sell, turn } = shop({ a: "1000000", b: "500", c: "400" });
    const look = lookOf();
    void table.rows(view.board, look);
    sell("c", "401");
    turn();
    expect(targets(table.changes(view.board, look))).toEqual(["#r2"]);
    turn();
    expect(table.changes(view.board, look)).toEqual([]);
    new PastWriter(past, 0, ["b"]).sell(0, NOW / 1000, 3).commit();
    turn(NOW + 1000);
    const told = table.changes(view.board, look);
    expect(targets(told)).toEqual(["#r1"]);
    expect(String(told)).toContain('<td class="recent">+$3.00</td>');
    // A minute later that is no longer what was sold in the last minute.
    expect(turn(NOW + 61_000)).toBe(true);
    expect(String(table.changes(view.board, look))).toContain('<td class="recent"></td>');
  });

  test("tells all rows to a look that has not been told the last ones", () => {
    const { table, view, sell, turn } = shop({ a: "1000000", b: "500", c: "400" });
    void table.rows(view.board, lookOf());
    for (const price of ["401", "402"]) {
      sell("c", price);
      turn();
    }
    expect(targets(table.changes(view.board, lookOf()))).toEqual(["#rows", "#more"]);
  });

  test("sorts by what was sold in the last minute", () => {
    const { table, view, past, turn } = shop({ a: "9", b: "8", c: "7" });
    const writer = new PastWriter(past, 0, ["b", "c"]);
    writer
      .sell(0, NOW / 1000, 1)
      .sell(1, NOW / 1000, 2)
      .commit();
    turn(NOW + 1000);
    const names = table.list(view.board, lookOf("sort=-change")).map(({ product }) => product);
    expect(names).toEqual(["c", "b", "a"]);
  });

  test("leaves out what history would tell where none is kept", () => {
    const { table, view } = shop({ a: "1" }, { keepsHistory: false });
    const panel = String(table.panel(view.board, lookOf()));
    expect(panel).not.toContain("Last minute");
    expect(panel).not.toContain("spark");
  });
});

describe("Table by a dimension", () => {
  const look = lookOf("view=table&by=store");
  const stores = { "Berlin <Mitte>": "300", [NO_VALUE]: "200", Wien: "100" };

  test("has the values in place of products, under the name of the dimension", () => {
    const { table, view } = shop(stores, {}, "store");
    const panel = String(table.panel(view.board, look));
    expect(panel).toContain('<caption id="products"><span translate="no">Store</span></caption>');
    expect(panel).toContain('boost="true"><span translate="no">Store</span></a></th>');
    expect(panel).toContain('title="Berlin &lt;Mitte&gt;">Berlin &lt;Mitte&gt;</th>');
    expect(panel).toContain('placeholder="Search: Store"');
    expect(panel).toContain("/download/totals.csv?by=store");
    expect(panel).not.toMatch(/>Products?<|\/product\?/);
    expect(panel).not.toMatch(/spark|recent/);
  });

  test("stays on its page when it is sorted, searched and turned", () => {
    const many = Array.from({ length: 101 }, (_, i) => [`s${i}`, "1"] as const);
    const { table, view } = shop(Object.fromEntries(many), { base: "/x" }, "store");
    const panel = String(table.panel(view.board, look));
    expect(panel).toContain('href="/x/by/store?sort=-quantity"');
    expect(panel).toContain('action="/x/by/store"');
    expect(panel).toContain('hx-get="/x/by/store"');
    expect(panel).toContain('href="/x/by/store?page=2"');
    expect(panel).toContain("1 to 100 of 101<");
    expect(panel).not.toContain('name="by"');
    const none = String(table.panel(view.board, lookOf("view=table&by=store&q=zz")));
    expect(none).toContain("No name contains “zz”");
    expect(none).toContain("101 in all.");
  });

  test("calls sales without a value what the reader calls them, who also finds them so", () => {
    const { table, view } = shop(stores, {}, "store");
    const german = lookOf("view=table&by=store&lang=de");
    expect(String(table.rows(view.board, german))).toContain("<i>ohne Angabe</i>");
    const found = table.list(view.board, { ...german, q: "angabe" });
    expect(found.map(({ product }) => product)).toEqual([NO_VALUE]);
  });

  test("of products is about products, whatever one of them is called", () => {
    const { table, view } = shop({ [NO_VALUE]: "1" });
    expect(namesIn(String(table.rows(view.board, lookOf())))).toEqual([NO_VALUE]);
    expect(table.list(view.board, lookOf("q=given"))).toEqual([]);
  });
});

describe("Table with returns", () => {
  const scales = { quantity: -450_000n, price: "-8.10", sales: 1n, returns: 3n };

  test("has their column only where there are some, and decimals of quantities", () => {
    const { view, table, turn } = shop({ Laptop: "100" });
    const look = lookOf("view=table");
    expect(String(table.panel(view.board, look))).not.toContain("Returns");
    view.apply(0, key("Cheese"), returned("Cheese", scales));
    turn();
    const panel = String(table.panel(view.board, look));
    expect(panel).toContain(">Returns</a>");
    expect(panel).toContain('<td class="quantity">-0.45</td>');
    expect(panel).toContain('<td class="money">-$8.10</td>');
    expect(panel).toMatch(/<td class="sales">1<\/td>\s*<td class="sales">3<\/td>/);
    // No share of the whole, and no negative width.
    expect(panel).toContain('value="0"');
  });

  test("tells open pages of the column with the first return", () => {
    const { view, table, turn } = shop({ Laptop: "100", Mouse: "50" });
    const look = lookOf("view=table");
    void table.panel(view.board, look);
    view.apply(0, key("Mouse"), returned("Mouse", { ...scales, price: "42" }));
    turn();
    const regions = table.changes(view.board, look);
    expect(targets(regions)).toEqual(["#heads", "#rows", "#more"]);
    expect(regions.join("")).toContain(">Returns</a>");
  });
});
