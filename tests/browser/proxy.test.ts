/** The pages behind a real nginx, under a path, with the settings of docs/proxies.md. */

import { afterEach, expect } from "bun:test";
import { logged, Runs } from "../support/board.ts";
import { usePages } from "../support/browser.ts";
import { runSalesboard } from "../support/executable.ts";
import { bases, credentials, type RunningProxy, startProxy } from "../support/proxy.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { says } from "./fed-pages.ts";

const test = requirement("chromium", "nginx", "openssl");
const base = bases["under a path"];

let proxy: RunningProxy | undefined;
const opener = usePages();
const runs = new Runs();

afterEach(async () => {
  await proxy?.stop();
  await runs.end();
});

test("pages work below a path, wait out a proxy that answers 502, and recover by themselves", async () => {
  const aggregator = runs.start(["--roles", "aggregator,dashboard", "--port", "0"]);
  const brokers = String((await logged(aggregator, "Embedded broker at")).properties.brokers);
  const sell = async (product: string) => {
    const stdin = JSON.stringify({ product, quantity: 1, price: 2.5 });
    const produce = ["produce", "--brokers", brokers, "--input", "-"];
    expect((await runSalesboard(produce, { stdin })).status).toBe(0);
  };
  const serve = (port: string) =>
    runs.start(["serve", "--brokers", brokers, "--base-path", base, "--port", port]);
  const first = serve("0");
  const { port } = new URL(await first.url());
  proxy = await startProxy("nginx", "under a path", Number(port));

  const context = await opener.newContext({
    ignoreHTTPSErrors: true,
    httpCredentials: credentials,
  });
  const page = await context.newPage();
  const answers: string[] = [];
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("response", (response) => {
    answers.push(`${response.status()} ${new URL(response.url()).pathname}`);
  });
  await page.goto(`${proxy.url}${base}/?period=all`);
  await sell("Laptop");
  await says(page, "#rows", /Laptop.*\$2\.50/s);
  await says(page, "#state", /^Live$/);

  await page.click("nav >> text=Graph");
  await page.waitForURL(`${proxy.url}${base}/graph?period=all`);
  await says(page, "#state", /^Live$/);
  await sell("Laptop");
  await says(page, ".revenue output", /^\$5\.00$/);
  await page.click("nav >> text=Table");
  await page.waitForURL(`${proxy.url}${base}/?period=all`);
  await says(page, "#state", /^Live$/);
  const protocols = await page.evaluate(() =>
    performance.getEntriesByType("resource").map((entry) => {
      return (entry as PerformanceResourceTiming).nextHopProtocol;
    }),
  );
  // A stream that is still open has no entry yet; all else went over one connection.
  expect(new Set(protocols)).toEqual(new Set(["h2"]));
  expect(answers.filter((answer) => !/^(200|304) \/sales\//.test(answer))).toEqual([]);

  await first.kill();
  await says(page, "#state", /^Reconnecting, as of \d/);
  const refused = () => answers.filter((answer) => answer === `502 ${base}/events`).length;
  await waitFor(() => refused() >= 3, { what: "502 three times" });
  // It keeps its numbers, and shows nothing of the proxy's own page.
  expect(await page.textContent("#rows")).toContain("$5.00");
  expect(await page.textContent("body")).not.toMatch(/nginx|Bad Gateway/);

  await sell("Mouse");
  const second = serve(port);
  expect(await second.url()).toEndWith(`:${port}${base}`);
  await says(page, "#state", /^Live$/);
  await says(page, "#rows", /Laptop.*\$5\.00.*Mouse.*\$2\.50/s);
  expect(await page.textContent("#notices")).not.toContain("Totals went down");
  expect(await page.locator("#lowered").isVisible()).toBe(false);
  expect(complaints).toEqual([]);
}, 600_000);
