/** A headless Chromium for the tests of the pages. */

import { afterAll, afterEach } from "bun:test";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { chromiumPath } from "./require.ts";
import { WAIT_MS_MAX } from "./wait.ts";

/**
 * Starts the system's Chromium, which talks to nobody but the pages it is sent to; to be closed.
 * Tests that call this are declared with `requirement("chromium")`.
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error("Cannot launch a browser: Chromium was not found.");
  return chromium.launch({
    executablePath,
    timeout: WAIT_MS_MAX,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What the tests of a file look at pages with; started by the first that asks for one. */
export class PageOpener {
  #browser: Promise<Browser> | undefined;

  /** That of a reader in the United States. */
  async newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    this.#browser ??= launchBrowser();
    const context = await (await this.#browser).newContext({ locale: "en-US", ...options });
    context.setDefaultTimeout(WAIT_MS_MAX);
    return context;
  }

  /** A page, and what it complained about: errors, warnings, dialogs. */
  async open(url: string, options?: BrowserContextOptions) {
    const page = await (await this.newContext(options)).newPage();
    const complaints = complaintsOf(page);
    await page.goto(url);
    return { page, complaints };
  }

  async closePages(): Promise<void> {
    const contexts = (await this.#browser)?.contexts() ?? [];
    await Promise.all(contexts.map((context) => context.close()));
  }

  async close(): Promise<void> {
    await (await this.#browser)?.close();
  }
}

/** For the file that calls this: pages are closed after each test, the browser after the last. */
export function usePages(): PageOpener {
  const opener = new PageOpener();
  afterEach(() => opener.closePages());
  afterAll(() => opener.close());
  return opener;
}

export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const { pathname } = new URL(message.location().url || page.url());
    complaints.push(`${pathname}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return complaints;
}
