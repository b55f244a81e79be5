import { describe, expect, test } from "bun:test";
import { parseRules } from "../../../src/config/alert-rule.ts";
import { Alerts } from "../../../src/dashboard/alerts/alerts.ts";
import { graphPanel, legend, pastNotes } from "../../../src/dashboard/fragments/graph-panel.ts";
import { Graph } from "../../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { momentAt } from "../../support/clock.ts";
import { lookOf, sceneOf } from "../fixture.ts";
import { PastWriter } from "../past-writer.ts";

const past = new HistoryView();
const now = Math.floor(Date.now() / 1000);
new PastWriter(past).sell(0, now, 3).sell(1, now, 2).commit();
const scene = sceneOf(new SalesView(), past)();

const panel = (query: string) => String(graphPanel({ ...scene, look: lookOf(query) }));
const linksOf = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
const headsOf = (html: string) =>
  [...html.matchAll(/<th scope="col">([^<]*)/g)].map(([, th]) => th);
const namesOf = (query: string) =>
  [...String(legend({ ...scene, look: lookOf(query) })).matchAll(/<li>.*?<\/li>/g)].map(([item]) =>
    item.replace(/<[^>]*>/g, ""),
  );

describe("of all products", () => {
  test("stays on the graph, with what was chosen", () => {
    const links = linksOf(panel("window=24h&mask&product=Laptop"));
    expect(links).toContain("/graph?mask=true&amp;window=30d&amp;product=Laptop");
    expect(links.filter((link) => !link?.startsWith("/graph?"))).toEqual([]);
  });

  // "60d" stood on French and German pages.
  test("names its windows in the reader's language", () => {
    const windows = (lang: string) => {
      const nav = /<nav[\s\S]*?<\/nav>/.exec(panel(`view=graph&lang=${lang}`))?.[0] ?? "";
      return [...nav.matchAll(/>([^<]+)<\/a>/g)].map(([, text]) => text?.replace(/\s/g, " "));
    };
    expect(windows("en")).toEqual(["15m", "24h", "30d", "60d"]);
    expect(windows("fr")).toEqual(["15min", "24h", "30j", "60j"]);
    expect(windows("de")).toEqual(["15 Min.", "24h", "30 T", "60 T"]);
  });

  test("has lines for the largest, for the others and for the time before", () => {
    expect(namesOf("")).toEqual(["Laptop", "Mouse", "All other products", "The 15 minutes before"]);
    expect(namesOf("product=Mouse&shape=lines")).toEqual([
      "Mouse",
      "All other products",
      "Total",
      "The 15 minutes before",
    ]);
    expect(headsOf(panel("product=Mouse"))).toEqual([
      "From",
      "Total",
      "Mouse",
      "All other products",
    ]);
  });
});

describe("has a line where an alert starts", () => {
  const alerts = new Alerts({
    rules: parseRules(
      "revenue[1m] < 99.95; rate(sales[1m]) > 2; units[1h] < 7; revenue{Mouse}[1m] > 3; " +
        "revenue[today] < 1000; revenue[7d] < 9; revenue > 5; nodata[5m]; deadLetters[1m] > 0",
    ),
    clock: { now: () => 0, date: () => new Date(0) },
    onEvent: () => {},
  });
  const board = { ...scene.board, rules: alerts.rules };
  const levels = (query: string) => {
    const html = String(graphPanel({ ...scene, board, look: lookOf(query) }));
    const [, text] = /data-alerts="([^"]*)"/.exec(html) ?? [];
    return text && JSON.parse(text.replaceAll("&quot;", '"').replaceAll("&lt;", "<"));
  };
  const minute = { text: "revenue[1m] < 99.95", value: 99.95, seconds: 60 };
  const today = { text: "revenue[today] < 1000", value: 1000, seconds: 86_400 };

  test("of the figure and the products of the chart", () => {
    expect(levels("")).toEqual([minute, today]);
    expect(levels("measure=sales")).toMatchObject([{ value: 2, seconds: 1 }]);
    expect(levels("measure=units")).toMatchObject([{ value: 7, seconds: 3_600 }]);
    expect(levels("view=product&product=Mouse")).toMatchObject([{ value: 3, seconds: 60 }]);
  });

  test("but not where only some products are shown, or amounts are masked", () => {
    expect(levels("product=Mouse")).toBeUndefined();
    expect(levels("mask")).toMatchObject([{ text: "units[1h] < 7" }]);
  });
});

describe("can be saved", () => {
  test("by one menu, as a picture or as figures", () => {
    const [, menu = ""] =
      /<details class="menu export">(.*?)<\/details>/s.exec(panel("window=24h")) ?? [];
    expect([...menu.matchAll(/>([A-Z]+)</g)].map(([, name]) => name)).toEqual([
      "CSV",
      "JSON",
      "PNG",
    ]);
    expect(menu).toContain('download="history-24h.json" href="/api/history?window=24h"');
  });

  test("as a picture alone where amounts are masked", () => {
    const html = panel("mask");
    expect(html).not.toMatch(/Export|\/download\/|\/api\//);
    expect(html).toContain(">PNG</button>");
  });
});

// The reader of history stood still, and the graph ended early on a page that was live.
test("says at once that history is not read to its end, and no longer once it is", () => {
  let isCurrent = true;
  const graph = new Graph(past, () => isCurrent);
  const note = () => String(pastNotes({ ...scene, graph, look: lookOf() }));
  const at = momentAt(now * 1_000);
  graph.turn(at);
  for (const given of [false, true]) {
    isCurrent = given;
    expect(graph.turn(at)).toBe(true);
    expect(graph.notes.isNew).toBe(true);
    expect(note().includes("history is not read to its end")).toBe(!given);
  }
  expect(graph.turn(at)).toBe(false);
});

// Its links led to the graph of all products, which stood there beside it as "All other products".
describe("of one product", () => {
  const product = "product=%3Ca%3E%26";

  test("stays on its page", () => {
    const html = panel(`view=product&${product}&tz=UTC`);
    const name = "&amp;product=%3Ca%3E%26";
    expect(linksOf(html)).toEqual([
      `/product?tz=UTC&amp;window=15m${name}`,
      `/product?tz=UTC${name}`,
      `/product?tz=UTC&amp;window=30d${name}`,
      `/product?tz=UTC&amp;window=60d${name}`,
      `/product?tz=UTC${name}`,
      `/product?tz=UTC&amp;measure=units${name}`,
      `/product?tz=UTC&amp;measure=sales${name}`,
      `/download/history.csv?tz=UTC&amp;window=24h${name}`,
      `/api/history?tz=UTC&amp;window=24h${name}`,
    ]);
    expect(html).toContain(`hx-get="/product?tz=UTC${name}"`);
  });

  test("draws it alone, whatever the shape, and offers no other one", () => {
    expect(namesOf("view=product&product=Mouse&shape=lines")).toEqual([
      "Mouse",
      "Same time yesterday",
    ]);
    const html = panel("view=product&product=Mouse&shape=lines");
    expect(html).toContain('data-shape="stacked"');
    expect(headsOf(html)).toEqual(["From", "Mouse"]);
    expect(html).toContain("<td>$2.00</td>");
    expect(html).not.toMatch(/Lines|Products:|id="bars"|<h1/);
  });
});
