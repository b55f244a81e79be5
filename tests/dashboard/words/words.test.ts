import { describe, expect, test } from "bun:test";
import { Table } from "../../../src/dashboard/fragments/table.ts";
import type { Advice } from "../../../src/dashboard/model/advice.ts";
import type { Comparison } from "../../../src/dashboard/model/comparison.ts";
import { Graph } from "../../../src/dashboard/model/graph.ts";
import { HistoryView } from "../../../src/dashboard/model/history-view.ts";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { loadAssets } from "../../../src/dashboard/pages/assets.ts";
import { lettersPage } from "../../../src/dashboard/pages/dead-letters-page.ts";
import type { Page } from "../../../src/dashboard/pages/layout.ts";
import { loginPage } from "../../../src/dashboard/pages/login-page.ts";
import { errorPage, graphPage, tablePage } from "../../../src/dashboard/pages/pages.ts";
import { productPage, type StoredSale } from "../../../src/dashboard/pages/product-page.ts";
import { scriptWords } from "../../../src/dashboard/words/scripts.ts";
import {
  type Language,
  languageOf,
  languages,
  wordsFor,
} from "../../../src/dashboard/words/words.ts";
import { dayNumber } from "../../../src/domain/day.ts";
import { NO_SUMS, type Sums } from "../../../src/domain/sums.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { momentAt } from "../../support/clock.ts";
import { DayWriter } from "../day-writer.ts";
import { letter, lookOf, sceneOf } from "../fixture.ts";
import { PastWriter } from "../past-writer.ts";

const assets = (await loadAssets("")).paths;
const live: Status = { state: "live", partitions: 1, lag: 0, notices: [], asOf: momentAt(0) };
const noon = momentAt(Date.UTC(2026, 10, 26, 12));
const others = (Object.keys(languages) as Language[]).filter((language) => language !== "en");

/** Of what is put into a sentence: no word of any language. */
const marker = "§";

/** Each form of a word or a sentence as text, with markers where values stand. */
function formsOf(word: unknown): string[] {
  if (typeof word === "function") {
    return [marker, 1].map((n) => String(word(marker, n, marker, marker, marker)));
  }
  if (typeof word === "string" || word instanceof String) return [String(word)];
  return Object.values(word as object).flatMap(formsOf);
}

/** What stands between the markers and tags, as far as it has a word. */
const piecesOf = (words: unknown) =>
  formsOf(words)
    .flatMap((form) => form.replace(/<kbd>.*?<\/kbd>/g, marker).split(/<[^>]*>|§|\{\}/))
    .map((piece) => piece.replace(/\s+/g, " ").replace(/^[^\p{L}\d]+|[^\p{L}\d]+$/gu, ""))
    .filter((piece) => /\p{L}{3}/u.test(piece));

/** What a reader is shown or told in words: text, and attributes with text. */
function wordsIn(html: string): string {
  const shown = html
    .replace(/<(script|code|kbd|time)\b.*?<\/\1>/gs, " ")
    .replace(/<(\w+)[^>]*\slang="en"[^>]*>.*?<\/\1>/gs, " ");
  const told = [...shown.matchAll(/\s(?:title|aria-label|placeholder)="([^"]*)"/g)];
  const text = [shown.replace(/<[^>]*>/g, " | "), ...told.map(([, text]) => text)].join(" | ");
  return text.replaceAll("&#39;", "'").replace(/\s+/g, " ");
}

const today = dayNumber("2026-11-26") ?? 0;
const worth = (dollars: bigint): Sums => ({ ...NO_SUMS, revenue: dollars * 1_000_000n, sales: 1n });
const better = { sums: worth(2n), before: worth(1n) };
const comparison: Comparison = {
  ...better,
  days: { first: today, last: today },
  daysBefore: { first: today - 7, last: today - 7 },
  hour: 14,
  of: () => ({ sums: worth(1n), before: NO_SUMS }),
};
const ofDay = (day: number) => ({ day, hours: Array.from({ length: 24 }, () => worth(1n)) });
const hours = { today: ofDay(today), yesterday: ofDay(today - 1) };

const states = ["ok", "firing", "unknown"] as const;
const rules = states.map((state) => {
  const of = { text: "x > 1", masked: "x > …", isMoney: true, value: undefined };
  return { ...of, state, since: "2026-11-26T10:00:00Z" };
});

/** A shop with sales and returns by days, and with something to say about each. */
function shop(): SalesView {
  const view = new SalesView();
  const writer = new DayWriter(view);
  writer.sell("Zq", "2026-10-27", "9").sell("Qz", "2026-11-25", "5").sell("Zq", undefined, "1");
  writer.sell("Zq", "2026-11-26", "4").sell("Zq", "2026-11-26", "1", true).commit();
  const notices = ["Kafka has not answered yet."];
  view.publish({ ...live, lag: 3, notices, comparison, hours, lastSale: 9, rules }, noon);
  return view;
}

function misfitting(filtered: bigint, deadLetters: bigint, advice?: Advice): Page["board"] {
  const view = new SalesView();
  const judged = { inputOffset: 10, filtered, deadLetters };
  view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord(judged));
  view.publish(live, noon);
  return { ...view.board, advice };
}

const proposal = { sureness: "likely", counted: 2, filtered: 1, deadLetters: 1, commands: ["x"] };
const advices: readonly Partial<Advice>[] = [
  {},
  { fits: true },
  { proposal: proposal as Advice["proposal"], reason: { text: "no sale", records: 3 } },
];

/** Every page in every state, in the language. */
function pagesIn(lang: Language): string[] {
  const past = new HistoryView();
  const now = Math.floor(Date.now() / 1000);
  new PastWriter(past).sell(0, now, 3).sell(1, now, 2).commit();
  const [full, empty, unread] = [shop(), new SalesView(), new SalesView()];
  empty.publish(live, noon);
  const of = (view: SalesView, query: string, history = past): Page => {
    const look = lookOf(`${query}&lang=${lang}`);
    const scene = sceneOf(view, history)(look.period);
    const ofShop = { ...scene.site, target: 5_000_000n, isDemo: true };
    const reader = { name: "Zq", hasSession: true };
    return { ...scene, site: ofShop, assets, build: "", look, reader };
  };
  const table = (page: Page, board = page.board) => String(tablePage({ ...page, board }));
  const byStore = (query = "") => {
    const page = of(full, `view=table&by=store&${query}`);
    const site = { ...page.site, boards: [{ name: "store", topic: "out.by-store" }] };
    return table({ ...page, site, table: new Table(site, past, "store") });
  };
  const latest = { at: 0, looked: 9, since: 0 };
  const line = { product: "Zq", quantity: 1n, amount: 1n, isReturn: false, timestamp: 0 };
  const sales: StoredSale[] = [{ ...letter(), lines: [line] }];
  const letters = [letter(), letter({ headers: [] }), letter({ timestamp: -1 })];
  const product = "view=product&product=Zq";
  const periods = ["today", "yesterday", "7d", "30d", "all"].map((period) => `period=${period}`);
  const windows = ["15m", "24h", "30d", "60d"].map((window) => `window=${window}`);
  return [
    ...periods.flatMap((period) => [table(of(full, period)), table(of(full, `${period}&q=none`))]),
    ...["period=all&page=9", "mask", "kiosk"].map((query) => table(of(full, query))),
    ...["period=all", "period=all&q=none", "q=none", "period=all&page=9"].map(byStore),
    table(of(full, ""), { ...full.boardOf("today"), rows: [], total: empty.board.total }),
    table(of(empty, "")),
    table(of(unread, "")),
    ...advices.map((found) => {
      const advice = { looked: 4, reason: undefined, fits: false, proposal: undefined, ...found };
      return table(of(empty, ""), misfitting(1n, 2n, advice));
    }),
    table(of(empty, ""), misfitting(1n, 0n)),
    table(of(empty, ""), misfitting(0n, 1n)),
    ...windows.flatMap((window) =>
      ["", "&shape=lines", "&product=Zq", "&measure=units&mask"].map((more) =>
        String(graphPage(of(full, `view=graph&${window}${more}`))),
      ),
    ),
    String(graphPage(of(full, "view=graph", new HistoryView()))),
    String(graphPage({ ...of(full, "view=graph"), graph: new Graph(past, () => false) })),
    String(productPage(of(full, product))),
    String(productPage(of(full, product), { ...latest, records: sales, isAll: false })),
    String(productPage(of(empty, product), { ...latest, records: [], isAll: true })),
    String(lettersPage(of(full, ""), { ...latest, records: letters, isAll: true })),
    String(lettersPage(of(full, ""), { ...latest, records: letters, isAll: false })),
    String(lettersPage(of(full, ""), { ...latest, records: [], isAll: true })),
    String(lettersPage(of(full, ""), { ...latest, records: [], isAll: false })),
    ...[undefined, wordsFor(lang).wrongLogin, wordsFor(lang).slowLogin(2)].map((problem) =>
      String(loginPage({ ...of(full, ""), next: "/", problem })),
    ),
    ...Object.keys(wordsFor(lang).errors).map((title) =>
      String(errorPage(of(full, ""), { title: title as "failed", message: "It failed." })),
    ),
  ];
}

describe.each(others)("the pages in %s", (lang) => {
  const pages = pagesIn(lang).map(wordsIn);
  const own = piecesOf([languages[lang], scriptWords[lang]]);
  const isWhole = (piece: string, text: string) => {
    const escaped = piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`(?<![\\p{L}\\d])${escaped}(?![\\p{L}\\d])`, "u").test(text);
  };

  test("have no English word where there is another one", () => {
    const english = piecesOf([languages.en, scriptWords.en]);
    const foreign = english.filter((piece) => !own.some((text) => isWhole(piece, text)));
    expect(foreign.length).toBeGreaterThan(150);
    const found = foreign.filter((piece) => pages.some((text) => isWhole(piece, text)));
    expect(found).toEqual([]);
  });

  test("show most of its words, and no key or place of one", () => {
    const shown = own.filter((piece) => pages.some((text) => isWhole(piece, text)));
    expect(shown.length).toBeGreaterThan(own.length / 2);
    for (const text of pages) {
      expect(text).not.toMatch(/undefined|\[object|\{\}|§|NaN/);
      expect(text).not.toMatch(/(?<![\p{L}.])[a-z]{2,}[A-Z][a-z]\w*/u);
    }
  });

  test("say their language, and that of what is in English", () => {
    for (const html of pagesIn(lang)) expect(html).toContain(`<html lang="${lang}"`);
    expect(pagesIn(lang)[0]).toContain('<p class="notice" lang="en">Kafka has not answered yet.');
  });

  test("let scripts put a text wherever the English words do", () => {
    const places = (words: object) => formsOf(words).map((text) => text.includes("{}"));
    expect(places(scriptWords[lang])).toEqual(places(scriptWords.en));
  });
});

describe("the language of the pages", () => {
  test.each([
    ["de", "de"],
    ["de-AT", "de"],
    ["es-MX", "es"],
    ["fr-CA", "fr"],
    ["en-GB", "en"],
    ["cs", "en"],
    ["constructor", "en"],
  ])("for the locale %s is %s", (locale, language) => {
    expect(languageOf(locale)).toBe(language as Language);
  });

  test("counts as one does in it", () => {
    const partitions = (locale: string, n: number) => wordsFor(locale).partitions(String(n), n);
    expect([0, 1, 2].map((n) => partitions("en", n))).toEqual([
      "0 partitions",
      "1 partition",
      "2 partitions",
    ]);
    expect([0, 1, 2].map((n) => partitions("fr", n))).toEqual([
      "0 partition",
      "1 partition",
      "2 partitions",
    ]);
    // "1 devueltas" stood below the sales, and a comparison went "hasta las 1:00".
    const { returned, until } = wordsFor("es");
    expect([1, 2].map((n) => returned(String(n), n))).toEqual(["1 devuelta", "2 devueltas"]);
    expect(["1:00", "13:00", "11:00"].map(until)).toEqual([
      " hasta la 1:00",
      " hasta las 13:00",
      " hasta las 11:00",
    ]);
  });

  test("has no place in a sentence that a figure can break", () => {
    expect(wordsFor("de").behind("$& 1", 2)).toBe("$& 1 Datensätze im Rückstand");
  });
});
