/** Under which names the dashboard answers: no page of a stranger may read it. */

import { afterAll, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { listen } from "../../../src/dashboard/http/server.ts";
import { type Fed, fedDashboard } from "../fixture.ts";

const open: Fed[] = [];
afterAll(() => {
  for (const { dashboard } of open) dashboard.close();
});

async function statusesOf(args: readonly string[], hosts: readonly string[], path = "/") {
  const fed = await fedDashboard(...args);
  open.push(fed);
  const answers = hosts.map((Host) => fed.dashboard.app.request(path, { headers: { Host } }));
  return (await Promise.all(answers)).map(({ status }) => status);
}

/**
 * The story: a page of evil.example is open in a browser on the machine of the dashboard. Its name
 * gets the address 127.0.0.1, and the browser lets it read what the dashboard answers.
 */
test("a page of a stranger whose name leads to this machine reads nothing", async () => {
  const fed = await fedDashboard();
  open.push(fed);
  fed.feed("Laptop", "1234.50");
  const server = listen(fed.dashboard.app, { host: "127.0.0.1", port: 0, basePath: "/" });
  const ask = (path: string, Host: string) => fetch(server.url + path, { headers: { Host } });
  try {
    for (const path of ["", "graph", "api/totals", "events", "download/totals.csv", "metrics"]) {
      const answer = await ask(path, "evil.example:3000");
      expect([path, answer.status]).toEqual([path, 403]);
      const text = await answer.text();
      expect(text).toContain("does not answer under the name evil.example,");
      expect(text).toContain("--allowed-hosts");
      expect(text).not.toMatch(/Laptop|1234|sales_topic/);
    }
    expect((await ask("api/totals", "localhost:3000")).status).toBe(200);
    for (const probe of ["livez", "readyz"]) {
      expect((await ask(probe, "10.1.2.3:3000")).status).toBe(200);
    }
  } finally {
    await server.stop();
  }
});

/**
 * The story: the address of such a request cannot be read. Reading it threw, also in what makes the
 * page of an error. Bun itself answered 500, and the process had an error that nobody caught.
 */
test.each(["localhost:99999", "localhost:x", "[::1", "a b", "<", "localhost/a", "%"])(
  "a header Host of %s is refused, by probes too",
  async (Host) => {
    const fed = await fedDashboard("--host", "0.0.0.0", "--insecure-listen");
    open.push(fed);
    const server = listen(fed.dashboard.app, { host: "127.0.0.1", port: 0, basePath: "/" });
    try {
      for (const path of ["livez", "", "api/nothing", "login"]) {
        const answer = await fetch(server.url + path, { headers: { Host } });
        expect([Host, answer.status < 500]).toEqual([Host, true]);
        const text = await answer.text();
        if (Host === "localhost:99999") expect(text).toContain("; received localhost:99999.");
      }
    } finally {
      await server.stop();
    }
  },
);

// HAProxy asks so unless told otherwise. /livez was answered 404, and /x/livez 200.
test("a request of HTTP/1.0 needs no Host, and its path is taken as it is", async () => {
  const fed = await fedDashboard();
  open.push(fed);
  const server = listen(fed.dashboard.app, { host: "127.0.0.1", port: 0, basePath: "/" });
  try {
    for (const [path, status] of [
      ["/livez", 200],
      ["/api/v1/totals", 200],
      ["/x/livez", 404],
      ["//x/livez", 404],
    ]) {
      const socket = connect({ host: "127.0.0.1", port: server.port });
      socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
      const [answer] = (await once(socket, "data")) as [Buffer];
      socket.destroy();
      expect([path, answer.toString().split("\r\n")[0]]).toEqual([
        path,
        expect.stringContaining(` ${status} `),
      ]);
    }
  } finally {
    await server.stop();
  }
});

test("no answer names the program that made it, or lets pages of other origins read it", async () => {
  const fed = await fedDashboard();
  open.push(fed);
  const server = listen(fed.dashboard.app, { host: "127.0.0.1", port: 0, basePath: "/" });
  try {
    for (const path of ["", "api/v1/totals", "livez", "nothing", "metrics"]) {
      const { headers } = await fetch(server.url + path, { headers: { Origin: "http://evil" } });
      const names = [...headers.keys()].filter((name) =>
        /^(server|x-powered-by|access-)/.test(name),
      );
      expect([path, names]).toEqual([path, []]);
    }
  } finally {
    await server.stop();
  }
});

describe("on loopback", () => {
  const own = ["localhost", "LocalHost:3000", "localhost.", "127.0.0.1:3000", "[::1]:3000"];
  const strangers = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0"];

  test.each([[], ["--host", "localhost"], ["--host", "::1"]])(
    "%s %s has its own names",
    async (...args) => {
      expect(await statusesOf(args, own)).toEqual(own.map(() => 200));
      expect(await statusesOf(args, strangers)).toEqual(strangers.map(() => 403));
    },
  );

  test("names of a proxy are allowed by --allowed-hosts", async () => {
    const args = ["--allowed-hosts", "Sales.example.com, board,2001:DB8:0::7"];
    const names = ["sales.example.com", "BOARD:80", "[2001:db8::7]:3000", ...own];
    expect(await statusesOf(args, names)).toEqual(names.map(() => 200));
    expect(await statusesOf(args, strangers)).toEqual(strangers.map(() => 403));
  });
});

describe("for other machines", () => {
  test("any name is answered, because the dashboard does not know its own", async () => {
    expect(
      await statusesOf(["--host", "0.0.0.0", "--insecure-listen"], ["board.lan", "10.1.2.3:3000"]),
    ).toEqual([200, 200]);
  });

  test("--allowed-hosts is obeyed", async () => {
    const args = ["--host", "0.0.0.0", "--insecure-listen", "--allowed-hosts", "board.lan"];
    const names = ["board.lan:3000", "localhost:3000", "evil.example"];
    expect(await statusesOf(args, names)).toEqual([200, 200, 403]);
    expect(await statusesOf(args, names, "/livez")).toEqual([200, 200, 200]);
  });
});

test("probes are open under the base path, and nothing else that ends alike", async () => {
  const args = ["--base-path", "/sales"];
  expect(await statusesOf(args, ["evil.example"], "/sales/readyz")).toEqual([200]);
  expect(await statusesOf(args, ["evil.example"], "/readyz")).toEqual([403]);
  expect(await statusesOf(args, ["evil.example"], "/sales/api/livez")).toEqual([403]);
});

test("the name that is repeated is short, and lets nothing through", async () => {
  const fed = await fedDashboard();
  open.push(fed);
  const Host = `<script>${"a".repeat(5_000)}`;
  const answer = await fed.dashboard.app.request("/", { headers: { Host } });
  const text = await answer.text();
  expect(answer.status).toBe(403);
  expect(text).toContain("&lt;script&gt;a");
  expect(text).not.toContain("a".repeat(300));
});

test("the sites that its settings name may show pages in a frame, and nobody else", async () => {
  const policyOf = async (...args: string[]) => {
    const { dashboard } = await fedDashboard(...args);
    const { headers } = await dashboard.app.request("/?kiosk");
    dashboard.close();
    return headers.get("content-security-policy") ?? "";
  };
  const origins = "https://wall.example.com,http://10.0.0.7:8080";
  expect(await policyOf()).toEndWith("; frame-ancestors 'none'");
  expect(await policyOf("--frame-ancestors", origins)).toEndWith(
    "; frame-ancestors https://wall.example.com http://10.0.0.7:8080",
  );
});
