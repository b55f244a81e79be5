/** `top` beside a dashboard that is one HTTP server with a stream. */

import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type ServerResponse } from "node:http";
import { hashOfToken } from "../../src/dashboard/access/tokens.ts";
import { listen } from "../../src/dashboard/http/server.ts";
import type { Terminal } from "../../src/top/terminal.ts";
import { runTop } from "../../src/top/top.ts";
import { fedDashboard, key, total } from "../dashboard/fixture.ts";
import { closeGated, fileOf, gatedBy } from "../dashboard/gated.ts";
import { configOf } from "../support/context.ts";
import { waitFor } from "../support/wait.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const hb = 'event: hb\ndata: {"t":1,"asOf":null,"state":"live"}\n\n';
const totals = (sales: number) =>
  `event: totals\ndata: [{"product":"Kite","totalQuantity":1,"totalPrice":"17.25","sales":${sales}}]\n\n`;

/** `open`: the streams, in the order in which they were opened. */
async function dashboardOf(start: string) {
  const open: ServerResponse[] = [];
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(start);
    open.push(response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { open, url: `http://127.0.0.1:${port}` };
}

function screen(isTty: boolean) {
  const closed = new AbortController();
  let written = "";
  let press = (_: string) => {};
  const terminal: Terminal = {
    isTty,
    hasColours: false,
    size: () => ({ columns: 60, lines: 10 }),
    waiting: () => 0,
    close: () => closed.abort(),
    write: (text) => {
      written += text;
    },
    listen: ({ key }) => {
      press = key;
      return () => {};
    },
    suspend: () => {},
    signal: closed.signal,
  };
  return { terminal, closed, written: () => written, press: (key: string) => press(key) };
}

const top = (url: string, ...args: string[]) => configOf("top", "--url", url, ...args);

describe("once", () => {
  test("prints the board, or each message as it came", async () => {
    const { url } = await dashboardOf(hb + totals(3));
    const table = screen(false);
    expect(await runTop(top(url, "--once"), table.terminal)).toBe(0);
    expect(table.written()).toMatch(
      /^Salesboard: live, 1 product, all time\n\nproduct.*\nKite .* 17\.25\n/,
    );
    const json = screen(false);
    await runTop(top(url, "--once", "--json"), json.terminal);
    const lines = json.written().trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(["hb", "totals"]);
  });

  test("prints the board that the address asks for", async () => {
    const { url } = await dashboardOf(hb + totals(3));
    const { terminal, written } = screen(false);
    await runTop(top(`${url}?by=store`, "--once"), terminal);
    expect(written()).toMatch(
      /^Salesboard: live, 1 row by store, all time\n\nstore .*\nKite .* 17\.25\n/,
    );
  });

  // Only an address could name a board: --by was no option, and a refusal was a bare number.
  test("prints the board of --by, or what the dashboard says against it", async () => {
    const rules = "product: product; price: price; by store: $.store";
    const fed = await fedDashboard("--map", rules);
    const view = fed.boards.get("store")?.view;
    view?.apply(0, key("Graz"), total("Graz", "17.25"));
    const { app, changed } = fed.dashboard;
    changed();
    const shown = async () => (await app.request("/api/totals?by=store")).text();
    await waitFor(async () => (await shown()).includes("Graz"), { what: "the board by store" });
    const server = listen(app, { host: "127.0.0.1", port: 0, basePath: "/" });
    const once = async (url: string, ...args: string[]) => {
      const { terminal, written } = screen(false);
      await runTop(top(url, "--once", ...args), terminal);
      return written();
    };
    try {
      for (const url of [server.url, `${server.url}?by=nothing`]) {
        expect(await once(url, "--by", "store")).toMatch(
          /1 row by store, all time\n\nstore .*\nGraz .* 17\.25\n/,
        );
      }
      expect(await once(server.url, "--by", "store", "--json")).toContain('"product":"Graz"');
      await expect(once(server.url, "--by", "till")).rejects.toThrow(
        'it answers 400: Cannot show this page: by is "till". The mapping of this dashboard has store.',
      );
    } finally {
      await server.stop();
      fed.dashboard.close();
    }
  }, 600_000);

  // It asked without a login, so that nobody could look at a dashboard that has users or tokens.
  test("shows a token to a dashboard that asks for a login", async () => {
    const line = `till:${hashOfToken("sb_x")}:viewer:never\n`;
    const { fed } = await gatedBy("--tokens", fileOf(line));
    const server = listen(fed.dashboard.app, { host: "127.0.0.1", port: 0, basePath: "/" });
    const once = async (...args: string[]) => {
      const { terminal, written } = screen(false);
      await runTop(top(server.url, "--once", ...args), terminal);
      return written();
    };
    try {
      expect(await once("--dashboard-token", "sb_x")).toMatch(/^Laptop .* 1234\.50$/m);
      await expect(once()).rejects.toThrow("it asks for a login: give a token with");
      await expect(once("--dashboard-token", "sb_y")).rejects.toThrow("it refuses the token of");
    } finally {
      await server.stop();
      closeGated();
    }
  });

  test("says why there is no board", async () => {
    const { terminal } = screen(false);
    await expect(runTop(top("http://127.0.0.1:9", "--once"), terminal)).rejects.toThrow(
      "Cannot show the board of http://127.0.0.1:9/api/v1/events: ",
    );
  });
});

describe("live", () => {
  test("draws what changes, comes back after a loss, and ends with q", async () => {
    const { open, url } = await dashboardOf(hb + totals(3));
    const { terminal, written, press } = screen(true);
    const running = runTop(top(url), terminal);
    await waitFor(() => /Kite +1 +3 /.test(written()), { what: "the first board" });
    open[0]?.write(totals(4));
    await waitFor(() => /Kite +1 +4 /.test(written()), { what: "the change" });
    open[0]?.end();
    await waitFor(() => written().includes("No connection to"), { what: "the loss to be told" });
    await waitFor(() => open.length === 2, { what: "the next stream" });
    press("q");
    expect(await running).toBe(0);
    expect(written()).toEndWith("\u001b[?25h\u001b[?1049l");
  });

  // Rows below the edge could not be seen, and of two keys that came at once neither was known.
  test("keys move through the rows, and choose the order", async () => {
    const entries = Array.from({ length: 20 }, (_, i) => {
      const name = `P${String(i + 1).padStart(2, "0")}`;
      return `{"product":"${name}","totalQuantity":${i},"totalPrice":"${100 - i}.00","sales":${i % 7}}`;
    });
    const { url } = await dashboardOf(`${hb}event: totals\ndata: [${entries.join(",")}]\n\n`);
    const { terminal, written, press } = screen(true);
    const running = runTop(top(url), terminal);
    const last = () => written().split("\u001b[H").at(-1) ?? "";
    const inView = () =>
      last()
        .match(/^P\d\d/gm)
        ?.map((name) => Number(name.slice(1)));
    const from = (first: number) => Array.from({ length: 6 }, (_, i) => first + i);
    await waitFor(() => inView()?.length === 6, { what: "the first board" });
    expect(inView()).toEqual(from(1));
    for (const [keys, first] of [
      ["\u001b[B", 2],
      ["jj\u001b[B", 5],
      ["\u001b[6~", 11],
      ["k\u001bOA", 9],
      ["G", 15],
      [" ", 15],
      ["b", 9],
      ["\u001b[H", 1],
      ["\u001b[A", 1],
    ] as const) {
      press(keys);
      expect([keys, inView()]).toEqual([keys, from(first)]);
    }
    press("j");
    expect(last()).toContain("all 20 products (2 to 7)");
    press("s");
    expect(last()).toContain("units↓");
    expect(inView()).toEqual([20, 19, 18, 17, 16, 15]);
    press("s");
    expect(inView()).toEqual([7, 14, 6, 13, 20, 5]);
    press("s");
    expect(last()).toContain("product↑");
    expect(inView()).toEqual(from(1));
    press("xjq");
    expect(await running).toBe(0);
  });

  // It forgot the board, and said that all products had sold nothing: 0.00.
  test("keeps its numbers while there is no connection, and says none before there are any", async () => {
    const { open, url } = await dashboardOf(hb);
    const { terminal, written, press } = screen(true);
    const running = runTop(top(url), terminal);
    const last = () => written().split("\u001b[H").at(-1) ?? "";
    await waitFor(() => last().includes("Salesboard: live"), { what: "a heartbeat" });
    expect(last()).not.toMatch(/all products|0\.00/);
    open[0]?.write(totals(3));
    await waitFor(() => /Kite +1 +3 /.test(last()), { what: "the board" });
    open[0]?.end();
    await waitFor(() => last().includes("No connection to"), { what: "the loss to be told" });
    expect(last()).toMatch(/all products +1 +3 +17\.25/);
    await waitFor(() => open.length === 2, { what: "the next stream" });
    // A dashboard that starts says only how it is for a while, and was still called lost.
    await waitFor(() => last().includes("Salesboard: live"), { what: "its first heartbeat" });
    expect(last()).toMatch(/all products +1 +3 +17\.25/);
    open[1]?.write(totals(4).replace("Kite", "Tent"));
    await waitFor(() => /Tent +1 +4 /.test(last()), { what: "the next board" });
    expect(last()).toContain("Salesboard: live, 1 product");
    press("q");
    await running;
  });

  test("needs a terminal, and ends with it", async () => {
    const { url } = await dashboardOf(hb);
    await expect(runTop(top(url), screen(false).terminal)).rejects.toThrow("--once");
    const { terminal, closed } = screen(true);
    const running = runTop(top(url), terminal);
    closed.abort();
    expect(await running).toBe(0);
  });

  test("as JSON, it is a line for each message until nobody reads", async () => {
    const { url } = await dashboardOf(hb + totals(1));
    const { terminal, closed, written } = screen(false);
    const running = runTop(top(url, "--json"), terminal);
    await waitFor(() => written().split("\n").length === 3, { what: "two lines" });
    closed.abort();
    expect(await running).toBe(0);
    expect(JSON.parse(written().split("\n")[1] ?? "")).toMatchObject({ event: "totals" });
  });
});
