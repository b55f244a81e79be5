/** The pictures of the documents, taken of the gallery by Chromium. */

import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import type { Gallery } from "./server.ts";

/** File in docs/ → what it shows. Sizes in CSS pixels. */
export const pictures = [
  { name: "table", path: "live/?theme=dark", width: 1280, height: 800 },
  { name: "graph", path: "live/graph?theme=dark&window=24h", width: 1280, height: 800 },
  {
    name: "kiosk",
    path: "live/?kiosk&view=graph&theme=light&window=24h",
    width: 1280,
    height: 720,
  },
  { name: "board", path: "boards/by/store?theme=light&period=7d", width: 1280, height: 720 },
  { name: "stale", path: "stale/?theme=light", width: 1280, height: 420 },
  { name: "phone", path: "live/?theme=light", width: 390, height: 780 },
] as const;
/** Sales per second are those of the last ten: by then the figure stands still. */
const SETTLE_MS = 12_000;
const WAIT_MS_MAX = 20_000;
const docs = fileURLToPath(new URL("../../docs/", import.meta.url));

/** Writes docs/<name>.png for each picture. Rejects when a page is not ready within 20 s. */
export async function takePictures({ url }: Gallery, say: (line: string) => void): Promise<void> {
  await Bun.sleep(SETTLE_MS);
  const browser = await launchBrowser({ whole: true });
  try {
    for (const { name, path, width, height } of pictures) {
      const page = await open(browser, `${url}${path}`, { width, height });
      await page.screenshot({ path: `${docs}${name}.png`, animations: "disabled" });
      await page.context().close();
      say(`docs/${name}.png`);
    }
  } finally {
    await browser.close();
  }
}

async function open(
  browser: Browser,
  url: string,
  viewport: { width: number; height: number },
): Promise<Page> {
  const context = await browser.newContext({ locale: "en-US", timezoneId: "UTC", viewport });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector("#state:not([data-state=connecting])", { timeout: WAIT_MS_MAX });
  // The chart is drawn when its first message is there, and moves into place.
  await page.waitForTimeout(2_000);
  return page;
}
