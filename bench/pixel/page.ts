/** The table page in a real browser, and when it has painted what. */

import type { Page } from "playwright-core";
import { launchBrowser } from "../../tests/support/browser.ts";
import { waitFor } from "../../tests/support/wait.ts";
import { PRODUCT } from "./marks.ts";
import { epochClock, Track } from "./track.ts";

/** Count of sales in the cell, and when it came, was in the document, and was painted. */
type Sighting = [sales: number, receivedAt: number, changedAt: number, paintedAt: number];

export class WatchedPage {
  readonly received = new Track();
  readonly changed = new Track();
  readonly painted = new Track();
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(url: string): Promise<WatchedPage> {
    const browser = await launchBrowser({ whole: true });
    try {
      const page = await browser.newPage({ locale: "en-US" });
      // As one text: the page's policy forbids to evaluate any there.
      const content = `(${observe})(${JSON.stringify(PRODUCT)}, (${epochClock})());`;
      await page.addInitScript({ content });
      await page.goto(url);
      const isLive = async () => (await page.textContent("#state"))?.startsWith("Live");
      await waitFor(isLive, { what: "the page to be live" });
      return new WatchedPage(page);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** Takes over what the page has seen so far. */
  async collect(): Promise<void> {
    const sightings = await this.#page.evaluate(() =>
      (globalThis as unknown as { takeSightings(): Sighting[] }).takeSightings(),
    );
    for (const [sales, receivedAt, changedAt, paintedAt] of sightings) {
      this.received.note(sales, receivedAt);
      this.changed.note(sales, changedAt);
      this.painted.note(sales, paintedAt);
    }
  }

  async close(): Promise<void> {
    await this.#page.context().browser()?.close();
  }
}

/**
 * Runs in the page before its own scripts. When the cell changes, an element is added whose
 * painting the browser reports (Element Timing, to 4 ms): it is painted in the cell's own frame.
 */
function observe(product: string, clock: () => number): void {
  const toEpoch = clock() - performance.now();
  const sightings: Sighting[] = [];
  const pending = new Map<string, Sighting>();
  let receivedAt = 0;
  let last = 0;
  Object.assign(globalThis, { takeSightings: () => sightings.splice(0) });

  const salesShown = () => {
    const row = document.querySelector(`#rows th[title="${product}"]`)?.parentElement;
    return Number(row?.querySelector(".sales")?.textContent?.replaceAll(",", "") ?? 0);
  };
  const note = () => {
    const sales = salesShown();
    if (sales <= last) return;
    last = sales;
    const mark = Object.assign(document.createElement("div"), { textContent: String(sales) });
    mark.setAttribute("elementtiming", String(sales));
    pending.set(String(sales), [sales, receivedAt, clock(), 0]);
    document.getElementById("marks")?.replaceChildren(mark);
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      identifier: string;
      renderTime: number;
    })[]) {
      const sighting = pending.get(entry.identifier);
      if (!sighting) continue;
      sighting[3] = toEpoch + entry.renderTime;
      sightings.push(sighting);
      pending.delete(entry.identifier);
    }
  }).observe({ type: "element", buffered: true });
  document.addEventListener("DOMContentLoaded", () => {
    const marks = Object.assign(document.createElement("div"), { id: "marks" });
    // What is outside of the window is not painted.
    Object.assign(marks.style, { position: "fixed", top: "0" });
    document.body.append(marks);
    new MutationObserver(note).observe(document.getElementById("rows") as HTMLElement, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    document.addEventListener(
      "htmx:sse:before:message",
      () => {
        receivedAt = clock();
      },
      true,
    );
    note();
  });
}
