/** A page on a wall. */

import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const laptop = { "Laptop Pro 14": "97673314.98", Mouse: "1120450.29" };

const dataset = (page: Page, name: string) => page.getAttribute("html", `data-${name}`);
const path = "?kiosk&view=graph&theme=dark";

test("fills the screen with the graph, says how fresh it is, and has nothing to press", async () => {
  await pages.start(laptop);
  for (const [width, height] of [
    [390, 844],
    [1366, 768],
    [2560, 1440],
  ] as const) {
    const { page, complaints } = await pages.open(path, { viewport: { width, height } });
    expect(await page.locator(".chart.time").isVisible()).toBe(true);
    expect(await dataset(page, "theme")).toBe("dark");
    const isOnTop = await page.locator("#state").evaluate((state) => {
      const { x, y, width, height } = state.getBoundingClientRect();
      return state.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    });
    expect(isOnTop).toBe(true);
    for (const shown of ["#state", "#asof", "#zone"]) {
      expect(await page.locator(shown).isVisible()).toBe(true);
    }
    expect(
      await page.locator("nav, button, summary, #source").filter({ visible: true }).count(),
    ).toBe(0);
    await expectFit(page);
    expect(complaints).toEqual([]);
  }
}, 180_000);

test("keeps the screen on, and hides the pointer while it rests", async () => {
  await pages.start(laptop);
  const context = await pages.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    const request = () => {
      document.documentElement.dataset.locks = `${document.documentElement.dataset.locks ?? ""}x`;
      return Promise.resolve();
    };
    Object.defineProperty(navigator, "wakeLock", { value: { request } });
  });
  await page.goto(pages.url + path);
  expect(await dataset(page, "locks")).toBe("x");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  expect(await dataset(page, "locks")).toBe("xx");
  const cursor = () => page.evaluate(() => getComputedStyle(document.body).cursor);
  await waitFor(async () => (await cursor()) === "none", { what: "the pointer to be hidden" });
  await page.mouse.move(100, 100);
  await page.mouse.move(200, 200);
  await waitFor(async () => (await cursor()) !== "none", { what: "the pointer to be shown" });
});

test("outlives its server, untouched", async () => {
  await pages.start(laptop);
  const { page } = await pages.open(path);
  await page.evaluate(() => {
    document.documentElement.dataset.same = "yes";
  });
  for (const price of ["1", "2"]) {
    await pages.stop();
    await says(page, "#state", /^Reconnecting/);
    await pages.start({ ...laptop, Cable: price });
    await says(page, "#state", /^Live$/);
    await says(page, ".revenue output", new RegExp(`6${price === "1" ? 6 : 7}\\.27$`));
  }
  expect(await dataset(page, "same")).toBe("yes");
}, 180_000);
