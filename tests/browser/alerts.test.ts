/** Alerts on the page: a line while one fires, none before and none after. */

import { expect } from "bun:test";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const hostile = "<img src=x onerror=alert(1)>";

test("an alert that fires is a line on the page, in its own colour, until it ends", async () => {
  const rule = `revenue{"${hostile}"} <= 5`;
  await pages.start({ [hostile]: "1" }, "--alert", rule, "--alert", "sales >= 3");
  const { fed } = pages;
  const { page, complaints } = await pages.open();
  // The time in the reader's own zone and clock, as that of every notice.
  const since = "^Alert since \\d+:\\d\\d:\\d\\d [AP]M: ";
  const escaped = rule.replace(/[()[\]{}.]/g, "\\$&");
  await says(page, "#notices .alert", new RegExp(`${since}${escaped}$`));
  expect(await page.locator("#notices img").count()).toBe(0);

  fed.source.status = { ...fed.source.status, notices: ["The topic x is odd."] };
  fed.dashboard.changed();
  await waitFor(async () => (await page.locator("#notices p").count()) === 2, { what: "a notice" });
  const colours = await page
    .locator("#notices p")
    .evaluateAll((all) => all.map((one) => getComputedStyle(one).borderTopColor));
  expect(new Set(colours).size).toBe(2);

  fed.feed(hostile, "6");
  await says(page, "#notices", /^The topic x is odd\.$/);
  fed.feed("Laptop", "1", 2n);
  await says(page, "#notices .alert", /: sales >= 3$/);
  expect(complaints).toEqual([]);
}, 600_000);

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious on pages with an alert: ${colorScheme}`, async () => {
    await pages.start({ Laptop: "1" }, "--alert", "sales >= 1");
    for (const path of ["", "graph", "?kiosk&view=graph"]) {
      const { page, complaints } = await pages.open(path, { colorScheme });
      await says(page, "#notices .alert", /^Alert since .*: sales >= 1$/);
      await expectFit(page);
      expect(complaints).toEqual([]);
    }
  });
}
