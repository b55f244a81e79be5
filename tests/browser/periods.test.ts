/** The switch of the period, as its readers use it. */

import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { dayText } from "../../src/domain/day.ts";
import { DayWriter } from "../dashboard/day-writer.ts";
import { requirement } from "../support/require.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();

/** Tea was sold long ago and on both days around a midnight that may come during a test. */
async function openShop(): Promise<DayWriter> {
  await pages.start({});
  const today = Math.floor(Date.now() / 86_400_000);
  const writer = new DayWriter(pages.fed.view).sell("Tea", dayText(today - 40), "100");
  writer.sell("Tea", dayText(today), "2").sell("Cup", dayText(today), "3").commit();
  pages.fed.dashboard.changed();
  return writer;
}

const revenue = (page: Page, pattern: RegExp) => says(page, ".tile.revenue", pattern);

test("is reached by Tab and chosen by Enter, on a phone too, and stays on the next page", async () => {
  await openShop();
  const { page, complaints } = await pages.open("", { viewport: { width: 360, height: 740 } });
  await says(page, "#period [aria-current]", /^Today$/);
  await expectFit(page);
  await page.focus("#period a >> nth=0");
  for (let i = 0; i < 4; i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/period=all/);
  await revenue(page, /since .*\$105\.00/);
  await says(page, "#period [aria-current]", /^All time/);
  await page.click("nav >> text=Graph");
  await page.waitForURL(/graph\?period=all/);
  await page.click("#period >> text=7 days");
  await page.waitForURL(/graph\?period=7d/);
  await revenue(page, /in 7 days.*\$5\.00/);
  await expectFit(page);
  expect(complaints).toEqual([]);
});

test("a page of a period shows its new sales, and no others", async () => {
  const writer = await openShop();
  const { page } = await pages.open("?period=7d", { timezoneId: "Asia/Tokyo" });
  await revenue(page, /\$5\.00/);
  // The best hour was by other clocks than the time below the numbers, and nothing said so.
  const zone = page.locator("#day-zone");
  await zone.waitFor();
  expect(await zone.textContent()).toBe("UTC");
  await page.selectOption("#zone select", "UTC");
  await zone.waitFor({ state: "hidden" });
  const today = Math.floor(Date.now() / 86_400_000);
  writer.sell("Hat", dayText(today - 40), "50").commit();
  writer.sell("Hat", dayText(today), "7").commit();
  pages.fed.dashboard.changed();
  await revenue(page, /\$12\.00/);
  await says(page, "#rows tr:first-child", /Hat\s*1\s*\$7\.00/);
  // Beside a long figure, the drawing of the days had 60 pixels.
  for (const [price, shown] of [
    ["987654.31", /\$987,666\.31/],
    ["1000000", /\$1,987,666\.31/],
  ] as const) {
    writer.sell("Hat", dayText(today), price).commit();
    pages.fed.dashboard.changed();
    await revenue(page, shown);
    for (const width of [800, 1366, 1920]) {
      await page.setViewportSize({ width, height: 1080 });
      expect((await page.locator(".slots").boundingBox())?.width).toBeGreaterThan(250);
      // Below the notes of the other tiles, more than half of each was empty.
      const empty = await page.$$eval(".tile:not(.revenue)", (tiles) =>
        tiles.map((tile) => {
          const { bottom, height } = tile.getBoundingClientRect();
          return (bottom - (tile.lastElementChild?.getBoundingClientRect().bottom ?? 0)) / height;
        }),
      );
      expect(Math.max(...empty)).toBeLessThan(0.4);
      await expectFit(page);
    }
  }
  // The last columns were cut off where there are returns, and words are long.
  writer
    .sell("Hat", dayText(today), "1", true)
    .sell("Hat", dayText(today - 8))
    .commit();
  pages.fed.dashboard.changed();
  await page.goto(`${pages.url}?period=7d&lang=es`);
  await says(page, "#heads", /Devoluciones/);
  for (const width of [870, 1366]) {
    await page.setViewportSize({ width, height: 800 });
    await expectFit(page);
  }
});

test("works without scripts", async () => {
  await openShop();
  const context = await pages.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pages.url);
  await page.click("#period >> text=All time");
  expect(await page.textContent(".tile.revenue")).toContain("$105.00");
  expect(await page.getAttribute("#downloads a >> nth=0", "href")).toBe("/download/totals.csv");
});

test("begins today while a page that waited for the totals is open", async () => {
  await pages.start({});
  const { page } = await pages.open();
  expect(await page.locator("#period a").count()).toBe(0);
  const today = Math.floor(Date.now() / 86_400_000);
  new DayWriter(pages.fed.view).sell("Tea", dayText(today - 1), "5").commit();
  pages.fed.dashboard.changed();
  await says(page, "#period [aria-current]", /^Today$/);
  await says(page, "#rows", /No sales yet today/);
  await page.click("#rows >> text=Yesterday");
  await page.waitForURL(/period=yesterday/);
  await says(page, "#state", /^Live/);
});
