/** The pages for everyone: zones, themes, languages, guests, and those who see little. */

import { describe, expect } from "bun:test";
import type { Page } from "playwright-core";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const laptop = { "Laptop Pro 14": "97673314.98", Mouse: "1120450.29" };

/** A busy machine must not make the numbers late, which stand still here. */
const AHEAD_MS = 600_000;

const dataset = (page: Page, name: string) => page.getAttribute("html", `data-${name}`);

/** The hour and minute that `zone` has now. */
function clock(zone: string): RegExp {
  const style = { timeZone: zone, hour: "numeric", minute: "2-digit" } as const;
  const parts = new Intl.DateTimeFormat("en", style).formatToParts(pages.fed.source.asOf);
  const of = (type: string) => parts.find((part) => part.type === type)?.value;
  return new RegExp(`${of("hour")}:${of("minute")}:\\d\\d ${of("dayPeriod")}`);
}

describe("time zone", () => {
  test("is the browser's, or the one that was chosen, on all pages", async () => {
    await pages.start(laptop);
    pages.fed.source.asOf = Date.now() + AHEAD_MS;
    const { page } = await pages.open("", { timezoneId: "Asia/Tokyo" });
    await says(page, "#asof", clock("Asia/Tokyo"));
    expect(await page.locator("#zone option:checked").textContent()).toBe("Asia/Tokyo");
    await page.focus("#zone select");
    await page.selectOption("#zone select", "Pacific/Marquesas");
    await says(page, "#asof", clock("Pacific/Marquesas"));
    await page.goto(`${pages.url}graph`);
    await says(page, "#asof", clock("Pacific/Marquesas"));
    expect(await page.inputValue("#zone select")).toBe("Pacific/Marquesas");
    expect(await dataset(page, "tz")).toBe("Pacific/Marquesas");
  });

  test("of the address goes before the chosen one, which it leaves alone", async () => {
    await pages.start(laptop);
    pages.fed.source.asOf = Date.now() + AHEAD_MS;
    const { page } = await pages.open("", { timezoneId: "Asia/Tokyo" });
    await page.selectOption("#zone select", "America/New_York");
    await page.goto(`${pages.url}?tz=Asia/Kathmandu`);
    await says(page, "#asof", clock("Asia/Kathmandu"));
    expect(await page.inputValue("#zone select")).toBe("Asia/Kathmandu");
    await page.click("nav a[href*=graph]");
    await says(page, "#asof", clock("Asia/Kathmandu"));
    await page.goto(pages.url);
    await says(page, "#asof", clock("America/New_York"));
    // Who chooses on such a page means it.
    await page.goto(`${pages.url}?tz=Asia/Kathmandu&lang=en`);
    await page.selectOption("#zone select", "UTC");
    await page.waitForURL(/lang=en.*tz=UTC|tz=UTC.*lang=en/);
    await says(page, "#asof", clock("UTC"));
  });

  test("is chosen without scripts too, and named with each time", async () => {
    await pages.start(laptop);
    const context = await pages.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${pages.url}?lang=de`);
    expect(await page.textContent("#asof")).toMatch(/^\d\d:\d\d:\d\d UTC$/);
    await page.selectOption("#zone select", "Asia/Tokyo");
    await page.click("#zone button");
    expect(await page.textContent("#asof")).toMatch(/^\d\d:\d\d:\d\d Asia\/Tokyo$/);
    expect(page.url()).toContain("lang=de");
  });
});

describe("theme", () => {
  test("of the address goes before the chosen one, which it leaves alone", async () => {
    await pages.start(laptop);
    const { page } = await pages.open("?theme=dark");
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background()).toBe("rgb(11, 14, 19)");
    await page.goto(pages.url);
    expect(await dataset(page, "theme")).toBe("auto");
    await page.goto(`${pages.url}?theme=dark`);
    await page.click("#theme");
    await page.waitForURL(/theme=auto/);
    expect(await background()).toBe("rgb(245, 246, 248)");
  });

  test("is the system's, also when that changes, until one is chosen: for all pages", async () => {
    await pages.start(laptop);
    const { page } = await pages.open("", { colorScheme: "dark" });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background()).toBe("rgb(11, 14, 19)");
    await page.emulateMedia({ colorScheme: "light" });
    expect(await background()).toBe("rgb(245, 246, 248)");
    const button = page.getByRole("button", { name: /^Theme/ });
    await button.click();
    await button.click();
    expect(await button.textContent()).toBe("Theme: dark");
    expect(await background()).toBe("rgb(11, 14, 19)");
    for (const path of ["graph", "product?product=Mouse", "rejected", ""]) {
      await page.goto(pages.url + path);
      expect(await background()).toBe("rgb(11, 14, 19)");
    }
    expect(await button.textContent()).toBe("Theme: dark");
  });
});

describe("language", () => {
  test("of numbers is the reader's; one that is written from the right breaks nothing", async () => {
    await pages.start({ ...laptop, huge: "1000000000000000000000.000001" });
    for (const width of [390, 1440]) {
      const viewport = { width, height: 800 };
      const { page } = await pages.open("?lang=he", { viewport });
      const amount = (await page.textContent("#rows .money")) ?? "";
      expect(amount.replace(/\D/g, "")).toBe(`1${"0".repeat(26)}1`);
      expect(await page.getAttribute("html", "lang")).toBe("en");
      await expectFit(page);
    }
  });
});

describe("masked", () => {
  test("pages and their streams show no amount, and keep the order", async () => {
    await pages.start(laptop);
    const { page, complaints } = await pages.open("?mask");
    const first = () => page.locator("#rows tr").first().locator("th, td").allTextContents();
    const shown = async () => (await first()).map((text) => text.trim());
    expect(await shown()).toEqual([
      "1",
      "Laptop Pro 14",
      "1",
      "•••",
      "1",
      expect.stringContaining("%"),
      "",
      "",
    ]);
    pages.fed.feed("Mouse", "987654321.12", 3n);
    await waitFor(async () => (await shown())[1] === "Mouse", { what: "the other order" });
    expect(await page.textContent(".revenue output")).toBe("•••");
    expect(await page.content()).not.toMatch(/97.?673|987.?654|120.?450/);
    await page.click("nav a[href*=graph]");
    await says(page, "#state", /^Live$/);
    expect(await page.textContent(".revenue output")).toBe("•••");
    expect(complaints).toEqual([]);
  });
});

describe("senses", () => {
  test("nothing moves for those who want it so", async () => {
    await pages.start(laptop);
    const { page } = await pages.open("", { reducedMotion: "reduce" });
    await page.evaluate(() => {
      Element.prototype.animate = () => {
        throw new Error("It moves.");
      };
    });
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    pages.fed.feed("Mouse", "1120451.29");
    await says(page, "#rows tr:nth-child(2) .money", /451/);
    expect(errors).toEqual([]);
  });

  test("colours of the system leave the state and the current page to be seen", async () => {
    await pages.start(laptop);
    const { page } = await pages.open("", { forcedColors: "active" });
    const style = (selector: string, pseudo = "") =>
      page.evaluate(
        ([selector = "", pseudo = ""]) => {
          const element = document.querySelector(selector) as Element;
          const { outlineStyle, backgroundColor } = getComputedStyle(element, pseudo || null);
          return { outlineStyle, backgroundColor };
        },
        [selector, pseudo],
      );
    expect((await style("nav a[aria-current]")).outlineStyle).toBe("solid");
    const lamp = (await style("#state", "::before")).backgroundColor;
    expect(lamp).not.toBe((await style("#state")).backgroundColor);
    await expectFit(page);
  });
});
