/** A graph that is left open for hours: thousands of updates, a second of its time each. */

import { afterEach, expect, setSystemTime } from "bun:test";
import type { CDPSession, Page } from "playwright-core";
import { publish, snapshot } from "../../src/dashboard/fragments/publish.ts";
import { type App, listen, type Server } from "../../src/dashboard/http/server.ts";
import { parseLook } from "../../src/dashboard/look/look.ts";
import { Hub } from "../../src/dashboard/stream/hub.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { type Fed, fedDashboard, key, sceneOf, total } from "../dashboard/fixture.ts";
import { PastWriter } from "../dashboard/past-writer.ts";
import { complaintsOf } from "../support/browser.ts";
import { momentAt } from "../support/clock.ts";
import { quietLog } from "../support/context.ts";
import { requirement } from "../support/require.ts";
import { waitFor } from "../support/wait.ts";
import { says, useFedPages } from "./fed-pages.ts";

const test = requirement("chromium");
/** Several windows, so that each of their slots is used again, and the browser has compiled all. */
const WARM_UP_UPDATES = 5_000;
const UPDATES = 5_000;
/** Updates that are on their way: more would wait in sockets. */
const AHEAD_MAX = 20;
/** What the browser compiles and measures meanwhile is less than half of it. */
const GROWTH_BYTES_MAX = 256 * 1024;
const names = ["Laptop", "Mouse", "Cable"];

const pages = useFedPages();
let fed: Fed;
let server: Server;
let live: FastLive;

afterEach(async () => {
  setSystemTime();
  live?.hub.close();
  fed?.dashboard.close();
  await server?.stop();
});

/** What the dashboard sends, by its own code, but as fast as it is read and with time made up. */
class FastLive {
  readonly hub: Hub;
  readonly #scene = sceneOf(fed.view, fed.past);
  readonly #writer = new PastWriter(fed.past, 0, names);
  #updates = 0;

  /** `build`: of the pages, which load anew when another one is told. */
  constructor(build: string) {
    this.hub = new Hub({
      snapshot: (look) => snapshot(this.#scene(), look),
      heartbeat: () => {
        const t = Date.now();
        return JSON.stringify({ t, state: "live", asOf: t, sales: null, build });
      },
      clock: systemClock,
      log: quietLog,
      streamsMax: 10,
    });
  }

  /** One second passes, in which each product sells. */
  update(): void {
    const n = ++this.#updates;
    setSystemTime(Date.now() + 1_000);
    const second = Math.floor(Date.now() / 1000);
    for (const [id, name] of names.entries()) {
      this.#writer.sell(id, second, 1 + ((n * (id + 3)) % 50));
      fed.view.apply(0, key(name), total(name, String(n * (id + 1)), BigInt(n)));
    }
    this.#writer.commit();
    const { hub } = this;
    const now = momentAt(Date.now());
    publish({ view: fed.view, status: fed.source.status, hub, currentScene: this.#scene, now });
    hub.beat();
  }
}

async function start(): Promise<void> {
  fed = await fedDashboard();
  const html = await (await fed.dashboard.app.request("/graph")).text();
  live = new FastLive(/data-build="(\w+)"/.exec(html)?.[1] ?? "");
  const app: App = {
    fetch: (request, support) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname !== "/events") return fed.dashboard.app.fetch(request, support);
      support.keepOpen?.();
      const body = live.hub.subscribe(parseLook(searchParams, "en"), support.openStream);
      return new Response(body ?? null, { headers: { "Content-Type": "text/event-stream" } });
    },
  };
  server = listen(app, { host: "127.0.0.1", port: 0, basePath: "/" });
}

async function open() {
  const page = await (await pages.newContext()).newPage();
  const complaints = complaintsOf(page);
  await page.goto(`${server.url}graph?window=15m`);
  await says(page, "#state", /^Live/);
  return { page, complaints };
}

/** Counts what the page is told, and what it draws. */
const counting = (page: Page) =>
  page.evaluateHandle(() => {
    const { Chart } = globalThis as unknown as { Chart: { prototype: { update(): void } } };
    const { update } = Chart.prototype;
    const counts = { updates: 0, messages: 0, draws: 0, frames: 0 };
    Chart.prototype.update = function (...args) {
      counts.draws++;
      return update.apply(this, args);
    };
    const countFrame = () => {
      counts.frames++;
      requestAnimationFrame(countFrame);
    };
    requestAnimationFrame(countFrame);
    const stream = document.getElementById("stream");
    stream?.addEventListener("history", () => counts.updates++);
    for (const name of ["history", "hb"]) stream?.addEventListener(name, () => counts.messages++);
    return counts;
  });

async function heapOf(session: CDPSession): Promise<{ bytes: number; nodes: number }> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize: bytes } = await session.send("Runtime.getHeapUsage");
  const { nodes } = await session.send("Memory.getDOMCounters");
  return { bytes, nodes };
}

// Graphs that were left open have grown until the browser ended them. This one remembered, by
// Chart.js's stacks, each second that it had ever drawn: 80 bytes of it, 50 MB in a week.
test("a graph that is left open does not grow, and draws once for an update at most", async () => {
  await start();
  const { page, complaints } = await open();
  const counts = await counting(page);
  const session = await page.context().newCDPSession(page);
  const told = async () => (await counts.jsonValue()).updates;
  const run = async (updates: number) => {
    const before = await told();
    for (let sent = 1; sent <= updates; sent++) {
      live.update();
      if (sent % AHEAD_MAX > 0 && sent < updates) continue;
      const isTold = async () => (await told()) - before >= sent;
      await waitFor(isTold, { what: `update ${sent} of ${updates}`, pollMs: 5 });
    }
  };
  await run(WARM_UP_UPDATES);
  const before = await heapOf(session);
  await run(UPDATES);
  const after = await heapOf(session);
  expect(complaints).toEqual([]);
  const { updates, messages, draws, frames } = await counts.jsonValue();
  console.log(
    `${updates} updates, ${draws} drawings in ${frames} frames; ` +
      `heap ${before.bytes} → ${after.bytes} bytes, ${before.nodes} → ${after.nodes} nodes`,
  );
  expect(after.bytes - before.bytes).toBeLessThan(GROWTH_BYTES_MAX);
  expect(after.nodes).toBeLessThanOrEqual(before.nodes * 1.1);
  expect(draws).toBeGreaterThan(10);
  expect(draws).toBeLessThanOrEqual(messages + 1);
  expect(draws).toBeLessThanOrEqual(frames + 1);
  // Each update has a bound of its own, and a busy machine took 900 s for half of them.
}, 86_400_000);
