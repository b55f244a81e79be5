/** A headless Chromium for the tests of the pages. */

import { afterEach } from "bun:test";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { chromiumPath, headlessPath } from "./require.ts";
import { WAIT_MS_MAX } from "./wait.ts";

/**
 * Starts the system's Chromium, which talks to nobody but the pages it is sent to; to be closed.
 * Tests that call this are declared with `requirement("chromium")`.
 * @param whole with the windows that nobody sees: what a reader has, for twice the processor time
 */
export async function launchBrowser({ whole = false } = {}): Promise<Browser> {
  const executablePath = whole ? chromiumPath() : headlessPath();
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

// Test files do not share module variables when each has a global scope of its own kept apart.
const shared = globalThis as { salesboardBrowser?: Promise<Browser> | undefined };

/**
 * The browser that all test files of a process share: a start costs more than most pages. It ends
 * with the process. Cookies and caches are those of a context, and each test has its own.
 */
async function sharedBrowser(): Promise<Browser> {
  const browser = await shared.salesboardBrowser?.catch(() => undefined);
  if (browser?.isConnected()) return browser;
  // The first, or the one after a crash, which takes no other file with it.
  shared.salesboardBrowser = launchBrowser();
  return shared.salesboardBrowser;
}

/** What the tests of a file look at pages with. */
export class PageOpener {
  readonly #contexts = new Set<BrowserContext>();

  /** That of a reader in the United States. */
  async newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await (await sharedBrowser()).newContext({ locale: "en-US", ...options });
    context.setDefaultTimeout(WAIT_MS_MAX);
    this.#contexts.add(context);
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
    const contexts = [...this.#contexts];
    this.#contexts.clear();
    await Promise.all(contexts.map((context) => context.close()));
  }
}

/** For the file that calls this: pages are closed after each test. */
export function usePages(): PageOpener {
  const opener = new PageOpener();
  afterEach(() => opener.closePages());
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
