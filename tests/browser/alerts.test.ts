/** Alerts on the page: a line while one fires, none before and none after. */

import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import type { Browser } from "playwright-core";
import { listen, type Server } from "../../src/dashboard/server.ts";
import { type Fed, fedDashboard } from "../dashboard/fixture.ts";
import { launchBrowser } from "../support/browser.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("chromium");

let browser: Browser;
let fed: Fed;
let server: Server;

beforeAll(async () => {
  if (test.name === "skip") return;
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  fed.dashboard.close();
  await server.stop();
});

test("an alert that fires is a line on the page, in its own colour, until it ends", async () => {
  const rule = 'revenue{"<img src=x onerror=alert(1)>"} <= 5';
  fed = await fedDashboard("--alert", rule, "--alert", "sales >= 3");
  server = listen(fed.dashboard.app, { host: "127.0.0.1", port: 0, basePath: "/" });
  fed.feed("<img src=x onerror=alert(1)>", "1");
  const page = await (await browser.newContext({ locale: "en-US" })).newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(server.url);
  const lines = () => page.locator("#notices .alert").allTextContents();
  const says = async (pattern: RegExp) => {
    await waitFor(async () => pattern.test((await lines()).join("\n")), {
      what: String(pattern),
    }).catch(() => {});
    expect((await lines()).join("\n")).toMatch(pattern);
  };
  // The time in the reader's own zone and clock, as that of every notice.
  const since = "^Alert since \\d+:\\d\\d:\\d\\d [AP]M: ";
  const escaped = rule.replace(/[()[\]{}.]/g, "\\$&");
  await says(new RegExp(`${since}${escaped}$`));
  expect(await page.locator("#notices img").count()).toBe(0);

  fed.source.status = { ...fed.source.status, notices: ["The topic x is odd."] };
  fed.dashboard.changed();
  await waitFor(async () => (await page.locator("#notices p").count()) === 2, { what: "a notice" });
  const colours = await page
    .locator("#notices p")
    .evaluateAll((all) => all.map((one) => getComputedStyle(one).borderTopColor));
  expect(new Set(colours).size).toBe(2);

  fed.feed("<img src=x onerror=alert(1)>", "6");
  await says(/^$/);
  expect(await page.locator("#notices p").allTextContents()).toEqual(["The topic x is odd."]);
  fed.feed("Laptop", "1", 2n);
  await says(/: sales >= 3$/);
  expect(complaints).toEqual([]);
}, 30_000);
