/** The pages that show what lies in Kafka: of a product, and of dead letters. */

import { afterAll, beforeAll, expect } from "bun:test";
import type { Page } from "playwright-core";
import { logged, Runs, totalsWhen } from "../support/board.ts";
import { usePages } from "../support/browser.ts";
import { produceValues } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { expectFit, says } from "./fed-pages.ts";

const test = requirement("chromium");
const opener = usePages();
const runs = new Runs();
const hostile = `<img src=x onerror=alert(1)>&"'/?#%`;
let url: string;
let brokers: string;

beforeAll(async () => {
  if (test.name === "skip") return;
  const run = runs.start(["--port", "0", "--roles", "aggregator,dashboard"]);
  url = await run.url();
  brokers = String((await logged(run, "Embedded broker at")).properties.brokers);
  const sale = (price: number) => JSON.stringify({ product: hostile, quantity: 2, price });
  const values = [sale(1), "no\u0000 sale", '{"product":1}', sale(1.5)];
  await produceValues({ brokers, topic: "sales_topic_electronics", values });
  await totalsWhen(run, ({ total, deadLetters }) => total.sales === 2 && deadLetters === 2);
}, 600_000);
afterAll(async () => {
  await runs.end();
});

async function open(path: string, options: object = {}): Promise<Page> {
  const { page } = await opener.open(`${url}${path}`, options);
  await says(page, "#state", /^Live/);
  return page;
}

test("a product has its totals, where they stand, its latest sales and its graph, live", async () => {
  const page = await open("/?period=all");
  await page.click("#rows a");
  await page.waitForURL(/\/product\?.*product=/);
  await says(page, "#product h1", /^<img src=x/);
  expect(await page.locator("main img").count()).toBe(0);
  expect(await page.textContent("#product dl")).toMatch(/Revenue.*\$5\.00\s*Units\s*4/);
  expect(await page.locator("#partitions tbody tr").count()).toBeGreaterThan(0);
  const latest = page.locator("#latest tbody tr");
  await waitFor(async () => (await latest.count()) === 2, { what: "the latest sales" });
  expect(await latest.first().textContent()).toContain('"quantity":2');
  await says(page, "#time-legend", /<img src=x/);
  const sale = JSON.stringify({ product: hostile, quantity: 1, price: 0.000001 });
  await produceValues({ brokers, topic: "sales_topic_electronics", values: [sale] });
  await says(page, "#product dl", /\$5\.000001/);
  await expectFit(page);
}, 600_000);

test("a product's graph is of it alone, and its choices stay on its page", async () => {
  const name = encodeURIComponent(hostile);
  const other = JSON.stringify({ product: "Other", quantity: 1, price: 1000 });
  await produceValues({ brokers, topic: "sales_topic_electronics", values: [other] });
  const page = await open(`/product?product=${name}&product=Other`);
  const lines = page.locator("#time-legend li");
  await waitFor(async () => (await lines.count()) === 2, { what: "the legend" });
  for (const choice of ["15m", "Units", "30d", "Sales"]) {
    await page.click(`nav >> text="${choice}"`);
    await waitFor(() => page.url().includes(choice.toLowerCase()), { what: `${choice}` });
    expect(new URL(page.url()).pathname).toBe("/product");
    expect(new URL(page.url()).searchParams.getAll("product")).toEqual([hostile]);
    await says(page, "#product h1", /^<img src=x/);
    await waitFor(async () => (await lines.count()) === 2, { what: "the legend" });
    const [own, before] = await lines.allTextContents();
    expect(own).toBe(hostile);
    expect(before).toMatch(/^(The 15 minutes before|The 30 days before)$/);
  }
  await page.click("text=Export");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=CSV")]);
  const csv = await Bun.file(await file.path()).text();
  expect(csv).toContain("img src=x");
  expect(csv).not.toContain("Other");
  await page.click("#time-data summary");
  await waitFor(async () => (await page.locator("#time-data th[scope=col]").count()) === 2, {
    what: "the numbers of the product",
  });
}, 600_000);

test("a product that nobody sold is not found, and one that is not named is asked for", async () => {
  expect((await fetch(`${url}/product?product=nobody`)).status).toBe(404);
  expect((await fetch(`${url}/product`)).status).toBe(400);
});

test("dead letters are shown with their reason and source, and do nothing", async () => {
  const page = await open("/");
  await page.click(".letters a");
  await page.waitForURL(/rejected/);
  const letters = page.locator("tr[id^=letter-]");
  // On a busy machine the time of a reading can be over before its records are there.
  const areThere = async () => {
    if ((await letters.count()) === 2) return true;
    await page.reload();
    return false;
  };
  await waitFor(areThere, { what: "both letters" });
  const text = (await letters.allTextContents()).join();
  expect(text).toContain("no\\u{0} sale");
  expect(text).toContain("product must be a string");
  expect(text).toMatch(/sales_topic_electronics, partition \d, offset \d/);
  await page.click("text=Export");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=NDJSON")]);
  expect(file.suggestedFilename()).toBe("dead-letters.ndjson");
  const lines = (await Bun.file(await file.path()).text()).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).value).sort()).toEqual([
    "no\u0000 sale",
    '{"product":1}',
  ]);
}, 600_000);

test("amounts are masked on both", async () => {
  for (const path of ["/rejected?mask", `/product?mask&product=${encodeURIComponent(hostile)}`]) {
    const page = await open(path);
    await waitFor(async () => (await page.locator("main").textContent())?.includes("•••"), {
      what: "the mask",
    });
    expect(await page.textContent("main")).not.toMatch(/\$|"price"/);
  }
}, 600_000);

for (const [width, height] of [
  [360, 740],
  [2560, 1440],
]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`both fit ${width} × ${height}, ${colorScheme}, and axe finds nothing serious`, async () => {
      const look = { viewport: { width, height }, colorScheme };
      await expectFit(await open("/rejected", look));
      await expectFit(await open(`/product?product=${encodeURIComponent(hostile)}`, look));
    }, 600_000);
  }
}
