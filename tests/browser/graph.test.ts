/** The graph in a real browser, of a past that is written by hand. */

import { describe, expect } from "bun:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { PastWriter } from "../dashboard/past-writer.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { drawn, lineOf } from "./chart.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const hostile = "<img src=x onerror=alert(1)>";
const names = ["Laptop", "Mouse", hostile];

const nowSecond = () => Math.floor(Date.now() / 1000);

/** A dashboard whose past has sales in each of the last ten minutes. */
async function start(): Promise<PastWriter> {
  await pages.start({ Laptop: "1000", [hostile]: "500" });
  const writer = new PastWriter(pages.fed.past, 0, names);
  for (let back = 600; back > 0; back -= 2) {
    writer.sell(0, nowSecond() - back, 3).sell(2, nowSecond() - back, 1);
  }
  writer.commit();
  pages.fed.dashboard.changed();
  return writer;
}

async function open(query = "", options: BrowserContextOptions = {}) {
  const opened = await pages.open(`graph?window=15m${query.replace("?", "&")}`, options);
  const { page } = opened;
  await waitFor(async () => ((await lineOf(page, "Laptop"))?.data.length ?? 0) > 10, {
    what: "the past",
  });
  return opened;
}

describe("graph", () => {
  test("has the past when it opens, moves on, and takes what is told late", async () => {
    const writer = await start();
    const { page, complaints } = await open();
    expect((await drawn(page)).lines.map(({ label }) => label)).toEqual([
      "Laptop",
      hostile,
      "All other products",
      "The 15 minutes before",
    ]);
    expect(await page.locator(".chart img").count()).toBe(0);
    const second = nowSecond() - 30;
    const most = async () => {
      const { data = [] } = (await lineOf(page, "Laptop")) ?? {};
      return Math.max(
        ...data.filter(({ x }) => Math.abs(x / 1000 - second) < 10).map(({ y }) => y),
      );
    };
    expect(await most()).toBeLessThan(100);
    writer.sell(0, second, 100_000).commit();
    pages.fed.dashboard.changed();
    await waitFor(async () => (await most()) > 1000, { what: "the late sale" });
    const { max } = await drawn(page);
    await waitFor(async () => (await drawn(page)).max > max, { what: "time to pass" });
    expect(complaints).toEqual([]);
  });

  test("is zoomed and moved by keys, wheel and mouse, and goes back to live", async () => {
    await start();
    const { page } = await open();
    const size = async () => {
      const { min, max } = await drawn(page);
      return (max - min) / 1000;
    };
    const whole = await size();
    const live = page.locator("#live");
    expect(await live.isVisible()).toBe(false);
    expect(await page.textContent("#span")).toBe("the last 15 minutes");
    await page.focus("#time");
    await page.keyboard.press("+");
    await waitFor(async () => (await size()) < whole, { what: "a closer look" });
    expect(await live.isVisible()).toBe(true);
    // It still said "the last 15 minutes".
    await says(page, "#span", /^\d+:\d\d:\d\d.*–.*\d+:\d\d:\d\d.*[AP]M$/);
    const { min } = await drawn(page);
    await page.keyboard.press("ArrowLeft");
    await waitFor(async () => (await drawn(page)).min < min, { what: "an earlier time" });
    const box = await page.locator("#time").boundingBox();
    if (!box) throw new Error("The chart is not there.");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const zoomed = await size();
    // Without the key the wheel scrolls the page.
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -100);
    await page.keyboard.up("Control");
    await waitFor(async () => (await size()) < zoomed, { what: "the wheel" });
    const before = await drawn(page);
    const from = box.x + box.width * 0.4;
    const y = box.y + box.height / 2;
    await page.mouse.move(from, y);
    await page.mouse.down();
    await page.mouse.move(from + box.width / 4, y, { steps: 4 });
    expect(await page.locator("#selection").isVisible()).toBe(true);
    await page.mouse.up();
    const isSelected = async () => {
      const { min, max } = await drawn(page);
      return min > before.min && max < before.max;
    };
    await waitFor(isSelected, { what: "the time that was selected" });
    expect(await page.locator("#selection").isVisible()).toBe(false);
    await live.click();
    await waitFor(async () => (await size()) >= whole, { what: "all of it" });
    expect(await live.isVisible()).toBe(false);
    expect(await page.textContent("#span")).toBe("the last 15 minutes");
  });

  test("is pinched and moved by fingers", async () => {
    await start();
    const { page } = await open("", { hasTouch: true });
    const box = await page.locator("#time").boundingBox();
    if (!box) throw new Error("The chart is not there.");
    const session = await page.context().newCDPSession(page);
    const y = box.y + box.height / 2;
    /** Where fingers are, in parts of the width; none: they are lifted. */
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...parts: number[]) => {
      const touchPoints = parts.map((part, id) => ({ id, x: box.x + part * box.width, y }));
      return session.send("Input.dispatchTouchEvent", { type, touchPoints });
    };
    const before = await drawn(page);
    await touch("touchStart", 0.45, 0.55);
    for (const apart of [0.2, 0.3, 0.4]) {
      await touch("touchMove", 0.5 - apart / 2, 0.5 + apart / 2);
    }
    await touch("touchEnd");
    const isCloser = async () => {
      const { min, max } = await drawn(page);
      return max - min < (before.max - before.min) / 3;
    };
    await waitFor(isCloser, { what: "a closer look" });
    const { min } = await drawn(page);
    await touch("touchStart", 0.5);
    for (const part of [0.6, 0.7, 0.8]) await touch("touchMove", part);
    await touch("touchEnd");
    await waitFor(async () => (await drawn(page)).min < min, { what: "an earlier time" });
  });

  test("shows what is left of a closer look that time has passed by", async () => {
    await start();
    const { page } = await open();
    const sizeOf = ({ min, max }: { min: number; max: number }) => max - min;
    const whole = sizeOf(await drawn(page));
    await page.focus("#time");
    await page.keyboard.press("+");
    // By a fifth; by a second or two it is smaller where a window was told that ends earlier.
    const isCloser = async () => sizeOf(await drawn(page)) < 0.9 * whole;
    await waitFor(isCloser, { what: "a closer look" });
    await page.keyboard.press("Home");
    const before = await drawn(page);
    const quarter = 15 * 60_000;
    const t = Date.now() + quarter - 30_000;
    await page.evaluate((t) => {
      const data = JSON.stringify({ t, asOf: t });
      document.dispatchEvent(new CustomEvent("hb", { detail: { data } }));
    }, t);
    await waitFor(async () => (await drawn(page)).min >= t - quarter, { what: "the same later" });
    const after = await drawn(page);
    expect(sizeOf(after)).toBeCloseTo(sizeOf(before), 0);
  });

  test("keeps window, figure, shape and products in the address", async () => {
    await start();
    const { page } = await open();
    await page.click(".choices >> text=Sales");
    await page.waitForURL(/measure=sales/);
    await page.click(".choices >> text=Lines");
    await page.waitForURL(/shape=lines/);
    await says(page, "#time-title", /^Sales\s/);
    await waitFor(async () => (await lineOf(page, "Total")) !== undefined, {
      what: "a line of all",
    });
    await page.click(".picks summary");
    await page.check(`.picks input[value="Laptop"]`);
    await page.click(".picks button");
    await page.waitForURL(/product=Laptop/);
    await waitFor(async () => (await drawn(page)).lines.length === 4, { what: "one product" });
    expect(page.url()).toContain("measure=sales");
    await page.click(".choices >> text=30d");
    await page.waitForURL(/window=30d/);
    await says(page, "#time-title", /^Sales\s/);
    await page.click("#time-legend a");
    await page.waitForURL((url) => !url.searchParams.has("product"));
  });

  test("says the same in a table, and saves it as a picture and as a file", async () => {
    await start();
    const { page } = await open();
    const rows = page.locator("#time-data tbody tr");
    const first = () => rows.first().locator("th time").getAttribute("datetime");
    const opened = await first();
    await waitFor(() => nowSecond() * 1000 > Date.parse(opened ?? "") + 1000, { what: "time" });
    // Numbers of the moment at which they are asked for, which then stand still.
    await page.click("#time-data summary");
    await waitFor(async () => (await first()) !== opened, { what: "the numbers of now" });
    expect(await rows.count()).toBe(30);
    expect(await page.textContent("#time-data table")).toContain("$4.00");
    await page.click(".export summary");
    for (const [selector, name] of [
      ["#png", "salesboard-15m.png"],
      [".choices a[download] >> nth=0", "history-15m.csv"],
      [".choices a[download] >> nth=1", "history-15m.json"],
    ] as const) {
      const [file] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
      expect(file.suggestedFilename()).toBe(name);
      const bytes = await Bun.file(await file.path()).bytes();
      expect(bytes.length).toBeGreaterThan(1000);
    }
  });

  test("takes its colours from the theme, also when that changes", async () => {
    await start();
    const { page } = await open("?theme=light");
    expect((await lineOf(page, "Laptop"))?.borderColor).toBe("rgb(36, 87, 230)");
    await page.evaluate(() => {
      document.documentElement.dataset.theme = "dark";
      dispatchEvent(new Event("themechange"));
    });
    const color = async () => (await lineOf(page, "Laptop"))?.borderColor;
    await waitFor(async () => (await color()) === "rgb(111, 155, 255)", { what: "dark colours" });
    // Axes and grid once kept the colours of the first theme.
    expect(await axisColor(page)).toBe("rgb(154, 167, 184)");
  });

  test("shows no amounts where they are masked", async () => {
    await start();
    const { page } = await open("?mask");
    await says(page, "#time-title", /^Units\s/);
    expect(await page.textContent("main")).not.toContain("$");
    expect((await fetch(`${pages.url}download/history.csv?mask`)).status).toBe(403);
  });

  test("says that there is no history", async () => {
    await pages.start({ Laptop: "1" }, "--demo-past", "0d");
    const { page } = await pages.open("graph");
    await says(
      page,
      "#past",
      /No history\. The topic processed_sales_topic.history is still empty/,
    );
    await expectFit(page);
  });

  // A colour was once made from the text of another, by replacing "rgb(": other forms gave none.
  test("draws bars in the colour of the legend, whatever form that has", async () => {
    await start();
    const { page } = await open("?theme=light");
    for (const colour of ["oklch(0.6 0.2 30)", "color(display-p3 0.2 0.6 0.3)", "#2457e6"]) {
      await page.evaluate((colour) => {
        document.documentElement.style.setProperty("--s1", colour);
        dispatchEvent(new Event("themechange"));
      }, colour);
      const seen = () => page.evaluate(pixelsOf, colour);
      const isFilled = async () => {
        const { drawn, expected } = await seen();
        return drawn.every((part, i) => Math.abs(part - (expected[i] ?? 0)) <= 2);
      };
      await waitFor(isFilled, { what: `bars of ${colour}` });
    }
  }, 600_000);
});

function axisColor(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { Chart } = globalThis as unknown as { Chart: { getChart(id: string): never } };
    const { x } = (
      Chart.getChart("time") as {
        scales: { x: { options: { ticks: { color: string } } } };
      }
    ).scales;
    return x.options.ticks.color;
  });
}

/** What is drawn in the lowest bar of the first product, and what it would be for this colour. */
function pixelsOf(colour: string): { drawn: number[]; expected: number[] } {
  const { Chart } = globalThis as unknown as { Chart: { getChart(id: string): never } };
  const chart = Chart.getChart("time") as {
    canvas: HTMLCanvasElement;
    chartArea: { bottom: number };
    currentDevicePixelRatio: number;
    getDatasetMeta(index: number): { data: { x: number }[] };
  };
  const { chartArea, currentDevicePixelRatio: ratio } = chart;
  const { data } = chart.getDatasetMeta(0);
  const x = data[Math.floor(data.length * 0.8)]?.x ?? 0;
  const at = [Math.round(x * ratio), Math.round((chartArea.bottom - 4) * ratio)] as const;
  const drawn = chart.canvas.getContext("2d")?.getImageData(...at, 1, 1).data ?? [];
  const context = document.createElement("canvas").getContext("2d");
  if (!context) throw new Error("There is no canvas.");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return { drawn: [...drawn], expected: [...context.getImageData(0, 0, 1, 1).data] };
}
