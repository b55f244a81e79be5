/** The graph on pages that are there before the past is: it comes late, or from another server. */

import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { PastWriter } from "../dashboard/past-writer.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const names = ["Laptop", "Mouse"];
const [LAPTOP, MOUSE] = [0, 1];

/** A past of ten minutes in which `product` alone sold, each sale for `price`. */
function sellOnly(product: number, price: number): PastWriter {
  const writer = new PastWriter(pages.fed.past, 0, names);
  const now = Math.floor(Date.now() / 1000);
  for (let back = 600; back > 0; back -= 2) writer.sell(product, now - back, price);
  return writer;
}

/** What the chart draws of each line: the largest of its values. */
function drawn(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() => {
    const { Chart } = globalThis as unknown as { Chart: { getChart(id: string): never } };
    const { data } = Chart.getChart("time") as {
      data: { datasets: { label: string; data: { y: number }[] }[] };
    };
    return Object.fromEntries(
      data.datasets.map(({ label, data }) => [label, Math.max(0, ...data.map(({ y }) => y))]),
    );
  });
}

const draws = (page: Page, name: string) =>
  waitFor(async () => ((await drawn(page))[name] ?? 0) > 0, { what: `a line of ${name}` });

// A page that was opened before the history was read stayed empty: it was told each slot that
// changed, and never the window that they belong to.
const paths = ["graph?window=15m", "graph?window=15m&product=Laptop"];

test.each(paths)("%s draws the past once it is read", async (path) => {
  await pages.start({ Laptop: "1000" }, "--demo-past", "0d");
  const { page } = await pages.open(path);
  await says(page, "#past", /No history/);
  pages.fed.past.restart(0);
  sellOnly(LAPTOP, 5).commit();
  pages.fed.past.markCaughtUp(0);
  pages.fed.dashboard.changed();
  await draws(page, "Laptop");
  await says(page, "#past", /^\s*$/);
});

// Another server may have chosen other products before it has read its history: a page that kept
// the lines of the one before drew the sales of one product under the name of another.
test("a server that reads its history after the page is back has its own lines", async () => {
  await pages.start({ Laptop: "1000" }, "--demo-past", "0d");
  sellOnly(LAPTOP, 5).commit();
  const { page } = await pages.open("graph?window=15m");
  await draws(page, "Laptop");
  await pages.stop();
  await says(page, "#state", /Reconnecting/);
  await pages.start({ Mouse: "1000" }, "--demo-past", "0d");
  await says(page, "#state", /^Live$/);
  const writer = sellOnly(MOUSE, 9);
  writer.commit();
  pages.fed.dashboard.changed();
  await draws(page, "Mouse");
  expect((await drawn(page)).Laptop).toBeUndefined();
}, 600_000);
