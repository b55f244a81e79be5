import { describe, expect, test } from "bun:test";
import { snapshotFrame } from "../../../src/dashboard/fragments/fragments.ts";
import {
  emptyPhrase,
  periodLinks,
  periodNote,
  periodPhrase,
} from "../../../src/dashboard/fragments/periods.ts";
import { publish } from "../../../src/dashboard/fragments/publish.ts";
import type { Period } from "../../../src/dashboard/look/look.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { loadAssets } from "../../../src/dashboard/pages/assets.ts";
import { graphPage, tablePage } from "../../../src/dashboard/pages/pages.ts";
import { productPage } from "../../../src/dashboard/pages/product-page.ts";
import { Hub } from "../../../src/dashboard/stream/hub.ts";
import { momentAt, TestClock } from "../../support/clock.ts";
import { quietLog } from "../../support/context.ts";
import { DayWriter } from "../day-writer.ts";
import { key, lookOf, sceneOf, site, total } from "../fixture.ts";
import { parseMessages } from "../stream.ts";

const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: momentAt(0) };
const noon = momentAt(Date.UTC(2026, 10, 26, 12));
const assets = (await loadAssets("")).paths;

/** A shop that began on 27 October; on 26 November it has sold tea for 1. */
function shop() {
  const view = new SalesView();
  const writer = new DayWriter(view);
  writer.sell("Tea", "2026-10-27", "9").sell("Cup", "2026-11-25", "5");
  writer.sell("Tea", "2026-11-26", "1").commit();
  view.publish(live, noon);
  return { view, writer, board: (period?: Period) => view.boardOf(period) };
}

const page = (view: SalesView, query = "", render = tablePage) => {
  const look = lookOf(query);
  return String(render({ ...sceneOf(view)(look.period), assets, build: "", look })).replace(
    /\s+/g,
    " ",
  );
};
const linksIn = (html: string) =>
  [...html.matchAll(/<a href="([^"]*)" title="([^"]*)"\s*(aria-current="true")?\s*>/g)].map(
    ([, href = "", title = "", current]) => ({
      href: href.replaceAll("&amp;", "&"),
      title,
      current,
    }),
  );

describe("the switch of the period", () => {
  test("links to each period of the same page, and says which one is shown", () => {
    const look = lookOf("period=7d&q=te&page=2&kiosk");
    const links = linksIn(String(periodLinks(shop().board("7d"), site, look, "graph")));
    expect(links.map(({ href }) => href)).toEqual([
      "/graph?kiosk=true&q=te",
      "/graph?period=yesterday&kiosk=true&q=te",
      "/graph?period=7d&kiosk=true&q=te",
      "/graph?period=30d&kiosk=true&q=te",
      "/graph?period=all&kiosk=true&q=te",
    ]);
    expect(links.map(({ current }) => current !== undefined)).toEqual([
      ...[false, false, true, false, false],
    ]);
    expect(links[2]?.title).toContain("Nov 20");
    expect(links[2]?.title).toContain("26, 2026, UTC");
  });

  test("says since when all time is, in the reader's language, if that is known", () => {
    const { board, writer, view } = shop();
    expect(String(periodLinks(board(), site, lookOf()))).toContain("since Oct 27");
    expect(periodPhrase(board("all"), lookOf("lang=de"))).toBe("seit 27.10.2026");
    writer.sell("Tea", undefined).commit();
    view.publish(live, noon);
    expect(periodPhrase(board("all"), lookOf())).toBe("");
  });

  test("is not there without days, and a period that was asked for is not passed off", () => {
    const view = new SalesView();
    view.apply(0, key("Tea"), total("Tea", "1"));
    view.publish(live, noon);
    const look = lookOf("period=today");
    expect(String(periodLinks(view.boardOf("today"), site, look))).toBe("");
    const off = { ...site, keepsHistory: false };
    expect(String(periodNote(view.boardOf("today"), off, look))).toContain("--history on");
    expect(String(periodNote(view.boardOf("today"), site, look))).toContain("no sale has been");
    expect(String(periodNote(view.boardOf(undefined), off, lookOf()))).toBe("");
    expect(page(view, "period=today")).toContain("<h2>Revenue, USD</h2>");
  });
});

describe("pages by period", () => {
  test("open with today, and name the period wherever a figure stands", () => {
    const { view } = shop();
    // A script hides it where the reader's clocks show the same.
    const zone = '<small id="day-zone" translate="no">UTC</small>';
    expect(page(view)).toContain(`<h2>Revenue today, USD ${zone}</h2>`);
    expect(page(view)).toContain(">$1.00</output>");
    expect(page(view, "period=yesterday")).toContain(`<h2>Revenue yesterday, USD ${zone}</h2>`);
    expect(page(view, "period=all")).toContain("<h2>Revenue since Oct 27, 2026, USD</h2>");
    expect(page(view, "period=30d", graphPage)).toContain("by product <small>in 30 days</small>");
    expect(page(view, "product=Tea", productPage)).toContain(
      '<dt>Revenue today</dt><dd translate="no">$1.00',
    );
  });

  test("lead to the files of the same period", () => {
    const { view } = shop();
    expect(page(view)).toContain('href="/download/totals.csv?period=today"');
    expect(page(view, "period=7d")).toContain('href="/download/totals.csv?period=7d"');
    expect(page(view, "period=all")).toContain('href="/download/totals.csv"');
  });

  test("share the total of the period", () => {
    expect(page(shop().view, "period=yesterday")).toContain("<span>100.0%</span>");
  });

  test("of a product show that it sold nothing", () => {
    const html = page(shop().view, "product=Cup", productPage);
    expect(html).toContain('<dt>Revenue today</dt><dd translate="no">$0.00');
    expect(html).toContain('<dt>Rank</dt><dd translate="no">–');
    expect(html).toContain("Partition, all time");
  });

  test("say that nothing was sold yet today, and lead to yesterday", () => {
    const { view, board } = shop();
    view.publish(live, momentAt(Date.UTC(2026, 10, 27, 0, 0, 1)));
    expect(emptyPhrase(board(), lookOf())).toBe("No sales yet today");
    expect(page(view)).toContain("<strong>No sales yet today</strong>");
    expect(page(view)).toContain('href="/?period=yesterday">Yesterday</a>');
    // What to type is for those who have never sold anything.
    expect(page(view)).not.toContain("Write a sale");
  });

  // They stood beside the few sales of today as if they were of today too.
  test("say that filtered records are of all time, after whether all are valid", () => {
    const { view, writer } = shop();
    writer.filtered = 1_234n;
    writer.commit();
    view.publish(live, noon);
    const [valid, filtered] = ["all records are valid", "1,234 filtered"];
    expect(page(view)).toContain(`>${valid} · ${filtered}, all time<`);
    expect(page(view, "period=all")).toContain(`>${valid} · ${filtered}<`);
    writer.deadLetters = 1n;
    writer.commit();
    view.publish(live, noon);
    expect(page(view)).toMatch(/>all time, <a [^>]*>see why<\/a> · 1,234 filtered</);
  });

  // Letters count for all time. A shop that had not sold yet today was shown another mapping.
  test("take no empty day for a topic that cannot be read", () => {
    const { view, writer } = shop();
    writer.deadLetters = 3n;
    writer.commit();
    view.publish(live, momentAt(Date.UTC(2026, 10, 27, 0, 0, 1)));
    expect(page(view)).not.toContain("counts</h2>");
    expect(page(view)).toMatch(/title="in\.dlq">all time, <a href="\/rejected[^"]*">see why<\/a>/);
  });

  test("say which days are incomplete, where they are shown", () => {
    const { view, writer, board } = shop();
    writer.since = "2026-11-25";
    writer.commit();
    view.publish(live, noon);
    expect(String(periodNote(board("today"), site, lookOf()))).toBe("");
    const note = String(periodNote(board("yesterday"), site, lookOf()));
    expect(note).toContain("including Nov 25, 2026 may lack sales");
  });
});

describe("streams by period", () => {
  const targets = (data: string) =>
    [...data.matchAll(/hx-target="#([^"]*)"/g)].map(([, target]) => target);

  /** The frames of a stream with `query`, each after something has happened. */
  function streamOf(view: SalesView, query: string) {
    const scene = sceneOf(view);
    const look = lookOf(query);
    const clock = new TestClock();
    const hub = new Hub({
      snapshot: (of) => snapshotFrame(scene(of.period), of),
      heartbeat: () => "{}",
      clock,
      log: quietLog,
      streamsMax: 1,
    });
    const sent: string[] = [];
    const outlet = {
      send: (frame: Uint8Array) => sent.push(new TextDecoder().decode(frame)) > 0,
      end: () => {},
      abort: () => {},
    };
    hub.subscribe(look, ({ onOpen }) => {
      onOpen(outlet);
      return new ReadableStream();
    });
    return (now = noon) => {
      sent.length = 0;
      publish({ view, status: live, hub, currentScene: scene, now });
      return sent.flatMap((text) => parseMessages(text).messages).map(({ data }) => data);
    };
  }

  test("tell what changed in the period alone", () => {
    const { view, writer } = shop();
    const publishTo = streamOf(view, "view=table&period=yesterday");
    writer.sell("Tea", "2026-11-26", "3").commit();
    expect(publishTo().join()).not.toContain("$4.00");
    writer.sell("Tea", "2026-11-25", "3").commit();
    expect(publishTo().join()).toContain("$3.00");
  });

  test("begin the new day at midnight, whole", () => {
    const { view } = shop();
    const publishTo = streamOf(view, "view=table");
    const data = publishTo(momentAt(Date.UTC(2026, 10, 27))).join("");
    expect(targets(data)).toContain("period");
    expect(data).toContain("No sales yet today");
    expect(data).toContain("$0.00");
  });

  // Who opened a page while the topic was read saw all time under the links of today's file.
  test("go over to today when days become known", () => {
    const view = new SalesView();
    view.publish({ ...live, state: "restoring" }, noon);
    const publishTo = streamOf(view, "view=table");
    new DayWriter(view).sell("Tea", "2026-11-25", "9").sell("Tea", "2026-11-26").commit();
    const data = publishTo().join("");
    expect(targets(data)).toEqual(expect.arrayContaining(["period", "downloads", "tiles", "rows"]));
    expect(data).toContain("Revenue today, USD");
    expect(data).toContain("period=today");
  });
});
