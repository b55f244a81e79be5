/** All pages of the compiled executable, on a real Kafka and on its own broker. */

import { afterEach, expect } from "bun:test";
import type { Page } from "playwright-core";
import { logged, newTopics, Runs, totalsWhen } from "../support/board.ts";
import { usePages } from "../support/browser.ts";
import type { Salesboard } from "../support/executable.ts";
import { sharedKafka } from "../support/kafka.ts";
import { freePort } from "../support/ports.ts";
import { produceValues } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { quickArgs } from "../support/timeouts.ts";
import { waitFor } from "../support/wait.ts";
import { lineOf } from "./chart.ts";
import { says } from "./fed-pages.ts";

const opener = usePages();
const runs = new Runs();
afterEach(() => runs.end());

const hostile = `<img src=x onerror=alert(1)>&"'/?#%`;
const HOUR_MS = 3_600_000;
/** A window of the graph, and how long ago something was sold in it. */
const PAST = [
  ["24h", 2 * HOUR_MS],
  ["30d", 10 * 24 * HOUR_MS],
] as const;

const sale = (product: string, quantity: number, price: number, timestamp = Date.now()) =>
  JSON.stringify({ product, quantity, price, timestamp });

/** Four sales of 1029.980001 in all, three of them of laptops, and one record that is none. */
const records = () => [
  sale("Laptop", 2, 499.99),
  sale(hostile, 1, 0.000001),
  "no\u0000 sale",
  ...PAST.map(([, ago], i) => sale("Laptop", 1, 10 + 10 * i, Date.now() - ago)),
];

async function showsTable(page: Page): Promise<void> {
  const laptop = page.getByRole("row", { name: "Laptop" });
  await waitFor(async () => (await laptop.count()) === 1, { what: "the laptops" });
  expect(await laptop.locator("th, .quantity, .money, .sales").allTextContents()).toEqual([
    ...["Laptop", "4", "$1,029.98", "3"],
  ]);
  expect(await page.getByRole("rowheader", { name: hostile }).count()).toBe(1);
  const tiles = {
    ...{ revenue: "$1,029.980001", units: "5", sales: "4", average: "$257.50", letters: "1" },
  };
  for (const [tile, text] of Object.entries(tiles)) {
    expect(await page.textContent(`.${tile} output`)).toBe(text);
  }
  expect(await page.textContent(".rate output")).toMatch(/^[\d.,]+$|^–$/);
}

/** The line of a window has what was sold so long ago, give or take a thirtieth of it. */
async function showsPast(page: Page, window: (typeof PAST)[number][0], ago: number) {
  const toleranceMs = { "24h": 24 * HOUR_MS, "30d": 720 * HOUR_MS }[window] / 30;
  const isThere = async () =>
    (await lineOf(page, "Laptop"))?.data.some(({ x, y }) => {
      return y > 0 && Math.abs(x - (Date.now() - ago)) < toleranceMs;
    });
  await waitFor(isThere, { what: `the sale of ${ago} ms ago in ${window}` });
}

async function showsGraphs(page: Page): Promise<void> {
  await page.click("nav >> text=Graph");
  await page.waitForURL(/graph\?period=all$/);
  await says(page, "#bars", /Laptop.*\$1,029\.98/s);
  for (const [window, ago] of PAST) {
    await page.click(`nav[aria-label=Window] >> text=${window}`);
    await page.waitForURL(new RegExp(`window=${window}`));
    await says(page, "#state", /^Live$/);
    await showsPast(page, window, ago);
  }
}

async function showsRecords(page: Page, input: string): Promise<void> {
  await page.click("nav >> text=Table");
  await page.getByRole("row", { name: "Laptop" }).getByRole("link").click();
  await page.waitForURL(/\/product\?.*product=Laptop/);
  await says(page, "#product", /\$1,029\.98/);
  const latest = page.locator("#latest tbody tr");
  await waitFor(async () => (await latest.count()) === 3, { what: "the latest sales" });
  expect(await latest.filter({ hasText: '"quantity":2' }).locator("td").allTextContents()).toEqual([
    expect.stringMatching(/\d:\d\d:\d\d [AP]M/),
    ...["2", "$999.98"],
    expect.stringMatching(/^Partition \d · Offset \d+\s[\s\S]*"price":499\.99/),
  ]);
  await page.click(".letters a");
  await page.waitForURL(/rejected/);
  await says(page, "main", /no\\u\{0\} sale/);
  expect(await page.textContent("main")).toMatch(new RegExp(`${input}, partition \\d, offset \\d`));
}

/** What was sold ten days ago is not of the last seven, whatever the time of day. */
async function showsPeriods(page: Page): Promise<void> {
  const sums = { "7 days": ["7d", "$1,009.980001"], "30 days": ["30d", "$1,029.980001"] } as const;
  for (const [text, [period, revenue]] of Object.entries(sums)) {
    await page.click(`#period >> text=${text}`);
    await page.waitForURL(new RegExp(`period=${period}`));
    await says(page, "#state", /^Live$/);
    expect(await page.textContent(".revenue output")).toBe(revenue);
  }
}

/** A busy Kafka may not hand over records in time. The page says so, and loads itself again. */
const isOfPage = (complaint: string) =>
  !/^\/(rejected|product\/sales): .*status of 503/.test(complaint);

const isCounted = (run: Salesboard) =>
  totalsWhen(run, ({ total, deadLetters }) => total.sales === 4 && deadLetters === 1);

requirement("chromium", "kcat")(
  "on its own broker",
  async () => {
    const zone = ["--time-zone", "Pacific/Kiritimati"];
    const run = runs.start(["--port", "0", "--roles", "aggregator,dashboard", ...zone]);
    const url = await run.url();
    const brokers = String((await logged(run, "Embedded broker at")).properties.brokers);
    const topic = "sales_topic_electronics";
    await produceValues({ brokers, topic, values: records() });
    await isCounted(run);
    const { page, complaints } = await opener.open(`${url}/?period=all`);
    await showsTable(page);
    await showsGraphs(page);
    await showsRecords(page, topic);
    await showsPeriods(page);
    expect(complaints.filter(isOfPage)).toEqual([]);
  },
  600_000,
);

requirement(
  "chromium",
  "java",
  "maven",
  "kcat",
)(
  "on a real Kafka, and again when every process was killed and started anew",
  async () => {
    const { brokers } = await sharedKafka();
    const { args: topicArgs, input: topic } = newTopics("pages");
    const args = ["--brokers", brokers, ...topicArgs];
    const port = String(await freePort());
    const start = () => [
      runs.start(["aggregate", ...args, ...quickArgs]),
      runs.start(["serve", ...args, "--port", port]),
    ];
    const [aggregator, dashboard] = start() as [Salesboard, Salesboard];
    await logged(aggregator, "Partitions assigned.");
    await produceValues({ brokers, topic, values: records() });
    await isCounted(dashboard);
    const url = await dashboard.url();
    const { page, complaints } = await opener.open(`${url}/?period=all`);
    await showsTable(page);
    await showsGraphs(page);
    await showsRecords(page, topic);
    expect(complaints.filter(isOfPage)).toEqual([]);

    // Pages that stay open, and those that are opened later.
    await page.goto(`${url}/graph?period=all&window=30d`);
    await says(page, "#state", /^Live$/);
    await Promise.all([aggregator.kill(), dashboard.kill()]);
    await says(page, "#state", /^Reconnecting/);
    const [, next] = start() as [Salesboard, Salesboard];
    await isCounted(next);
    await says(page, "#state", /^Live$/);
    await produceValues({ brokers, topic, values: [sale("Laptop", 1, 0.02)] });
    await says(page, ".revenue output", /^\$1,030\.000001$/);
    await showsPast(page, "30d", PAST[1][1]);
    await page.goto(`${url}/graph?period=all&window=24h`);
    await showsPast(page, "24h", PAST[0][1]);
  },
  600_000,
);
