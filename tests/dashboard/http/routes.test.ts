import { afterAll, describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { waitFor } from "../../support/wait.ts";
import { type Fed, fedDashboard } from "../fixture.ts";
import { StreamClient } from "../stream.ts";

const open: Fed[] = [];

interface ApiAlerts {
  alerts: { rule: string; state: string; value: string | null; threshold: string }[];
}

async function start(...args: string[]): Promise<Fed> {
  const fed = await fedDashboard(...args);
  open.push(fed);
  return fed;
}

afterAll(() => {
  for (const { dashboard } of open) dashboard.close();
});

const get = ({ dashboard }: Fed, path: string, init?: RequestInit) =>
  dashboard.app.request(path, init);

/** Boards are published at most every 100 ms. */
function shown(fed: Fed, products: number): Promise<boolean> {
  return waitFor(() => fed.view.board.rows.length === products, { what: `${products} products` });
}

describe("createApp", () => {
  test.each(["/", "/index.html", "/graph", "/graph.html", "/rejected", "/dead-letters"])(
    "answers %s with a page",
    async (path) => {
      const response = await get(await start(), path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(await response.text()).toContain("<title>");
    },
  );

  test.each([
    ["/", "GET"],
    ["/events", "HEAD"],
    ["/api/totals", "GET"],
    ["/api/alerts", "GET"],
    ["/livez", "GET"],
    ["/readyz", "GET"],
    ["/metrics", "GET"],
    ["/nothing", "GET"],
    ["/api/nothing", "GET"],
    ["/", "POST"],
  ])("sends the security headers with %s %s", async (path, method) => {
    const { headers } = await get(await start(), path, { method });
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toStartWith("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("content-type")).toMatch(/^\S+;(?: \S+;)* ?charset=utf-8/i);
  });

  test("answers /api/totals digit by digit", async () => {
    const fed = await start();
    fed.source.asOf = Date.now();
    const big = 123456789012345678901234567890n;
    fed.feed("Laptop", "1000000000000000000000.00", big);
    await shown(fed, 1);
    const response = await get(fed, "/api/totals");
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    const asOf = new Date(fed.source.asOf).toISOString();
    const figures = `"totalQuantity":${big},"totalPrice":"1000000000000000000000.00"`;
    const totals = `${figures},"sales":${big},"returns":0`;
    expect(await response.text()).toBe(
      `{"asOf":"${asOf}","currency":"USD","products":[{"product":"Laptop",${totals}}],` +
        `"total":{${totals}},"filtered":0,"deadLetters":0}`,
    );
  });

  // It gave the time of the source, which may have read more than the board shows.
  test("answers /api/totals with the time of the totals, not of the answer", async () => {
    const fed = await start();
    const asOf = Date.now();
    fed.source.asOf = asOf;
    fed.feed("a", "1");
    await shown(fed, 1);
    fed.source.asOf = asOf + 50;
    const answered = async () => {
      const totals = (await (await get(fed, "/api/totals")).json()) as { asOf: string };
      return Date.parse(totals.asOf);
    };
    expect(await answered()).toBe(asOf);
    fed.dashboard.changed();
    await waitFor(async () => (await answered()) === asOf + 50, { what: "the later time" });
  });

  test("answers /readyz with the reasons until it is ready, and /livez always", async () => {
    const fed = await start();
    fed.source.reasons = ["The topic x does not exist yet."];
    const waiting = await get(fed, "/readyz");
    expect(waiting.status).toBe(503);
    expect(await waiting.json()).toEqual({ ready: false, reasons: fed.source.reasons });
    expect((await get(fed, "/livez")).status).toBe(200);
    fed.source.reasons = [];
    const ready = await get(fed, "/readyz");
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true }]);
  });

  test("answers /metrics with its own numbers and those that other roles report", async () => {
    const fed = await start();
    fed.feed("a", "1");
    fed.dashboard.metrics.report({ salesboard_aggregator_sales_total: 5, salesboard_x_lag: 2 });
    fed.dashboard.metrics.report({ salesboard_aggregator_sales_total: 7, salesboard_x_lag: 1 });
    await shown(fed, 1);
    const text = await (await get(fed, "/metrics")).text();
    expect(text).toContain("salesboard_dashboard_products 1\n");
    expect(text).toContain("# TYPE salesboard_aggregator_sales_total counter\n");
    expect(text).toContain("salesboard_aggregator_sales_total 7\n");
    expect(text).toContain("salesboard_x_lag 1\n");
  });

  test("answers /api/alerts and /metrics with what fires", async () => {
    const fed = await start("--alert", "revenue >= 5", "--alert", "nodata[24h]");
    fed.feed("a", "5");
    const alerts = async () => (await (await get(fed, "/api/alerts")).json()) as ApiAlerts;
    await waitFor(async () => (await alerts()).alerts[0]?.state === "firing", { what: "an alert" });
    expect((await alerts()).alerts).toMatchObject([
      { rule: "revenue >= 5", state: "firing", value: "5.00", threshold: "5.00" },
      { rule: "nodata[24h]", state: "unknown", value: null, threshold: "1" },
    ]);
    await waitFor(
      async () =>
        (await (await get(fed, "/metrics")).text()).includes("salesboard_alerts_firing 1\n"),
      { what: "the metric" },
    );
    expect(await (await get(fed, "/")).text()).toMatch(
      /<p class="notice alert" lang="en">Alert since <time[^>]+>[\d:]+ UTC<\/time>: revenue &gt;= 5<\/p>/,
    );
    expect(await (await get(fed, "/?mask")).text()).toContain("revenue &gt;= •••</p>");
  });

  // The gauge went by the state alone: 1 while partitions were refused, 0 while sales waited.
  test("answers /metrics and /readyz with the same readiness", async () => {
    const fed = await start();
    fed.feed("a", "1");
    await shown(fed, 1);
    const readiness = async () => [
      (await get(fed, "/readyz")).status,
      /^salesboard_dashboard_ready (.+)$/m.exec(await (await get(fed, "/metrics")).text())?.[1],
    ];
    expect(await readiness()).toEqual([200, "1"]);
    fed.source.reasons = ["The aggregator refuses 1 partition."];
    expect(await readiness()).toEqual([503, "0"]);
    fed.source.reasons = [];
    fed.source.status = { ...fed.source.status, state: "behind" };
    fed.dashboard.changed();
    await waitFor(() => fed.view.board.state === "behind", { what: "the next board" });
    expect(await readiness()).toEqual([200, "1"]);
  });

  test("opens a stream that no proxy may buffer or change", async () => {
    const response = await get(await start(), "/events");
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    await response.body?.cancel();
  });

  test("opens no stream for HEAD", async () => {
    const fed = await start();
    const response = await get(fed, "/events", { method: "HEAD" });
    expect([response.status, response.body]).toEqual([200, null]);
    expect(await (await get(fed, "/metrics")).text()).toContain("salesboard_dashboard_streams 0\n");
  });

  test("answers 503 with Retry-After when there is no stream left", async () => {
    const fed = await start();
    fed.dashboard.close();
    const response = await get(fed, "/events");
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("sends the snapshot first and then only what changed", async () => {
    const fed = await start();
    fed.feed("Laptop", "2.00");
    fed.feed("Mouse", "1.00");
    await shown(fed, 2);
    const client = new StreamClient((await get(fed, "/events")).body as ReadableStream<Uint8Array>);
    const snapshot = await client.readUntil(({ event }) => event === "totals");
    expect(snapshot.map(({ event }) => event)).toEqual(["hb", undefined, "totals"]);
    expect(JSON.parse(snapshot[2]?.data ?? "")).toMatchObject([
      { product: "Laptop" },
      { product: "Mouse" },
    ]);
    fed.feed("Mouse", "1.50");
    const change = (await client.readUntil(({ event }) => event === "totals")).slice(-2);
    expect(JSON.parse(change[1]?.data ?? "")).toEqual([
      { product: "Mouse", totalQuantity: 1, totalPrice: "1.50", sales: 1, returns: 0 },
    ]);
    await client.cancel();
  });

  test("writes numbers as the reader's language does, on the page and in the stream", async () => {
    const fed = await start();
    fed.feed("Laptop", "1234567.80");
    await shown(fed, 1);
    const headers = { "Accept-Language": "de-DE,de;q=0.9,en;q=0.8" };
    expect(await (await get(fed, "/", { headers })).text()).toContain("1.234.567,80\u00a0$");
    expect(await (await get(fed, "/")).text()).toContain("$1,234,567.80");
    const response = await get(fed, "/events", { headers });
    const client = new StreamClient(response.body as ReadableStream<Uint8Array>);
    const messages = await client.readUntil(({ event }) => event === "totals");
    expect(messages.map(({ data }) => data).join()).toContain("1.234.567,80\u00a0$");
    await client.cancel();
  });

  test("serves every asset that a page names, for ever and compressed", async () => {
    const fed = await start();
    const pages = await Promise.all(
      ["/", "/graph", "/?kiosk"].map(async (path) => (await get(fed, path)).text()),
    );
    const paths = new Set(pages.join().match(/\/assets\/[\w.-]+/g));
    expect(paths.size).toBe(14);
    for (const path of paths) {
      const plain = await get(fed, path);
      expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      const zipped = await get(fed, path, { headers: { "Accept-Encoding": "gzip, br" } });
      const isFont = path.endsWith(".woff2");
      expect(zipped.headers.get("content-encoding")).toBe(isFont ? null : "gzip");
      const bytes = new Uint8Array(await zipped.arrayBuffer());
      const unzipped = isFont ? bytes : new Uint8Array(gunzipSync(bytes));
      expect(unzipped).toEqual(new Uint8Array(await plain.arrayBuffer()));
    }
  });

  test("leaves an asset uncompressed for who refuses gzip", async () => {
    const fed = await start();
    const path = /\/assets\/styles[\w.]+/.exec(await (await get(fed, "/")).text())?.[0] ?? "";
    const response = await get(fed, path, { headers: { "Accept-Encoding": "gzip;q=0" } });
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.text()).toMatch(/url\("\/assets\/inter\.[0-9a-f]{10}\.woff2"\)/);
  });

  test("says what is wrong as JSON under /api, and as a page elsewhere", async () => {
    const fed = await start();
    const missing = await get(fed, "/api/nothing");
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { error: "Not found", message: "This address does not exist." },
    ]);
    const page = await get(fed, "/nothing");
    expect([page.status, page.headers.get("content-type")]).toEqual([
      404,
      "text/html; charset=utf-8",
    ]);
    const shy = await get(fed, "/nothing?mask&q=lap");
    expect(await shy.text()).toContain('<a href="/?mask=true">');
    const posted = await get(fed, "/api/totals", { method: "POST" });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("keeps the reason of a failure to itself", async () => {
    const fed = await start();
    Object.defineProperty(fed.source, "reasons", {
      get: () => {
        throw new Error("secret detail");
      },
    });
    const response = await get(fed, "/readyz");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });

  test.each(["/a/b", "/a/b/", "/a/b/graph", "/a/b/api/totals", "/a/b/livez", "/a/b/metrics"])(
    "answers %s under the base path /a/b",
    async (path) => {
      const fed = await start("--base-path", "/a/b");
      expect((await get(fed, path)).status).toBe(200);
      expect((await get(fed, path.replace("/a/b", "") || "/")).status).toBe(404);
    },
  );

  test("names nothing outside the base path", async () => {
    const fed = await start("--base-path", "/a/b");
    for (const path of ["/a/b/", "/a/b/graph", "/a/b/nothing"]) {
      const text = await (await get(fed, path)).text();
      const links = [...text.matchAll(/(?:href|src|connect)="([^"#]+)"/g)].map(([, link]) => link);
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) expect(link).toStartWith("/a/b/");
    }
  });
});
