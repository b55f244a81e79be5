/** The boards by dimension, as their readers use them. */

import { expect } from "bun:test";
import { key, total } from "../dashboard/fixture.ts";
import { requirement } from "../support/require.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();

const RULES =
  "product: product; price: price; by store: $.s; by channel: $.c; by region: $.r; by payment_method: $.p";

function sell(store: string, price: string): void {
  pages.fed.boards.get("store")?.view.apply(0, key(store), total(store, price));
  pages.fed.dashboard.changed();
}

test("a board is reached by its key, is live, sorted and searched, and fits a phone", async () => {
  await pages.start({ Laptop: "7" }, "--map", RULES);
  sell("Graz", "5");
  sell("Wien", "4");
  const { page, complaints } = await pages.open("", { viewport: { width: 320, height: 640 } });
  await expectFit(page);
  const links = await page.locator("nav .by").allTextContents();
  expect(links.map((name) => name.trim())).toEqual([
    "Channel",
    "Payment method",
    "Region",
    "Store",
  ]);
  await page.keyboard.press("4");
  await page.waitForURL(/\/by\/store$/);
  await says(page, "#rows tr:first-child", /Graz\s*1\s*\$5\.00/);
  await says(page, "#state", /^Live/);
  await expectFit(page);
  sell("Wien", "9");
  await says(page, "#rows tr:first-child", /Wien\s*1\s*\$9\.00/);
  await page.click("#heads >> text=Store");
  await page.waitForURL(/\/by\/store\?sort=product$/);
  await says(page, "#rows tr:first-child", /Graz/);
  sell("Amstetten", "1");
  await says(page, "#rows tr:first-child", /Amstetten/);
  await page.fill("input[type=search]", "wi");
  await says(page, "#rows", /^(?!.*Graz).*Wien/);
  await page.waitForURL(/q=wi/);
  await page.click("nav >> text=Table");
  await says(page, "#rows", /Laptop/);
  expect(complaints).toEqual([]);
});

// The mark hid a corner of the table: boards break the header into two lines. And four stores stood
// in the small letters of a hundred products, above an empty half of the wall.
test("on a wall, few rows are large and whole, and how fresh they are stands below", async () => {
  await pages.start({ Laptop: "7" }, "--map", RULES);
  const long = "Salzburg Hauptbahnhof Süd, Ebene 2";
  for (const name of ["Graz", "Wien", long]) sell(name, "123456.78");
  const viewport = { width: 1920, height: 1080 };
  const { page } = await pages.open("by/store?kiosk", { viewport });
  await says(page, "#rows", /Salzburg/);
  const [table, state] = await Promise.all(
    ["#table", "#state"].map((name) => page.locator(name).boundingBox()),
  );
  expect(state?.y).toBeGreaterThanOrEqual((table?.y ?? 0) + (table?.height ?? 0));
  const seen = await page.locator("#rows :is(th, td)").evaluateAll((cells) => ({
    small: cells.filter((cell) => Number.parseFloat(getComputedStyle(cell).fontSize) < 24).length,
    cut: cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length,
    right: Math.max(...cells.map((cell) => cell.getBoundingClientRect().right)),
  }));
  expect(seen).toMatchObject({ small: 0, cut: 0 });
  expect(seen.right).toBeLessThanOrEqual((table?.x ?? 0) + (table?.width ?? 0) + 1);
  await expectFit(page);
}, 600_000);
