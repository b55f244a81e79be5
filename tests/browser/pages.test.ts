/** The pages in a real browser, fed by hand: what is committed is what the reader sees. */

import { afterAll, afterEach, beforeAll, describe, expect } from "bun:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { listen, type Server } from "../../src/dashboard/server.ts";
import { type Fed, fedDashboard } from "../dashboard/fixture.ts";
import { launchBrowser } from "../support/browser.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { expectFit } from "./fed-pages.ts";

const test = requirement("chromium");
const hostile = "<img src=x onerror=alert(1)>";

let browser: Browser;
let fed: Fed;
let server: Server;
const pages: Page[] = [];

beforeAll(async () => {
  if (test.name === "skip") return;
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.context().close()));
  fed?.dashboard.close();
  await server?.stop();
});

function serve(port = 0): void {
  server = listen(fed.dashboard.app, { host: "127.0.0.1", port, basePath: "/" });
}

async function start(totals: Record<string, string>): Promise<void> {
  fed = await fedDashboard();
  for (const [product, price] of Object.entries(totals)) fed.feed(product, price);
  serve();
}

/** A page and what it complained about. */
async function open(path = "", options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ locale: "en-US", ...options });
  const page = await context.newPage();
  pages.push(page);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(`${server.url}${path}`);
  await state(page, "Live");
  return { page, complaints };
}

async function state(page: Page, text: string): Promise<void> {
  await waitFor(async () => (await page.textContent("#state"))?.startsWith(text), {
    what: `the state ${text}`,
  });
}

const products = (page: Page) => page.locator("#rows th").allTextContents();
const prices = (page: Page) => page.locator("#rows .money").allTextContents();

async function shows(page: Page, expected: readonly string[]): Promise<void> {
  const matches = async () => Bun.deepEquals(await prices(page), expected);
  await waitFor(matches, { what: expected.join(), timeoutMs: 10_000 }).catch(() => {});
  expect(await prices(page)).toEqual([...expected]);
}

describe("table page", () => {
  test("updates a row in place and moves it when the order changes", async () => {
    await start({ Laptop: "30", Mouse: "20", Cable: "10" });
    const { page, complaints } = await open();
    const mouse = await page.locator("tr", { hasText: "Mouse" }).elementHandle();
    fed.feed("Mouse", "25.5");
    await shows(page, ["$30.00", "$25.50", "$10.00"]);
    fed.feed("Mouse", "45");
    await shows(page, ["$45.00", "$30.00", "$10.00"]);
    expect(await products(page)).toEqual(["Mouse", "Laptop", "Cable"]);
    expect(await page.locator("#rows .rank").allTextContents()).toEqual(["1", "2", "3"]);
    // The same element, so that focus, selection and what a reader looks at move along.
    const first = await page.locator("#rows tr").first().elementHandle();
    expect(await page.evaluate(([a, b]) => a === b, [mouse, first])).toBe(true);
    fed.feed("Phone", "35");
    await shows(page, ["$45.00", "$35.00", "$30.00", "$10.00"]);
    expect(await page.textContent(".revenue output")).toBe("$120.00");
    expect(complaints).toEqual([]);
  });

  // Cells that changed ten times a second had animations without end: the browser painted sixty
  // times a second, and was late with the numbers.
  test("lets a price flash that has rested, and not one that changes all the time", async () => {
    await start({ Laptop: "30" });
    const { page } = await open();
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
      fed.feed("Laptop", price);
      await shows(page, [`$${price}.00`]);
    }
    const count = await flashes.evaluate((seen) => seen.length);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(changes.length);
  });

  test("shows a hostile product as text, first and later", async () => {
    await start({ [hostile]: "2" });
    const { page, complaints } = await open();
    fed.feed(`2${hostile}`, "3");
    await shows(page, ["$3.00", "$2.00"]);
    expect(await products(page)).toEqual([`2${hostile}`, hostile]);
    expect(await page.locator("main img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("shows every digit of amounts that floating point gets wrong", async () => {
    await start({ tiny: "0.000001" });
    const { page } = await open("", { viewport: { width: 390, height: 844 } });
    fed.feed("huge", "1000000000000000000000.00");
    await shows(page, ["$1,000,000,000,000,000,000,000.00", "$0.000001"]);
    const revenue = page.locator(".revenue output");
    expect(await revenue.textContent()).toBe("$1,000,000,000,000,000,000,000.000001");
    const isCut = (element: HTMLElement | SVGElement) => element.scrollWidth > element.clientWidth;
    expect(await revenue.evaluate(isCut)).toBe(false);
    expect(await page.locator("html").evaluate(isCut)).toBe(false);
  });

  test("says what to do while there are no sales, until there is one", async () => {
    await start({});
    const { page } = await open();
    expect(await page.textContent("#rows")).toContain("No sales yet");
    fed.feed("Laptop", "1");
    await shows(page, ["$1.00"]);
  });

  test("writes numbers in the reader's language", async () => {
    await start({ Laptop: "1234567.8" });
    const { page } = await open("", { locale: "de-DE" });
    fed.feed("Laptop", "1234567.9");
    await shows(page, ["1.234.567,90\u00a0$"]);
  });

  test("shows current numbers without JavaScript", async () => {
    await start({ Laptop: "12.5" });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    pages.push(page);
    await page.goto(server.url);
    expect(await prices(page)).toEqual(["$12.50"]);
    expect(await page.locator("noscript meta[http-equiv=refresh]").getAttribute("content")).toBe(
      "5",
    );
  });
});

describe("connection state", () => {
  test("says that the server is gone, and is live with its numbers when it is back", async () => {
    await start({ Laptop: "1" });
    const { page } = await open();
    const port = Number(new URL(server.url).port);
    fed.dashboard.close();
    await server.stop();
    await state(page, "Reconnecting");
    expect(await page.textContent("#state")).toMatch(/as of \d/);
    fed = await fedDashboard();
    fed.feed("Laptop", "2");
    serve(port);
    await state(page, "Live");
    await shows(page, ["$2.00"]);
  }, 30_000);

  test("says that the numbers are stale while Kafka does not answer", async () => {
    await start({ Laptop: "1" });
    const { page } = await open();
    fed.source.status = { ...fed.source.status, state: "stale" };
    await state(page, "Stale");
    fed.source.status = { ...fed.source.status, state: "live" };
    await state(page, "Live");
  });

  test("says that the browser is offline", async () => {
    await start({ Laptop: "1" });
    const { page } = await open();
    await page.context().setOffline(true);
    await state(page, "Offline");
    await page.context().setOffline(false);
    await state(page, "Live");
  }, 30_000);
});

describe("graph page", () => {
  test("has bars of the totals, exact to the last digit", async () => {
    await start({ Laptop: "1000", [hostile]: "500" });
    const { page, complaints } = await open("graph");
    fed.feed("Laptop", "1000000000000000000000.01", 12345678901234567890n);
    const bars = async () => (await page.textContent("#bars")) ?? "";
    const exact = "$1,000,000,000,000,000,000,000.01";
    await waitFor(async () => (await bars()).includes(exact), { what: "the exact revenue" });
    expect(await bars()).toContain(hostile);
    expect(await bars()).toContain("12,345,678,901,234,567,890");
    expect(await page.locator("#bars img").count()).toBe(0);
    expect(complaints).toEqual([]);
  }, 20_000);
});

const sizes = { phone: [390, 844], laptop: [1366, 768], wall: [3840, 2160] } as const;

describe("look", () => {
  for (const [size, [width, height]] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const path of ["", "graph"]) {
        test(`${path || "table"} on a ${size}, ${colorScheme}: all in view, nothing serious for axe`, async () => {
          await start({
            "Laptop Pro 14": "97673314.98",
            "Noise-cancelling Headphones": "6301992.23",
          });
          const viewport = { width, height };
          const { page, complaints } = await open(path, { viewport, colorScheme });
          await expectFit(page);
          expect(complaints).toEqual([]);
        }, 20_000);
      }
    }
  }
});
