/** Alerts on the page: a line while one fires, none before and none after. */

import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { PastWriter } from "../dashboard/past-writer.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { drawn } from "./chart.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const hostile = "<img src=x onerror=alert(1)>";

test("an alert that fires is a line on the page, in its own colour, until it ends", async () => {
  const rule = `revenue{"${hostile}"} <= 5`;
  await pages.start({ [hostile]: "1" }, "--alert", rule, "--alert", "sales >= 3");
  const { fed } = pages;
  const { page, complaints } = await pages.open();
  // The time in the reader's own zone and clock, as that of every notice.
  const since = "^Alert since \\d+:\\d\\d:\\d\\d [AP]M: ";
  const escaped = rule.replace(/[()[\]{}.]/g, "\\$&");
  await says(page, "#notices .alert", new RegExp(`${since}${escaped}$`));
  expect(await page.locator("#notices img").count()).toBe(0);

  fed.source.status = { ...fed.source.status, notices: ["The topic x is odd."] };
  fed.dashboard.changed();
  await waitFor(async () => (await page.locator("#notices p").count()) === 2, { what: "a notice" });
  const colours = await page
    .locator("#notices p")
    .evaluateAll((all) => all.map((one) => getComputedStyle(one).borderTopColor));
  expect(new Set(colours).size).toBe(2);

  fed.feed(hostile, "6");
  await says(page, "#notices", /^The topic x is odd\.$/);
  fed.feed("Laptop", "1", 2n);
  await says(page, "#notices .alert", /: sales >= 3$/);
  expect(complaints).toEqual([]);
}, 600_000);

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious on pages with an alert: ${colorScheme}`, async () => {
    await pages.start({ Laptop: "1" }, "--alert", "sales >= 1");
    for (const path of ["", "graph", "?kiosk&view=graph"]) {
      const { page, complaints } = await pages.open(path, { colorScheme });
      await says(page, "#notices .alert", /^Alert since .*: sales >= 1$/);
      await expectFit(page);
      expect(complaints).toEqual([]);
    }
  });
}

/** Keeps what the last frame of the canvas has: texts, and how high lines across the chart are. */
function recordFrames(): void {
  const frame = { texts: [] as string[], lines: [] as number[] };
  Object.assign(globalThis, { frame });
  const canvas = CanvasRenderingContext2D.prototype;
  const { fillRect, fillText, moveTo, lineTo, stroke } = canvas;
  let from = { x: 0, y: 0 };
  let to = from;
  canvas.fillRect = function (...at) {
    // The background of the next frame.
    if (at[0] === 0 && at[1] === 0) Object.assign(frame, { texts: [], lines: [] });
    fillRect.apply(this, at);
  };
  canvas.fillText = function (...given) {
    frame.texts.push(given[0]);
    fillText.apply(this, given);
  };
  canvas.moveTo = function (x, y) {
    from = { x, y };
    moveTo.call(this, x, y);
  };
  canvas.lineTo = function (x, y) {
    to = { x, y };
    lineTo.call(this, x, y);
  };
  canvas.stroke = function (...path: [] | [Path2D]) {
    const isAcross = from.y === to.y && to.x - from.x > this.canvas.clientWidth / 2;
    if (isAcross && this.getLineDash().length > 0) frame.lines.push(to.y);
    Reflect.apply(stroke, this, path);
  };
}

/** The rules with a text in the chart, and the figures at which there are lines across it. */
function levelsIn(page: Page): Promise<{ texts: string[]; figures: number[] }> {
  return page.evaluate(() => {
    const { Chart, frame } = globalThis as unknown as {
      Chart: { getChart(id: string): never };
      frame: { texts: string[]; lines: number[] };
    };
    const { scales } = Chart.getChart("time") as {
      scales: { y: { getValueForPixel(y: number): number; getPixelForValue(of: number): number } };
    };
    const bottom = scales.y.getPixelForValue(0);
    // The period before is a dashed line too; nothing was sold then.
    const levels = frame.lines.filter((y) => Math.abs(y - bottom) > 2);
    const figures = levels.map((y) => Math.round(scales.y.getValueForPixel(y)));
    return { texts: frame.texts.filter((text) => text.includes("revenue")), figures };
  });
}

test("a rule is a line in the chart of its figure, at the pace of a bar, and no line elsewhere", async () => {
  const rules = ["revenue[1m] < 600", "revenue[30s] > 9000000", "revenue{Laptop}[1m] < 300"];
  const all = [...rules, "revenue[today] < 4000"];
  await pages.start({ Laptop: "1000" }, ...all.flatMap((rule) => ["--alert", rule]));
  const { fed } = pages;
  const writer = new PastWriter(fed.past, 0, ["Laptop"]);
  const now = Math.floor(Date.now() / 1_000);
  writer.sell(0, now - 20 * 86_400);
  // 150 in each bar of ten seconds.
  for (let ago = 890; ago >= 0; ago--) writer.sell(0, now - ago, 15);
  writer.commit();
  fed.dashboard.changed();
  const listed = async () => (await fetch(`${pages.url}graph`)).text();
  await waitFor(async () => (await listed()).includes("data-alerts"), { what: "the rules" });
  const context = await pages.newContext();
  for (const [path, texts, figures] of [
    ["graph?window=15m", ["revenue[1m] < 600"], [100]],
    ["graph?window=30d", ["revenue[today] < 4000"], [4_000]],
    ["product?window=15m&product=Laptop", ["revenue{Laptop}[1m] < 300"], [50]],
    ["graph?measure=units", [], []],
    ["graph?product=Laptop", [], []],
  ] as const) {
    const page = await context.newPage();
    await page.addInitScript(recordFrames);
    await page.goto(`${pages.url}${path}`);
    await says(page, "#state", /^Live/);
    let last: unknown;
    const fits = async () => {
      const { lines } = await drawn(page);
      if (!lines[0]?.data.some(({ y }) => y > 0)) return false;
      last = await levelsIn(page);
      return Bun.deepEquals(last, { texts, figures });
    };
    await waitFor(fits, { what: `the levels of ${path}` }).catch((error) => {
      throw new Error(`Last seen: ${JSON.stringify(last)}\n${error.message}`);
    });
  }
}, 600_000);
