/** The state of the connection, and pausing: the view stands still, and the data goes on. */

import { describe, expect } from "bun:test";
import type { Page } from "playwright-core";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { expectFit, says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
const pages = useFedPages();

const revenue = (page: Page) => page.textContent(".revenue output");
const heldBack = (page: Page) => says(page, "#state", /^Paused · [1-9]\d* updates? waiting$/);

/** Waits until the server has sent a board with this price to whoever listens. */
async function published(price: string): Promise<void> {
  pages.fed.feed("Laptop", price);
  await waitFor(
    async () => {
      const totals = (await (await fetch(`${pages.url}api/totals`)).json()) as {
        total: { totalPrice: string };
      };
      return totals.total.totalPrice === `${price}.00`;
    },
    { what: `a board with ${price}` },
  );
}

describe("a paused page", () => {
  test("stands still, counts what it holds back, and then shows the present", async () => {
    await pages.start({ Laptop: "1" });
    const { page, complaints } = await pages.open();
    await page.click("#pause");
    await says(page, "#state", /^Paused · \d+ updates? waiting$/);
    const asOf = await page.getAttribute("#asof", "datetime");
    for (const price of ["2", "3", "4"]) await published(price);
    await heldBack(page);
    expect(await revenue(page)).toBe("$1.00");
    expect(await page.textContent("#rows .money")).toBe("$1.00");
    // The numbers are those of the moment at which it was paused.
    expect(await page.getAttribute("#asof", "datetime")).toBe(asOf);
    expect(await page.textContent("#pause")).toBe("Resume");
    const states = await page.evaluateHandle(() => {
      const seen: string[] = [];
      const state = document.getElementById("state");
      const note = () => seen.push(state?.textContent ?? "");
      if (state) new MutationObserver(note).observe(state, { childList: true, subtree: true });
      return seen;
    });
    await page.keyboard.press("p");
    await says(page, "#state", /^Live$/);
    await says(page, ".revenue output", /^\$4\.00$/);
    await published("5");
    await says(page, ".revenue output", /^\$5\.00$/);
    // The stream is opened anew for that, which is nobody's concern.
    expect((await states.jsonValue()).filter((text) => !/^(Paused|Live)/.test(text))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("draws nothing on the graph", async () => {
    await pages.start({ Laptop: "1" });
    const { page } = await pages.open("graph");
    const draws = await page.evaluateHandle(() => {
      const { Chart } = globalThis as unknown as { Chart: { prototype: { update(): void } } };
      const { update } = Chart.prototype;
      const counter = { count: 0 };
      Chart.prototype.update = function (...args) {
        counter.count++;
        return update.apply(this, args);
      };
      return counter;
    });
    const count = () => draws.evaluate((counter) => counter.count);
    await published("2");
    await waitFor(async () => (await count()) > 0, { what: "a drawing" });
    await page.keyboard.press("Space");
    await says(page, "#state", /^Paused/);
    // A drawing that was asked for before comes with the next frame.
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const before = await count();
    await published("3");
    await published("4");
    await heldBack(page);
    expect(await count()).toBe(before);
    await page.keyboard.press("Space");
    await waitFor(async () => (await count()) > before, { what: "a drawing" });
    await says(page, ".revenue output", /^\$4\.00$/);
  });

  test("stays paused while the server is started again, and says what it does", async () => {
    await pages.start({ Laptop: "1" });
    const { page } = await pages.open();
    await page.click("#pause");
    await pages.stop();
    await says(page, "#state", /^Paused · \d+ updates? waiting · Reconnecting, as of \d/);
    await pages.start({ Laptop: "2" });
    await heldBack(page);
    expect(await revenue(page)).toBe("$1.00");
    await page.click("#pause");
    await says(page, ".revenue output", /^\$2\.00$/);
    await says(page, "#state", /^Live$/);
  }, 600_000);

  test("goes on by itself once there is a server, when it was told so before", async () => {
    await pages.start({ Laptop: "1" });
    const { page } = await pages.open();
    await page.click("#pause");
    await pages.stop();
    await says(page, "#state", /Reconnecting/);
    await page.click("#pause");
    await says(page, "#state", /^Reconnecting/);
    await pages.start({ Laptop: "2" });
    await says(page, ".revenue output", /^\$2\.00$/);
    await says(page, "#state", /^Live$/);
  }, 600_000);
});

describe("the state", () => {
  test("says by how much the numbers are late, and tells it to screen readers without", async () => {
    await pages.start({ Laptop: "1" });
    const { page } = await pages.open();
    pages.fed.source.asOf = Date.now() - 6_000;
    await says(page, "#state", /^Delayed by \d+ s$/);
    expect(await page.textContent("[role=status]")).toBe("Delayed");
    const live = "output, [role=status], [aria-live]";
    // The banner of a topic that no rule fits is one too, and has nothing to say here.
    const told = page.locator(`:is(${live}):not([aria-live=off], #misfit)`);
    expect(await told.count()).toBe(1);
    pages.fed.source.asOf = undefined;
    await says(page, "#state", /^Live$/);
  }, 600_000);

  // A laptop without a network is offline, and its own server is there all the same.
  test("is live while numbers come, whatever the browser says of its network", async () => {
    await pages.start({ Laptop: "1" });
    const { page } = await pages.open();
    // In one step, because the next number makes the page live again.
    const state = await page.evaluate(() => {
      Object.defineProperty(navigator, "onLine", { value: false });
      dispatchEvent(new Event("offline"));
      return document.querySelector("#state")?.textContent;
    });
    expect(state).toMatch(/^Offline/);
    await says(page, "#state", /^Live$/);
    await pages.stop();
    await says(page, "#state", /^Offline/);
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`can be read whatever it is, and so can the numbers beside it: ${colorScheme}`, async () => {
      await pages.start({ Laptop: "1" });
      const { page } = await pages.open("", { colorScheme });
      const states = {
        restoring: /^Catching up, as of/,
        stale: /^Not updating since/,
        live: /^Live$/,
      };
      for (const [state, text] of Object.entries(states)) {
        const next = state as keyof typeof states;
        pages.fed.source.status = { ...pages.fed.source.status, state: next };
        await says(page, "#state", text);
        await expectFit(page);
      }
      await page.click("#pause");
      await says(page, "#state", /^Paused/);
      await expectFit(page);
      await pages.stop();
      await says(page, "#state", /Reconnecting/);
      await expectFit(page);
    }, 600_000);
  }

  // A tab in the background closes its stream; what it shows then is old, and it must not say else.
  test("is live with the present when a hidden tab is shown again", async () => {
    await pages.start({ Laptop: "1" });
    const { page, complaints } = await pages.open();
    const show = (isShown: boolean) =>
      page.evaluate((isShown) => {
        Object.defineProperty(document, "hidden", { value: !isShown, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, isShown);
    const streams = async () => {
      const metrics = await (await fetch(`${pages.url}metrics`)).text();
      return Number(/^salesboard_dashboard_streams (\d+)/m.exec(metrics)?.[1]);
    };
    await show(false);
    await waitFor(async () => (await streams()) === 0, { what: "the stream to be closed" });
    await published("2");
    expect(await revenue(page)).toBe("$1.00");
    await show(true);
    await says(page, ".revenue output", /^\$2\.00$/);
    await says(page, "#state", /^Live$/);
    expect(await streams()).toBe(1);
    expect(complaints).toEqual([]);
  }, 600_000);
});
