import { describe, expect, test } from "bun:test";
import { changeFrame, snapshotFrame } from "../../../src/dashboard/fragments/fragments.ts";
import {
  chooseLocale,
  formatFor,
  locales,
  permilleOf,
} from "../../../src/dashboard/look/format.ts";
import type { Publication } from "../../../src/dashboard/model/board.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { loadAssets } from "../../../src/dashboard/pages/assets.ts";
import { buildOf, graphPage, tablePage } from "../../../src/dashboard/pages/pages.ts";
import { parseAmount } from "../../../src/domain/money.ts";
import { momentAt } from "../../support/clock.ts";
import { key, lookOf, sceneOf, site, total } from "../fixture.ts";
import { type Message, parseMessages } from "../stream.ts";

const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: momentAt(0) };
const assets = (await loadAssets("")).paths;

function viewOf(totals: Record<string, string>, status = live): SalesView {
  const view = new SalesView();
  for (const [name, price] of Object.entries(totals)) view.apply(0, key(name), total(name, price));
  view.publish(status, momentAt(0));
  return view;
}

function change(view: SalesView, product: string, price: string): Publication {
  view.apply(0, key(product), total(product, price));
  const result = view.publish(live, momentAt(0));
  if (!result) throw new Error("Nothing changed.");
  return result;
}

function page(view: SalesView, query = ""): string {
  return String(tablePage({ ...sceneOf(view)(), assets, build: "", look: lookOf(query) }));
}

const messagesOf = (frame: Uint8Array): Message[] =>
  parseMessages(new TextDecoder().decode(frame)).messages;
/** What a page that has all of `view` is told of what happens. */
function told(view: SalesView, happen: () => Publication, query = ""): Message[] {
  const scene = sceneOf(view);
  snapshotFrame(scene(), lookOf(query));
  const change = happen();
  scene().table.turn(change, 0);
  return messagesOf(changeFrame(scene(), change, lookOf(query)) ?? new Uint8Array());
}
const targets = (message: Message | undefined) =>
  [...(message?.data ?? "").matchAll(/hx-target="([^"]*)"/g)].map(([, target]) => target);

describe("tablePage", () => {
  test("shows all numbers before any script runs", () => {
    const html = page(viewOf({ Laptop: "1234.5", Mouse: "0.000001" }));
    for (const text of [
      "$1,234.500001",
      "$1,234.50",
      "$0.000001",
      "Laptop",
      "100.0%",
      "00:00:00 UTC",
    ]) {
      expect(html).toContain(text);
    }
    expect(html).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
    expect(html).toContain("Demo data, lost when Salesboard stops");
  });

  test("shows a hostile product as text", () => {
    const name = `<img src=x onerror=alert(1)>"'&<hx-partial hx-target="#rows">`;
    const view = viewOf({ [name]: "1" });
    const frame = new TextDecoder().decode(snapshotFrame(sceneOf(view)(), lookOf()));
    const fragment = frame.slice(0, frame.indexOf("event: totals"));
    for (const html of [page(view), fragment]) {
      expect(html).not.toContain("<img src=x");
      expect(html).not.toContain('"#rows">"');
      expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;&lt;hx-partial");
    }
  });

  test("has no inline script, style or handler", () => {
    for (const html of [
      page(viewOf({ a: "1" })),
      String(graphPage({ ...sceneOf(viewOf({}))(), assets, build: "", look: lookOf("lang=de") })),
    ]) {
      expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
      expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|https?:\/\//);
    }
  });

  test("says what to do while there are no sales, and what it waits for", () => {
    expect(page(viewOf({}))).toContain("No sales yet");
    expect(page(viewOf({}, { ...live, state: "connecting" }))).toContain("Waiting for the totals");
  });

  test("shows a page of rows, and says which of how many", () => {
    const names = Array.from({ length: 1234 }, (_, i) => [`p${i}`, String(i + 1)] as const);
    const html = page(viewOf(Object.fromEntries(names)));
    expect(html.match(/<tr id="r/g)).toHaveLength(100);
    expect(html).toContain("1 to 100 of 1,234 products");
  });
});

describe("changeFrame", () => {
  test("sends the changed row alone while order and shares hold", () => {
    const view = viewOf({ a: "1000000", b: "500", c: "400" });
    const [regions, totals] = told(view, () => change(view, "c", "401"));
    expect(targets(regions)).toEqual(["#tiles", "#r2"]);
    expect(regions?.event).toBeUndefined();
    expect(totals).toEqual({
      event: "totals",
      data: '[{"product":"c","totalQuantity":1,"totalPrice":"401.00","sales":1,"returns":0}]',
    });
  });

  test("sends a row whose share is another because of a different product", () => {
    const view = viewOf({ a: "1000", b: "500", c: "1", d: "1", e: "1", f: "1" });
    const [regions] = told(view, () => change(view, "b", "510"));
    expect(targets(regions)).toEqual(["#tiles", "#r0", "#r1"]);
  });

  test("sends all rows when most have changed, as a browser swaps them sooner", () => {
    const view = viewOf({ a: "1000", b: "500", c: "400" });
    const [regions] = told(view, () => change(view, "a", "1200"));
    expect(targets(regions)).toEqual(["#tiles", "#rows", "#more"]);
  });

  test("sends all rows when their order changes", () => {
    const view = viewOf({ a: "1000", b: "500" });
    const [regions] = told(view, () => change(view, "b", "2000"));
    expect(targets(regions)).toEqual(["#tiles", "#rows", "#more"]);
    expect(regions?.data.indexOf('id="r1"')).toBeLessThan(regions?.data.indexOf('id="r0"') ?? 0);
  });

  test("sends the rows and the number of those left out when there is a new one", () => {
    const view = viewOf({});
    const [regions] = told(view, () => change(view, "a", "1"));
    expect(targets(regions)).toEqual(["#tiles", "#rows", "#more"]);
  });

  test("sends no totals when only the lag changed", () => {
    const view = viewOf({ a: "1" });
    const messages = told(
      view,
      () => view.publish({ ...live, lag: 3 }, momentAt(0)) as Publication,
    );
    expect(messages.map(({ event }) => event)).toEqual([undefined]);
    expect(targets(messages[0])).toEqual(["#tiles", "#source"]);
  });

  test("carries no htmx attributes except those of its partials", () => {
    const view = viewOf({ a: "1" });
    const scene = sceneOf(view);
    const first = snapshotFrame(scene(), lookOf());
    const next = change(view, "b", "2");
    scene().table.turn(next, 0);
    const frames = [first, changeFrame(scene(), next, lookOf()) as Uint8Array];
    for (const frame of frames) {
      const html = messagesOf(frame)[0]?.data ?? "";
      expect(
        html.replaceAll(/<hx-partial hx-target="#\w+" hx-swap="innerMorph">/g, ""),
      ).not.toMatch(/\shx-/);
    }
  });
});

describe("masked", () => {
  test("frames have no amount, neither as HTML nor as totals", () => {
    const look = lookOf("mask");
    const view = viewOf({ Laptop: "97673314.98", Mouse: "6301992.23" });
    const scene = sceneOf(view);
    const frames = [snapshotFrame(scene(), look)];
    const next = change(view, "Mouse", "187654321.12");
    scene().table.turn(next, 0);
    frames.push(changeFrame(scene(), next, look) as Uint8Array);
    const text = frames.map((frame) => new TextDecoder().decode(frame)).join("");
    expect(text).not.toMatch(/97.?673|6.?301|187.?654|98.?154|97\.67|50.?000/);
    expect(text).toContain(
      '[{"product":"Mouse","totalQuantity":1,"totalPrice":null,"sales":1,"returns":0}]',
    );
    expect(text).toContain('<td class="money">•••</td>');
  });
});

test("buildOf changes with the assets and with what is rendered, and with nothing else", () => {
  const build = buildOf(site, assets);
  expect(buildOf(site, assets)).toBe(build);
  expect(buildOf(site, { ...assets, styles: "/assets/styles.other.css" })).not.toBe(build);
  expect(buildOf({ ...site, currency: "EUR" }, assets)).not.toBe(build);
  // Of the pages of a product and of dead letters alone.
  expect(buildOf({ ...site, inputTopic: "other" }, assets)).not.toBe(build);
  expect(buildOf({ ...site, deadLetterTopic: "other" }, assets)).not.toBe(build);
});

describe("formatFor", () => {
  test.each(locales.map((locale) => [locale]))("writes every digit in %s", (locale) => {
    const digits = (text: string) => text.replace(/\D/g, "");
    const { money } = formatFor(locale, "USD");
    expect(digits(money(parseAmount("1000000000000000000000.00")))).toBe(`1${"0".repeat(23)}`);
    expect(digits(money(parseAmount("0.000001")))).toBe("0000001");
    expect(digits(money(parseAmount("97673314.987654")))).toBe("97673314987654");
  });

  test("shows the decimals that are there, even of a currency that has none", () => {
    expect(formatFor("en", "JPY").money(parseAmount("20999"))).toBe("¥20,999");
    expect(formatFor("en", "JPY").money(parseAmount("20999.58"))).toBe("¥20,999.58");
  });
});

describe("chooseLocale", () => {
  test.each([
    [undefined, "en"],
    ["", "en"],
    ["de", "de"],
    ["de-DE,de;q=0.9,en;q=0.8", "de"],
    ["de-CH", "de-CH"],
    ["xx, fr;q=0.5, de;q=0.7", "de"],
    ["de;q=0, fr", "fr"],
    ["no", "nb"],
    ["zh-Hant-TW", "zh"],
    ["__proto__, constructor;q=x", "en"],
  ])("answers %j with %s", (header, expected) => {
    expect(chooseLocale(header)).toBe(expected);
  });

  test("never answers with anything outside its list", () => {
    for (let i = 0; i < 200; i++)
      expect(locales).toContain(chooseLocale(`x${i}-y${i}, *;q=0.${i}`));
  });
});

test("permilleOf rounds to the nearest, and is 0 of nothing", () => {
  expect([permilleOf(1n, 3n), permilleOf(2n, 3n), permilleOf(5n, 5n), permilleOf(0n, 0n)]).toEqual([
    333, 667, 1000, 0,
  ]);
});
