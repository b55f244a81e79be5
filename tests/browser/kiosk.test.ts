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
}, 600_000);

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
}, 600_000);

test("shows all rows in turn, as many as fit, also while a notice shows", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `Product ${i + 1}`);
  await pages.start(Object.fromEntries(names.map((name, i) => [name, `${100 - i}`])));
  const context = await pages.newContext({ viewport: { width: 1920, height: 1080 } });
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(`${pages.url}?kiosk&theme=dark`);
  /** Names in view; none is cut off, or behind the state. */
  const shown = () =>
    page.evaluate(() => {
      const bottom = document.querySelector("#table")?.getBoundingClientRect().bottom ?? 0;
      const state = document.querySelector("#state")?.getBoundingClientRect().top ?? 0;
      const rows = [...document.querySelectorAll("#rows tr")].filter((row) =>
        row.checkVisibility(),
      );
      const end = rows.at(-1)?.getBoundingClientRect().bottom ?? 0;
      if (end > bottom + 1 || end > state + 1 || bottom > innerHeight) return ["cut off"];
      return rows.map((row) => row.querySelector("th")?.textContent ?? "");
    });
  /** The page fits its rows a moment after something has changed. */
  const whole = async () => {
    let rows: string[] = [];
    const isWhole = async () => {
      rows = await shown();
      return rows[0] !== "cut off";
    };
    await waitFor(isWhole, { what: "rows that fit" });
    return rows;
  };
  const { fed } = pages;
  const calm = await whole();
  expect(calm.length).toBeGreaterThan(5);
  expect(calm.length).toBeLessThan(40);
  expect(calm[0]).toBe("Product 1");
  fed.source.status = { ...fed.source.status, notices: ["The topic x is odd."] };
  fed.dashboard.changed();
  await says(page, "#notices", /odd/);
  await waitFor(async () => (await whole()).length < calm.length, { what: "room for a notice" });
  const seen = new Set<string>();
  for (let turn = 0; turn < 10; turn++) {
    const rows = await whole();
    for (const name of rows) seen.add(name);
    // Nobody can tell from afar how many there are, and where these stand.
    const [first, last] = [rows[0], rows.at(-1)].map((name) => name?.replace("Product ", ""));
    const place = await page
      .locator("#products")
      .evaluate((caption) => getComputedStyle(caption, "::after").content);
    expect(place).toBe(`"${first} to ${last} of 40 products"`);
    await page.clock.runFor(10_000);
  }
  expect([...seen].sort()).toEqual(names.sort());
}, 600_000);

test("a phone has the figures of today on its first screen, and a tablet cuts no name", async () => {
  const name = "Espresso Machine Deluxe Edition 2026";
  await pages.start({ [name]: "12.50", Mouse: "3" });
  const phone = await pages.open("", { viewport: { width: 390, height: 844 } });
  const bottoms = await phone.page
    .locator(".tile")
    .evaluateAll((tiles) => tiles.map((tile) => tile.getBoundingClientRect().bottom));
  expect(Math.max(...bottoms)).toBeLessThan(700);
  for (const width of [740, 900, 1_100]) {
    const { page } = await pages.open("", { viewport: { width, height: 900 } });
    const cut = await page
      .locator("#rows th")
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length);
    expect(cut).toBe(0);
    await expectFit(page);
  }
}, 600_000);
