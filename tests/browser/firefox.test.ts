/** The pages in Firefox: they open, the stream arrives, and the numbers move. */

import { afterAll, beforeAll, expect } from "bun:test";
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
