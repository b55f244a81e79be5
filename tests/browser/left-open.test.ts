/** A page that is left open for days: servers come and go, and it does not grow. */

import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { requirement } from "../support/require.ts";
import { says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
/** What the page shows in another currency is another page. */
const otherVersion = ["--currency", "EUR"];

/** Another server takes the place of the one that the page knows. */
async function replaceServer(page: Page, ...args: string[]): Promise<void> {
  await pages.stop();
  await says(page, "#state", /Reconnecting/);
  await pages.start({ Laptop: "1" }, ...args);
}

const showsCurrency = (page: Page, name: string) => says(page, ".revenue h2", new RegExp(name));
const loads = (page: Page) => page.evaluate(() => performance.timeOrigin);

/** It was opened a minute ago, or so it thinks. */
const grow = (page: Page) =>
  page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + 60_000;
  });

test("a newer server's page replaces the old one, once", async () => {
  await pages.start({ Laptop: "1" });
  const { page } = await pages.open();
  await grow(page);
  const first = await loads(page);
  await replaceServer(page);
  await says(page, "#state", /^Live$/);
  expect(await loads(page)).toBe(first);
  const loaded = page.waitForEvent("load");
  await replaceServer(page, ...otherVersion);
  await loaded;
  await says(page, "#state", /^Live$/);
  const second = await loads(page);
  expect(await page.textContent(".revenue h2")).toContain("EUR");
  // Two versions that take turns, as behind a balancer, would make it load for ever.
  await replaceServer(page);
  await showsCurrency(page, "USD");
  await says(page, "#state", /^Live$/);
  expect(await loads(page)).toBe(second);
}, 600_000);

test("it does not do so while it is paused or in use", async () => {
  await pages.start({ Laptop: "1" });
  const { page } = await pages.open();
  await grow(page);
  const first = await loads(page);
  await page.keyboard.press("?");
  await replaceServer(page, ...otherVersion);
  await showsCurrency(page, "EUR");
  await says(page, "#state", /^Live$/);
  expect(await page.locator("#help").isVisible()).toBe(true);
  expect(await loads(page)).toBe(first);
  const loaded = page.waitForEvent("load");
  await page.keyboard.press("Escape");
  await loaded;
  await says(page, "#state", /^Live$/);
}, 600_000);

test("it holds no more nodes, listeners and memory after many updates and servers", async () => {
  const products = Array.from({ length: 30 }, (_, i) => [`Product ${i}`, String(i + 1)] as const);
  await pages.start(Object.fromEntries(products));
  const { page, complaints } = await pages.open();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const measure = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return { nodes: of("Nodes"), listeners: of("JSEventListeners"), heap: of("JSHeapUsedSize") };
  };
  const live = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      await pages.stop();
      await pages.start(Object.fromEntries(products));
      await says(page, "#state", /^Live$/);
      for (let i = 0; i < 20; i++) {
        // Rows change, and change places.
        pages.fed.feed(`Product ${i}`, String(1000 * round + 50 * i));
        await says(page, ".revenue output", new RegExp(String(revenue(round, i))));
      }
    }
  };
  const revenue = (round: number, last: number) => {
    const prices = products.map(([, price], i) =>
      i <= last ? 1000 * round + 50 * i : Number(price),
    );
    return prices.reduce((sum, price) => sum + price, 0).toLocaleString("en");
  };
  await live(2);
  const before = await measure();
  await live(4);
  const after = await measure();
  expect(after.nodes).toBeLessThan(before.nodes * 1.2);
  expect(after.listeners).toBeLessThanOrEqual(before.listeners + 5);
  expect(after.heap).toBeLessThan(before.heap * 1.5);
  // While no server is there, the page says so, and so do the browser and htmx.
  const isOfAbsence = /ERR_(CONNECTION|INCOMPLETE)|Failed to fetch/;
  expect(complaints.filter((text) => !isOfAbsence.test(text))).toEqual([]);
}, 600_000);
