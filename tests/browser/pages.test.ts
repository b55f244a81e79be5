/** The pages in a real browser, fed by hand: what is committed is what the reader sees. */

import { describe, expect } from "bun:test";
import type { Page } from "playwright-core";
import { PastWriter } from "../dashboard/past-writer.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const hostile = "<img src=x onerror=alert(1)>";

const products = (page: Page) => page.locator("#rows th").allTextContents();
const prices = (page: Page) => page.locator("#rows .money").allTextContents();

async function shows(page: Page, expected: readonly string[]): Promise<void> {
  const matches = async () => Bun.deepEquals(await prices(page), expected);
  await waitFor(matches, { what: expected.join() }).catch(() => {});
  expect(await prices(page)).toEqual([...expected]);
}

describe("table page", () => {
  test("updates a row in place and moves it when the order changes", async () => {
    await pages.start({ Laptop: "30", Mouse: "20", Cable: "10" });
    const { page, complaints } = await pages.open();
    const mouse = await page.locator("tr", { hasText: "Mouse" }).elementHandle();
    pages.fed.feed("Mouse", "25.5");
    await shows(page, ["$30.00", "$25.50", "$10.00"]);
    pages.fed.feed("Mouse", "45");
    await shows(page, ["$45.00", "$30.00", "$10.00"]);
    expect(await products(page)).toEqual(["Mouse", "Laptop", "Cable"]);
    expect(await page.locator("#rows .rank").allTextContents()).toEqual(["1", "2", "3"]);
    // The same element, so that focus, selection and what a reader looks at move along.
    const first = await page.locator("#rows tr").first().elementHandle();
    expect(await page.evaluate(([a, b]) => a === b, [mouse, first])).toBe(true);
    pages.fed.feed("Phone", "35");
    await shows(page, ["$45.00", "$35.00", "$30.00", "$10.00"]);
    expect(await page.textContent(".revenue output")).toBe("$120.00");
    expect(complaints).toEqual([]);
  });

  // Cells that changed ten times a second had animations without end: the browser painted sixty
  // times a second, and was late with the numbers.
  test("lets a price flash that has rested, and not one that changes all the time", async () => {
    await pages.start({ Laptop: "30" });
    const { page } = await pages.open();
    const flashes = await page.evaluateHandle(() => {
      const seen: Element[] = [];
      const { animate } = Element.prototype;
      Element.prototype.animate = function (...args) {
        seen.push(this);
        return animate.apply(this, args);
      };
      return seen;
    });
    const changes = ["31", "32", "33", "34", "35"];
    for (const price of changes) {
      pages.fed.feed("Laptop", price);
      await shows(page, [`$${price}.00`]);
    }
    const count = await flashes.evaluate((seen) => seen.length);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(changes.length);
  });

  test("shows a hostile product as text, first and later", async () => {
    await pages.start({ [hostile]: "2" });
    const { page, complaints } = await pages.open();
    pages.fed.feed(`2${hostile}`, "3");
    await shows(page, ["$3.00", "$2.00"]);
    expect(await products(page)).toEqual([`2${hostile}`, hostile]);
    expect(await page.locator("main img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("shows every digit of amounts that floating point gets wrong", async () => {
    await pages.start({ tiny: "0.000001" });
    const { page } = await pages.open("", { viewport: { width: 390, height: 844 } });
    pages.fed.feed("huge", "1000000000000000000000.00");
    await shows(page, ["$1,000,000,000,000,000,000,000.00", "$0.000001"]);
    const revenue = page.locator(".revenue output");
    expect(await revenue.textContent()).toBe("$1,000,000,000,000,000,000,000.000001");
    const isCut = (element: HTMLElement | SVGElement) => element.scrollWidth > element.clientWidth;
    expect(await revenue.evaluate(isCut)).toBe(false);
    expect(await page.locator("html").evaluate(isCut)).toBe(false);
  });

  test("says what to do while there are no sales, until there is one", async () => {
    await pages.start({});
    const { page } = await pages.open();
    expect(await page.textContent("#rows")).toContain("No sales yet");
    pages.fed.feed("Laptop", "1");
    await shows(page, ["$1.00"]);
  });

  test("writes numbers in the reader's language", async () => {
    await pages.start({ Laptop: "1234567.8" });
    const { page } = await pages.open("", { locale: "de-DE" });
    pages.fed.feed("Laptop", "1234567.9");
    await shows(page, ["1.234.567,90\u00a0$"]);
  });

  test("shows current numbers without JavaScript, and refreshes by itself", async () => {
    await pages.start({ Laptop: "12.5" });
    const page = await (await pages.newContext({ javaScriptEnabled: false })).newPage();
    await page.goto(pages.url);
    expect(await prices(page)).toEqual(["$12.50"]);
    pages.fed.feed("Laptop", "13");
    await says(page, "#rows .money", /^\$13\.00$/);
    expect(await page.textContent(".revenue output")).toBe("$13.00");
  });
});

describe("connection state", () => {
  test("says that the server is gone, and is live with its numbers when it is back", async () => {
    await pages.start({ Laptop: "1" });
    const { page } = await pages.open();
    await pages.stop();
    await says(page, "#state", /^Reconnecting, as of \d/);
    await pages.start({ Laptop: "2" });
    await says(page, "#state", /^Live$/);
    await shows(page, ["$2.00"]);
  }, 600_000);

  test("says that the numbers are stale while Kafka does not answer", async () => {
    await pages.start({ Laptop: "1" });
    const { page } = await pages.open();
    const { source } = pages.fed;
    source.status = { ...source.status, state: "stale" };
    await says(page, "#state", /^Not updating since \d+:\d\d:\d\d/);
    source.status = { ...source.status, state: "live" };
    await says(page, "#state", /^Live/);
  });

  test("says that the browser is offline", async () => {
    await pages.start({ Laptop: "1" });
    const { page } = await pages.open();
    await page.context().setOffline(true);
    // A stream that is open goes on, and what goes on is live, whatever the browser says.
    await pages.stop();
    await says(page, "#state", /^Offline/);
    await pages.start({ Laptop: "1" });
    await page.context().setOffline(false);
    await says(page, "#state", /^Live/);
  }, 600_000);
});

describe("graph page", () => {
  test("has bars of the totals, exact to the last digit", async () => {
    await pages.start({ Laptop: "1000", [hostile]: "500" });
    const { page, complaints } = await pages.open("graph");
    pages.fed.feed("Laptop", "1000000000000000000000.01", 12345678901234567890n);
    const bars = async () => (await page.textContent("#bars")) ?? "";
    const exact = "$1,000,000,000,000,000,000,000.01";
    await waitFor(async () => (await bars()).includes(exact), { what: "the exact revenue" });
    expect(await bars()).toContain(hostile);
    expect(await bars()).toContain("12,345,678,901,234,567,890");
    expect(await page.locator("#bars img").count()).toBe(0);
    expect(complaints).toEqual([]);
  }, 600_000);
});

function cutWords(page: Page): Promise<(string | null)[]> {
  return page.$$eval(".tile :is(h2, p)", (texts) =>
    texts.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent),
  );
}

const sizes = { phone: [390, 844], laptop: [1366, 768], wall: [3840, 2160] } as const;

describe("look", () => {
  // The longest words on the narrowest page.
  for (const path of ["", "graph", "product?product=Noise-cancelling+Headphones", "rejected"]) {
    test(`${path || "table"} in German on a small phone: no wider than it, and all in German`, async () => {
      await pages.start({
        "Laptop Pro 14": "97673314.98",
        "Noise-cancelling Headphones": "6301992.23",
      });
      const options = { viewport: { width: 360, height: 640 }, locale: "de-DE" };
      const { page, complaints } = await pages.open(path, options);
      await expectFit(page);
      expect(await page.getAttribute("html", "lang")).toBe("de");
      await page.click("#pause");
      await says(page, "#state", /^Angehalten · \d+ Änderung(en)? wart(en|et)$/);
      await expectFit(page);
      await page.click("#theme");
      expect(await page.textContent("#theme")).toBe("Farben: hell");
      expect(complaints).toEqual([]);
    }, 600_000);
  }

  // "Sales per se…" and "last sale 3s a…" once stood on a phone.
  test("no word of a figure is cut on a phone", async () => {
    await pages.start({ "Laptop Pro 14": "67331.98" });
    const { page } = await pages.open("", { viewport: { width: 390, height: 844 } });
    const now = Math.floor(Date.now() / 1_000);
    new PastWriter(pages.fed.past, 0, ["Laptop Pro 14"]).sell(0, now - 11, 1).commit();
    pages.fed.dashboard.changed();
    await says(page, ".tile.rate p", /^last sale \d+s ago/);
    expect(await cutWords(page)).toEqual([]);
  }, 600_000);

  // "Chiffre d’affaires" stood below "Afficher en tableau", and "Vente moye…" was cut.
  test("in French on a phone, no word of a figure is cut, and nothing lies over a title", async () => {
    await pages.start({ "Laptop Pro 14": "67331.98" });
    const options = { viewport: { width: 390, height: 844 }, locale: "fr-FR" };
    const page = await (await pages.newContext(options)).newPage();
    await page.goto(`${pages.url}graph`);
    await says(page, "#state", /^En direct/);
    expect(await cutWords(page)).toEqual([]);
    const [title, button] = await page.evaluate(() => {
      const text = document.createRange();
      text.selectNodeContents(document.querySelector("#time-title") as Element);
      const opener = document.querySelector("#time-data summary") as Element;
      return [text.getBoundingClientRect(), opener.getBoundingClientRect()] as const;
    });
    expect(button.top).toBeGreaterThan(title.bottom);
  }, 600_000);

  for (const [size, [width, height]] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const path of ["", "graph"]) {
        test(`${path || "table"} on a ${size}, ${colorScheme}: all in view, nothing serious for axe`, async () => {
          await pages.start({
            "Laptop Pro 14": "97673314.98",
            "Noise-cancelling Headphones": "6301992.23",
          });
          const viewport = { width, height };
          const { page, complaints } = await pages.open(path, { viewport, colorScheme });
          await expectFit(page);
          expect(complaints).toEqual([]);
        }, 600_000);
      }
    }
  }
});
