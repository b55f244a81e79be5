/** A headless Chromium for the tests of the pages. */

import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "./require.ts";

const launchTimeoutMs = 30_000;

/**
 * Starts the system's Chromium, which talks to nobody but the pages it is sent to; to be closed.
 * Tests that call this are declared with `requirement("chromium")`.
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error("Cannot launch a browser: Chromium was not found.");
  return chromium.launch({
    executablePath,
    timeout: launchTimeoutMs,
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
