/** Pages in a real browser, of a dashboard that is fed by hand. */

import { expect } from "bun:test";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { listen, type Server } from "../../src/dashboard/server.ts";
import { type Fed, fedDashboard } from "../dashboard/fixture.ts";
import { launchBrowser } from "../support/browser.ts";
import { waitFor } from "../support/wait.ts";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export class FedPages {
  #browser: Browser | undefined;
  #fed: Fed | undefined;
  #server: Server | undefined;
  readonly #pages: Page[] = [];

  async launch(): Promise<void> {
    this.#browser = await launchBrowser();
  }

  /** Closes the pages and the dashboard; the browser stays. */
  async end(): Promise<void> {
    await Promise.all(this.#pages.splice(0).map((page) => page.context().close()));
    await this.stop();
  }

  async close(): Promise<void> {
    await this.#browser?.close();
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
    const port = this.#server ? Number(new URL(this.#server.url).port) : 0;
    this.#server = listen(this.#fed.dashboard.app, { host: "127.0.0.1", port, basePath: "/" });
  }

  async stop(): Promise<void> {
    this.#fed?.dashboard.close();
    await this.#server?.stop();
  }

  /** A live page of a reader in the United States, and what it complained about. */
  async open(path = "", options: BrowserContextOptions = {}) {
    const context = await this.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      const isComplaint = message.type() === "error" || message.type() === "warning";
      if (isComplaint) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${this.url}${path}`);
    await says(page, "#state", /^Live/);
    return { page, complaints };
  }

  async newContext(options: BrowserContextOptions = {}) {
    if (!this.#browser) throw new Error("Cannot open a page: no browser was launched.");
    const context = await this.#browser.newContext({ locale: "en-US", ...options });
    context.on("page", (page) => this.#pages.push(page));
    return context;
  }
}

/** Waits until the text of an element fits. */
export async function says(page: Page, selector: string, pattern: RegExp): Promise<string> {
  let text = "";
  const fits = async () => {
    text = (await page.textContent(selector)) ?? "";
    return pattern.test(text);
  };
  await waitFor(fits, { what: `${selector} to say ${pattern}` }).catch((error) => {
    throw new Error(`${error.message} It says: ${text}`);
  });
  return text;
}

/** Fails unless axe finds nothing serious, and the page is no wider than its window. */
export async function expectFit(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
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
