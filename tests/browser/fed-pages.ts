/** Pages in a real browser, of a dashboard that is fed by hand. */

import { afterEach, expect } from "bun:test";
import { createRequire } from "node:module";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { listen, type Server } from "../../src/dashboard/http/server.ts";
import { type Fed, fedDashboard } from "../dashboard/fixture.ts";
import { PageOpener } from "../support/browser.ts";
import { freePort } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export class FedPages {
  readonly #opener: PageOpener;
  #fed: Fed | undefined;
  #port: number | undefined;
  #server: Server | undefined;

  constructor(opener: PageOpener) {
    this.#opener = opener;
  }

  get fed(): Fed {
    if (!this.#fed) throw new Error("Cannot feed a dashboard: none was started.");
    return this.#fed;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  /** A dashboard that shows `totals`, product → price; where the last one was, if there was one. */
  async start(totals: Record<string, string>, ...args: string[]): Promise<void> {
    this.#fed = await fedDashboard(...args);
    for (const [product, price] of Object.entries(totals)) this.#fed.feed(product, price);
    const port = this.#port ?? (await freePort());
    this.#port = port;
    this.#server = listen(this.#fed.dashboard.app, { host: "127.0.0.1", port, basePath: "/" });
  }

  async stop(): Promise<void> {
    this.#fed?.dashboard.close();
    await this.#server?.stop();
  }

  /** A live page of a reader in the United States, and what it complained about. */
  async open(path = "", options: BrowserContextOptions = {}) {
    const opened = await this.#opener.open(`${this.url}${path}`, options);
    await says(opened.page, "#state", /^Live/);
    return opened;
  }

  newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.#opener.newContext(options);
  }
}

/** For the file that calls this: pages and dashboard are closed after each of its tests. */
export function useFedPages(): FedPages {
  const opener = new PageOpener();
  const pages = new FedPages(opener);
  afterEach(async () => {
    await opener.closePages();
    await pages.stop();
  });
  return pages;
}

/** Waits until the text of an element fits. */
export async function says(page: Page, selector: string, pattern: RegExp): Promise<string> {
  let text = "";
  const fits = async () => {
    // As it is read: where the source breaks a line there is a space.
    text = ((await page.textContent(selector)) ?? "").replace(/\s+/g, " ");
    return pattern.test(text);
  };
  await waitFor(fits, { what: `${selector} to say ${pattern}` }).catch((error) => {
    throw new Error(`It says: ${text}\n${error.message}`);
  });
  return text;
}

/**
 * Fails unless axe finds nothing serious, the page is no wider than its window, and no table than
 * its panel. One with figures of thirty digits scrolls.
 */
export async function expectFit(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  const wide = await page.$$eval(".panel > table", (tables) =>
    document.querySelector(".longest")
      ? []
      : tables.map((table) => table.scrollWidth - (table.parentElement?.clientWidth ?? 0)),
  );
  expect(Math.max(0, ...wide)).toBeLessThanOrEqual(1);
  await page.evaluate(await Bun.file(axePath).text());
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const found = (await axe.run()).violations;
    return found
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  expect(violations).toEqual([]);
}
