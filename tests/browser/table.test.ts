/** The table in a real browser: sorted, searched and paged without a reload. */

import { describe, expect } from "bun:test";
import type { Page } from "playwright-core";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();

/** None while a page is loading. */
const names = (page: Page) =>
  page
    .locator("#rows th")
    .allTextContents()
    .catch(() => []);

async function shows(page: Page, expected: readonly string[]): Promise<void> {
  const isShown = async () => Bun.deepEquals(await names(page), expected);
  await waitFor(isShown, { what: `the rows ${expected}` });
}

/** Marks the document, so that a reload is seen. */
const mark = (page: Page) => page.evaluate(() => Object.assign(globalThis, { isMarked: true }));
const isMarked = (page: Page) => page.evaluate(() => "isMarked" in globalThis);

describe("table", () => {
  test("is sorted without a reload, keeps the focus, and goes on live", async () => {
    await pages.start({ Laptop: "1000", Mouse: "500", Webcam: "700" });
    const { page, complaints } = await pages.open();
    await shows(page, ["Laptop", "Webcam", "Mouse"]);
    await mark(page);
    await page.focus("thead >> text=Product");
    await page.keyboard.press("Enter");
    await shows(page, ["Laptop", "Mouse", "Webcam"]);
    expect(page.url()).toEndWith("?sort=product");
    expect(await page.locator("thead th.product").getAttribute("aria-sort")).toBe("ascending");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Product");
    pages.fed.feed("Apple", "1");
    await shows(page, ["Apple", "Laptop", "Mouse", "Webcam"]);
    await page.keyboard.press("Enter");
    await shows(page, ["Webcam", "Mouse", "Laptop", "Apple"]);
    expect(await isMarked(page)).toBe(true);
    await page.goBack();
    await shows(page, ["Apple", "Laptop", "Mouse", "Webcam"]);
    expect(complaints).toEqual([]);
  });

  test("is searched while somebody types, and keeps what it found live", async () => {
    await pages.start({ "Laptop 14": "1000", Mouse: "500", "Laptop bag": "20" });
    const { page, complaints } = await pages.open();
    await mark(page);
    await page.keyboard.press("/");
    await page.keyboard.type("lap");
    await shows(page, ["Laptop 14", "Laptop bag"]);
    await page.keyboard.type("top b");
    await shows(page, ["Laptop bag"]);
    expect(page.url()).toEndWith("?q=laptop+b");
    expect(await page.inputValue("input[name=q]")).toBe("laptop b");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("q");
    pages.fed.feed("Laptop bag", "30");
    await says(page, "#rows .money", /^\$30\.00$/);
    pages.fed.feed("Laptop box", "40");
    await shows(page, ["Laptop box", "Laptop bag"]);
    expect(await isMarked(page)).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("has pages, and works without scripts", async () => {
    const totals = Array.from({ length: 120 }, (_, i) => [`p${i}`, String(1000 - i)] as const);
    await pages.start(Object.fromEntries(totals));
    const context = await pages.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${pages.url}?sort=price`);
    expect((await names(page))[0]).toBe("p119");
    await page.click("#more a[rel=next]");
    expect(await names(page)).toHaveLength(20);
    expect(page.url()).toContain("sort=price&page=2");
    await page.fill("input[name=q]", "p11");
    await page.click(".search button");
    expect(await names(page)).toHaveLength(11);
    expect(page.url()).toContain("sort=price&q=p11");
  });

  test("is downloaded as it is shown", async () => {
    await pages.start({ Laptop: "1000000000000000000000.01", "=1+1": "5", Mouse: "3" });
    const { page } = await pages.open("?sort=price");
    await page.focus(".export summary");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const pressed = page.keyboard.press("Enter");
    const [file] = await Promise.all([page.waitForEvent("download"), pressed]);
    expect(file.suggestedFilename()).toBe("totals.csv");
    expect((await Bun.file(await file.path()).text()).split("\r\n")).toEqual([
      "product,totalQuantity,totalPrice,sales,returns",
      "Mouse,1,3.00,1,0",
      "'=1+1,1,5.00,1,0",
      "Laptop,1,1000000000000000000000.01,1,0",
      "",
    ]);
    const ndjson = await (await fetch(`${pages.url}download/totals.ndjson?q=lap`)).text();
    expect(ndjson).toBe(
      '{"product":"Laptop","totalQuantity":1,"totalPrice":"1000000000000000000000.01","sales":1,"returns":0}\n',
    );
    expect((await fetch(`${pages.url}download/totals.json?mask`)).status).toBe(403);
  });
});

// In a window of 1280 pixels, an average sale of $826,422,823.59 stood over the edge of its tile,
// which cut the last digit off. In windows of phones, so did one of $123,456.78.
test("figures of every length stand whole in their tiles", async () => {
  await pages.start({ Laptop: "1" });
  const { page } = await pages.open();
  for (const price of ["123,456.78", "8,264,228.59", "826,422,823.59", "826,422,823,123.59"]) {
    pages.fed.feed("Laptop", price.replaceAll(",", ""));
    await waitFor(async () => (await page.textContent(".tile.revenue output"))?.includes(price), {
      what: `$${price}`,
    });
    for (const width of [1280, 1201, 1000, 740, 375, 320]) {
      await page.setViewportSize({ width, height: 640 });
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll(".tile")].flatMap((tile) => {
          const figure = document.createRange();
          figure.selectNodeContents(tile.querySelector("output") ?? tile);
          const right = (of: Element | Range) => of.getBoundingClientRect().right;
          return right(figure) > right(tile) ? [figure.toString()] : [];
        }),
      );
      expect({ width, cut }).toEqual({ width, cut: [] });
    }
  }
});
