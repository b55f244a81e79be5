/** A page on paper. */

import { expect } from "bun:test";
import { requirement } from "../support/require.ts";
import { useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const products = Object.fromEntries(
  Array.from({ length: 45 }, (_, i) => [`Product ${i + 1}`, `${100 - i}.50`]),
);
/** A4 with margins, in pixels of CSS. */
const sheet = { width: 718, height: 1_046 };

test.each(["", "graph", "product?product=Product+1", "rejected"])(
  "is light and whole, says of when it is, and has nothing to press: /%s",
  async (path) => {
    await pages.start(products);
    const { page, complaints } = await pages.open(path, { viewport: sheet, colorScheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    // As the browser does before it prints.
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const seen = await page.evaluate(() => {
      const { color, backgroundColor } = getComputedStyle(document.body);
      const asOf = document.getElementById("asof") as HTMLTimeElement;
      const widest = document.documentElement.scrollWidth;
      return { color, backgroundColor, widest, date: getComputedStyle(asOf, "::after").content };
    });
    const [red = 255] = (seen.color.match(/\d+/g) ?? []).map(Number);
    expect(red).toBeLessThan(100);
    expect(seen.backgroundColor).toBe("rgba(0, 0, 0, 0)");
    expect(seen.date).toMatch(/\d{4}-\d\d-\d\dT/);
    expect(seen.widest).toBeLessThanOrEqual(sheet.width);
    const pressed = page.locator("header nav, button, summary, select, input, dialog");
    expect(await pressed.filter({ visible: true }).count()).toBe(0);
    for (const shown of [".tiles", "#asof", "#source"]) {
      expect(await page.locator(shown).isVisible()).toBe(true);
    }
    // As wide as a narrow screen, which shows the sign alone, it had no name.
    const { width = 0 } = (await page.locator(".brand").boundingBox()) ?? {};
    expect(width).toBeGreaterThan(60);
    // Folded, it was an empty box.
    expect(await page.locator("details.technical").filter({ visible: true }).count()).toBe(0);
    expect(complaints).toEqual([]);
  },
);

test("has every row of the table, on as many sheets as they need", async () => {
  await pages.start(products);
  const { page } = await pages.open("", { viewport: sheet });
  await page.emulateMedia({ media: "print" });
  const rows = page.locator("#rows tr");
  expect(await rows.count()).toBe(45);
  expect(await rows.filter({ visible: true }).count()).toBe(45);
  const text = Buffer.from(await page.pdf({ format: "A4" })).toString("latin1");
  expect(text.match(/\/Type \/Page\b/g)?.length).toBe(2);
});

test("has the whole chart, and the screen has its own again", async () => {
  await pages.start(products);
  const { page } = await pages.open("graph", { viewport: { width: 1_920, height: 1_080 } });
  const width = () => page.locator("#time").evaluate((canvas) => canvas.clientWidth);
  const before = await width();
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  expect(await width()).toBeLessThanOrEqual(sheet.width);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  expect(await width()).toBe(before);
  await page.emulateMedia({ media: "print" });
  for (const shown of ["#time", "#bars"]) {
    expect(await page.locator(shown).isVisible()).toBe(true);
  }
});
