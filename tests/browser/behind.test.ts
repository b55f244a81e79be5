/** A page that is slower than its stream, as on a small or busy machine. */

import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();

/** More than the time between two frames, of which there are ten a second. */
const FRAME_COST_MS = 150;
/** Longer than a page may be behind. */
const BLOCKED_MS = 6_000;

/** Counts the streams that the page opens from now on. */
function streamsOf(page: Page): () => number {
  let streams = 0;
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/events") streams++;
  });
  return () => streams;
}

test("a page that takes longer for a frame than the next one needs still answers", async () => {
  await pages.start({ Laptop: "1" });
  const { page } = await pages.open();
  await page.evaluate((costMs) => {
    const seen = { frames: 0, withoutRest: 0, most: 0 };
    Object.assign(globalThis, { seen });
    addEventListener("htmx:sse:after:message", () => {
      seen.frames++;
      seen.most = Math.max(seen.most, ++seen.withoutRest);
      const end = performance.now() + costMs;
      while (performance.now() < end);
    });
    setInterval(() => {
      seen.withoutRest = 0;
    }, 10);
  }, FRAME_COST_MS);
  let price = 1;
  const sales = setInterval(() => pages.fed.feed("Laptop", String(++price)), 20);
  try {
    const frames = () => page.evaluate("seen.frames") as Promise<number>;
    await waitFor(async () => (await frames()) > 40, { what: "forty frames" });
  } finally {
    clearInterval(sales);
  }
  // Between two of them the page has its turn. One may be a heartbeat.
  expect(await page.evaluate("seen.most")).toBeLessThanOrEqual(3);
  await says(page, ".revenue output", new RegExp(`^\\$${price.toLocaleString("en")}\\.00$`));
}, 600_000);

test("a page that was held up begins anew instead of showing old numbers as live", async () => {
  await pages.start({ Laptop: "1" });
  const { page } = await pages.open();
  const streams = streamsOf(page);
  await page.evaluate((ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  }, BLOCKED_MS);
  await waitFor(() => streams() === 1, { what: "a new stream" });
  await says(page, "#state", /^Live$/);
  pages.fed.feed("Laptop", "7");
  await says(page, ".revenue output", /^\$7\.00$/);
  expect(streams()).toBe(1);
}, 600_000);
