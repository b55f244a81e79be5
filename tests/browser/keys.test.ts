/** The pages by keyboard alone. */

import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { requirement } from "../support/require.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();
const laptop = { "Laptop Pro 14": "97673314.98", Mouse: "1120450.29" };

/** More than any page has. */
const stopsMax = 100;

/** What has the focus, and whether one sees that; "" when nothing has it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    if (element === document.body) return "";
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const isMarked = outlineStyle !== "none" && outlineWidth !== "0px";
    const name = element.id || element.getAttribute("name") || element.textContent?.trim();
    return `${name}${isMarked ? "" : " unmarked"}`;
  });
}

test("press what says that they are its own", async () => {
  await pages.start(laptop);
  const { page } = await pages.open();
  await page.keyboard.press("g");
  await page.waitForURL(/graph$/);
  await says(page, "#state", /^Live$/);
  await page.keyboard.press("t");
  await page.waitForURL((url) => !url.pathname.includes("graph"));
  await page.keyboard.press("d");
  await page.waitForURL(/rejected$/);
  await says(page, "nav [aria-current]", /^Rejected$/);
  await page.keyboard.press("?");
  expect(await page.locator("#help").isVisible()).toBe(true);
  await expectFit(page);
  await page.keyboard.press("p");
  await page.keyboard.press("Escape");
  expect(await page.locator("#help").isVisible()).toBe(false);
  expect(await page.textContent("#state")).not.toContain("Paused");
});

test("do nothing while somebody types, holds another key, or has switched them off", async () => {
  await pages.start(laptop);
  const { page } = await pages.open();
  const isPaused = async () => (await page.textContent("#state"))?.includes("Paused");
  await page.evaluate(() => {
    const input = Object.assign(document.createElement("input"), { id: "own" });
    document.querySelector("main")?.append(input);
  });
  await page.focus("#own");
  await page.keyboard.type("p g?");
  expect(await page.inputValue("#own")).toBe("p g?");
  await page.focus("#zone select");
  await page.keyboard.press("p");
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press("Control+p");
  await page.keyboard.press("Alt+p");
  // It presses the button that has the focus, and that once.
  await page.focus("#theme");
  await page.keyboard.press("Space");
  expect(await page.textContent("#theme")).toContain("light");
  expect(await isPaused()).toBe(false);
  await page.goto(`${pages.url}graph`);
  await page.click(".picks summary");
  await page.focus(".picks input[value=Mouse]");
  await page.keyboard.press("Space");
  expect(await page.isChecked(".picks input[value=Mouse]")).toBe(true);
  expect(await isPaused()).toBe(false);
  await page.keyboard.press("?");
  await page.click("#single");
  await page.keyboard.press("Escape");
  await page.keyboard.press("p");
  expect(await isPaused()).toBe(false);
  await page.reload();
  await says(page, "#state", /^Live$/);
  await page.keyboard.press("p");
  expect(await isPaused()).toBe(false);
  await page.click("#keys");
  expect(await page.isChecked("#single")).toBe(false);
});

// A menu stayed open above the table until somebody pressed its button again.
test("open a menu and leave it: by Escape, by Tab, or by a press elsewhere", async () => {
  await pages.start(laptop);
  const { page } = await pages.open();
  const menu = page.locator(".export");
  const isOpen = async () => (await menu.getAttribute("open")) !== null;
  const open = async () => {
    await page.focus(".export summary");
    await page.keyboard.press("Enter");
    expect(await isOpen()).toBe(true);
  };
  await open();
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("CSV");
  await page.keyboard.press("Escape");
  expect(await isOpen()).toBe(false);
  expect(await focused(page)).toBe("Export");
  await open();
  for (let i = 0; i < 4; i++) await page.keyboard.press("Tab");
  expect(await isOpen()).toBe(false);
  await open();
  await page.click("h2 >> nth=0");
  expect(await isOpen()).toBe(false);
});

for (const path of ["", "graph", "product?product=Mouse", "rejected", "by/store"]) {
  test(`reach all of ${path || "the table"} and leave it again, visibly`, async () => {
    await pages.start(laptop, "--map", "product: product; price: price; by store: $.store");
    const { page } = await pages.open(path);
    const reached: string[] = [];
    for (let i = 0; i < stopsMax; i++) {
      await page.keyboard.press("Tab");
      const stop = await focused(page);
      if (stop === "" || stop === reached[0]) break;
      reached.push(stop);
    }
    expect(reached.filter((name) => name.endsWith("unmarked"))).toEqual([]);
    const common = ["Table", "Graph", "Store", "Rejected", "pause"];
    expect(reached).toEqual(expect.arrayContaining(common));
    expect(reached.length).toBeLessThan(stopsMax);
    await page.reload();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the numbers");
    expect(await page.locator(".skip").isVisible()).toBe(true);
    await page.keyboard.press("Enter");
    expect(await focused(page)).toStartWith("main");
  });
}
