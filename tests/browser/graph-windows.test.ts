/** The windows of the graph, the time before each, and what can be taken along of it. */

import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { HISTORY_PRODUCTS_MAX } from "../../src/history/slot.ts";
import { PastWriter } from "../dashboard/past-writer.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { drawn, lineOf } from "./chart.ts";
import { says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const nowSecond = () => Math.floor(Date.now() / 1000);
/** Seconds of each window, and of one of its slots. */
const windows = {
  "15m": [900, 1, "The 15 minutes before"],
  "24h": [86_400, 60, "Same time yesterday"],
  "30d": [2_592_000, 3_600, "The 30 days before"],
} as const;

/** Parts of a window ago, before now and before the window: what is sold then, and for how much. */
const SOLD = { ago: 0.3, price: 5 };
const SOLD_BEFORE = { ago: 1.6, price: 7 };
/** History begins with it. A bar in which it begins is not compared. */
const SOLD_FIRST = { ago: 1.9, price: 1 };

/** A dashboard with sales in each window and in the time before each. */
async function start(): Promise<void> {
  await pages.start({ Laptop: "1000" });
  const writer = new PastWriter(pages.fed.past, 0, ["Laptop"]);
  const sales = Object.values(windows).flatMap(([seconds]) =>
    [SOLD, SOLD_BEFORE, SOLD_FIRST].map(
      ({ ago, price }) => [Math.floor(ago * seconds), price] as const,
    ),
  );
  for (const [ago, price] of sales.toSorted(([a], [b]) => b - a)) {
    writer.sell(0, nowSecond() - ago, price);
  }
  writer.sell(0, nowSecond()).commit();
  pages.fed.dashboard.changed();
}

/** Waits until a line has something at so many seconds ago, give or take. */
function draws(page: Page, label: string, ago: number, tolerance: number): Promise<unknown> {
  const isThere = async () => {
    const at = nowSecond() - ago;
    const { data = [] } = (await lineOf(page, label)) ?? {};
    return data.some(({ x, y }) => y > 0 && Math.abs(x / 1000 - at) <= tolerance);
  };
  return waitFor(isThere, { what: `a line ${label} ${ago} s ago` });
}

for (const [name, [seconds, step, before]] of Object.entries(windows)) {
  test(`${name} has what was sold in it, and before it as a ghost`, async () => {
    await start();
    const { page, complaints } = await pages.open("graph");
    await page.click(`nav[aria-label=Window] >> text=${name}`);
    // A page of today opens with a chart of a day.
    await page.waitForURL(name === "24h" ? /graph$/ : new RegExp(`window=${name}$`));
    const tolerance = seconds / 30 + 2 * step;
    await draws(page, "Laptop", SOLD.ago * seconds, tolerance);
    await draws(page, before, (SOLD_BEFORE.ago - 1) * seconds, tolerance);
    // Each at its own time, or the test would pass by whatever is drawn.
    const { data = [] } = (await lineOf(page, before)) ?? {};
    const elsewhere = data.filter(({ x, y }) => {
      const ago = nowSecond() - x / 1000;
      return y > 0 && Math.abs(ago - SOLD.ago * seconds) <= tolerance;
    });
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });
}

// Two months of history were there, and only one of them could be seen.
test("60d has all that history keeps, day by day, and no time before", async () => {
  await start();
  const { page, complaints } = await pages.open("graph?window=60d");
  const [seconds] = windows["30d"];
  await draws(page, "Laptop", SOLD_BEFORE.ago * seconds, 86_400);
  await says(page, "#bar-length", /^each bar: 1 day$/);
  const { lines } = await drawn(page);
  expect(lines.map(({ label }) => label)).toEqual(["Laptop", "All other products"]);
  expect(complaints).toEqual([]);
});

test("more products than history keeps apart are drawn together, and the page says so", async () => {
  const names = Array.from({ length: HISTORY_PRODUCTS_MAX + 1 }, (_, i) => `Product ${i}`);
  await pages.start(Object.fromEntries(names.map((name, i) => [name, String(i + 1)])));
  const writer = new PastWriter(pages.fed.past, 0, names);
  for (const id of names.keys()) writer.sell(id, nowSecond() - 60, id + 1);
  writer.commit();
  pages.fed.dashboard.changed();
  const { page } = await pages.open("graph?window=15m");
  await says(page, "#past", /History tracks the 64 best-selling products of each\s+partition/);
  await draws(page, "All other products", 60, 32);
  expect(HISTORY_PRODUCTS_MAX).toBe(64);
});

test("the picture has lines in the colours of the page, and the file every figure", async () => {
  await start();
  const { page } = await pages.open("graph?theme=dark&window=24h&shape=lines");
  await draws(page, "Laptop", 0.3 * 86_400, 86_400 / 30);
  await page.click("text=Export");
  const [picture] = await Promise.all([page.waitForEvent("download"), page.click("text=PNG")]);
  expect(picture.suggestedFilename()).toBe("salesboard-24h.png");
  const base64 = (await Bun.file(await picture.path()).bytes()).toBase64();
  const mark = page.locator("#time-legend i").first();
  const color = await mark.evaluate((element) => getComputedStyle(element).color);
  const found = await page.evaluate(colorsOf, base64);
  expect(found.width).toBeGreaterThan(300);
  expect(found.height).toBeGreaterThan(100);
  expect(found.colors).toContain(color);

  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=CSV")]);
  expect(file.suggestedFilename()).toBe("history-24h.csv");
  const [head, ...rows] = (await Bun.file(await file.path()).text()).trimEnd().split("\r\n");
  expect(head).toBe("from,product,totalQuantity,totalPrice,sales,returns");
  const minute = new Date((nowSecond() - Math.floor(0.3 * 86_400)) * 1000).toISOString();
  const row = rows.find((text) => text.startsWith(minute.slice(0, 15)));
  expect(row).toMatch(/:00\.000Z,Laptop,1,5\.00,1,0$/);
});

/** Size and colours of a picture; runs in the page. */
async function colorsOf(base64: string) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context?.drawImage(image, 0, 0);
  const pixels = context?.getImageData(0, 0, width, height).data ?? [];
  const colors = new Set<string>();
  for (let i = 0; i < pixels.length; i += 4) {
    colors.add(`rgb(${pixels[i]}, ${pixels[i + 1]}, ${pixels[i + 2]})`);
  }
  return { width, height, colors: [...colors] };
}

// Under a day on a phone stood nothing but the date of its midnight.
test("a phone names hours of the day too", async () => {
  await start();
  const { page } = await pages.open("graph?window=24h");
  await page.setViewportSize({ width: 390, height: 844 });
  const ticksOf = () =>
    page.evaluate(() => {
      const { Chart } = globalThis as unknown as { Chart: { getChart(id: string): never } };
      const { width, scales } = Chart.getChart("time") as {
        width: number;
        scales: { x: { ticks: { value: number }[] } };
      };
      return width < 390 ? scales.x.ticks.length : 0;
    });
  await waitFor(async () => (await ticksOf()) >= 3, { what: "ticks" });
});

// A frame that a site shows later has no width at first: its bars were hair-thin, of three hours.
test("bars take the room that there is, without the window or the server, and a line is dotted that is not over", async () => {
  await start();
  const { page } = await pages.open("graph?window=15m&shape=lines");
  await says(page, "#bar-length", /^each point: 10 seconds$/);
  const dashes = await page.evaluate(() => {
    const { Chart } = globalThis as unknown as { Chart: { getChart(id: string): never } };
    const { data } = Chart.getChart("time") as {
      data: {
        datasets: {
          label: string;
          data: unknown[];
          segment: { borderDash(of: object): number[] | undefined };
        }[];
      };
    };
    const all = data.datasets.find(({ label }) => label === "Total");
    const last = (all?.data.length ?? 0) - 1;
    return [last - 1, last].map((to) => {
      return all?.segment.borderDash({ p0DataIndex: to - 1, p1DataIndex: to })?.length ?? 0;
    });
  });
  expect(dashes).toEqual([0, 2]);
  await pages.stop();
  await says(page, "#state", /^Reconnecting/);
  await page.locator(".canvas").evaluate((room) => {
    (room as HTMLElement).style.width = "200px";
  });
  await says(page, "#bar-length", /^each point: 30 seconds$/);
});
