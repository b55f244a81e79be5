/** The pages in Firefox: they open, the stream arrives, and the numbers move. */

import { afterAll, beforeAll, expect } from "bun:test";
import { listen } from "../../src/dashboard/http/server.ts";
import { key, total } from "../dashboard/fixture.ts";
import { closeGated, gated, right } from "../dashboard/gated.ts";
import { Runs, totalsWhen } from "../support/board.ts";
import { type Firefox, launchFirefox } from "../support/firefox.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";

const test = requirement("firefox");
const runs = new Runs();
let firefox: Firefox;

beforeAll(async () => {
  if (test.name !== "skip") firefox = await launchFirefox();
}, 600_000);
afterAll(async () => {
  await firefox?.close();
  await runs.end();
});

const says = (selector: string, pattern: RegExp) =>
  waitFor(async () => pattern.exec(await firefox.text(selector)), {
    what: `${selector} to say ${pattern}`,
  });

test("the table and the graph are live, pause, and go on", async () => {
  const run = runs.start(["--port", "0", "--seed", "1", "--rate", "50"]);
  const url = await run.url();
  await totalsWhen(run, ({ total }) => total.sales > 0);
  for (const path of ["/", "/graph"]) {
    await firefox.open(url + path);
    await says("#state", /^Live$/);
    await says(".revenue output", /\d/);
    const before = await firefox.text(".sales output");
    const moves = async () => (await firefox.text(".sales output")) !== before;
    await waitFor(moves, { what: "the numbers to move" });
    await firefox.press("p");
    await says("#state", /^Paused · [1-9]\d* updates? waiting$/);
    const paused = await firefox.text(".sales output");
    await says("#state", /^Paused · [1-9]\d+ updates waiting$/);
    expect(await firefox.text(".sales output")).toBe(paused);
    await firefox.press("p");
    await says("#state", /^Live$/);
    await waitFor(async () => (await firefox.text(".sales output")) !== paused, {
      what: "the present",
    });
  }
  await says("#time-legend", /\w/);
}, 600_000);

test("a login leads to a wall by store, and from there the keys lead to every page", async () => {
  const rules = "product: product; price: price; by store: $.store";
  const { fed } = await gated("--map", rules, "--alert", "sales >= 1");
  const server = listen(fed.dashboard.app, { host: "127.0.0.1", port: 0, basePath: "/" });
  const sell = (price: string) => {
    fed.boards.get("store")?.view.apply(0, key("Graz"), total("Graz", price));
    fed.dashboard.changed();
  };
  const isAt = (path: string) =>
    waitFor(async () => (await firefox.address()).endsWith(path), { what: `the page ${path}` });
  sell("5");
  try {
    await firefox.open(`${server.url}by/store?kiosk`);
    await says("form.login", /./);
    // The name has the focus; Tab leads to the password.
    await firefox.type(`${right.name}\ue004${right.password}\ue007`);
    await isAt("/by/store?kiosk");
    await says("#state", /^Live$/);
    await says("#rows", /Graz\s*1\s*\$5\.00/);
    sell("6");
    await says("#rows", /Graz\s*1\s*\$6\.00/);
    await firefox.open(`${server.url}by/store`);
    await says("#state", /^Live$/);
    for (const [pressed, path, selector, pattern] of [
      ["d", "/rejected", "h1", /Rejected records/],
      ["g", "/graph", ".rules .firing", /sales >= 1\s*Firing/],
      ["1", "/by/store", "#rows", /Graz/],
      ["t", "/", "#rows", /Laptop/],
    ] as const) {
      await firefox.press(pressed);
      await isAt(path);
      await says(selector, pattern);
      await says("#state", /^Live$/);
    }
  } finally {
    await server.stop();
    closeGated();
  }
}, 600_000);
