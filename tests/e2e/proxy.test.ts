/** The executable behind real proxies, with the settings of docs/proxies.md. */

import { afterEach, test as always, describe, expect } from "bun:test";
import { StreamClient } from "../dashboard/stream.ts";
import { Runs, totalsWhen } from "../support/board.ts";
import {
  bases,
  credentials,
  type Place,
  type ProxyName,
  type RunningProxy,
  startProxy,
} from "../support/proxy.ts";
import { requirement } from "../support/require.ts";
import { WAIT_MS_MAX } from "../support/wait.ts";

const runs = new Runs();
let proxy: RunningProxy | undefined;
afterEach(async () => {
  await proxy?.stop();
  await runs.end();
});

const basic = `Basic ${btoa(`${credentials.username}:${credentials.password}`)}`;
const tls = { rejectUnauthorized: false };
const ask = (path: string, headers: Record<string, string> = { Authorization: basic }) =>
  fetch(`${proxy?.url}${path}`, { headers, tls, signal: AbortSignal.timeout(WAIT_MS_MAX) });

/** Traefik is no package of Debian: it is tested where somebody has put it. */
const optional = Bun.which("traefik") ? always : undefined;
const testOf: Record<ProxyName, typeof always | undefined> = {
  nginx: requirement("nginx", "openssl"),
  Caddy: requirement("caddy"),
  Traefik: optional,
};
const places = Object.entries(bases) as [Place, string][];

for (const [name, test] of Object.entries(testOf) as [ProxyName, typeof always | undefined][]) {
  describe(name, () => {
    test?.each(places)(
      "%s passes on pages, assets and the stream, to who may see them",
      async (place, base) => {
        // Three sales and then silence: nothing but heartbeats fills a buffer.
        const args = ["--port", "0", "--count", "3", "--rate", "0", "--base-path", base || "/"];
        const run = runs.start(args);
        await totalsWhen(run, ({ total }) => total.sales === 3);
        proxy = await startProxy(name, place, Number(new URL(await run.url()).port));

        for (const path of ["/", "/graph", "/events", "/api/totals"]) {
          const { status, body } = await ask(`${base}${path}`, {});
          expect([path, status]).toEqual([path, 401]);
          await body?.cancel();
        }
        for (const path of ["/", "/index.html", "/graph", "/graph.html", "/?sort=-sales&q=a"]) {
          await expectPage(base, `${base}${path}`);
        }
        if (base !== "") {
          await expectPage(base, base);
          for (const path of ["/", `${base}board`]) {
            expect(await (await ask(path)).text()).not.toContain("Salesboard");
          }
        }
        expect((await ask(`${base}/nothing`)).status).toBe(404);
        await expectStream(`${base}/events`);
        expect(await run.stop()).toBe(0);
        // What the page meets while the program is away, and what it waits out.
        expect([502, 503]).toContain((await ask(`${base}/`)).status);
      },
      600_000,
    );
  });
}

/** A page, and everything that it names: all below `base`. */
async function expectPage(base: string, path: string): Promise<void> {
  const response = await ask(path);
  const html = await response.text();
  expect([path, response.status]).toEqual([path, 200]);
  expect(html).toContain("<title>");
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  const named = [...html.matchAll(/(?:src|href|hx-sse:connect)="([^"]+)"/g)].map(
    ([, to = ""]) => to,
  );
  // What begins with # or ? stays on the page.
  expect(named.filter((to) => !/^[#?]/.test(to) && !to.startsWith(`${base}/`))).toEqual([]);
  const assets = named.filter((to) => to.startsWith(`${base}/assets/`));
  expect(assets.length).toBeGreaterThan(4);
  for (const asset of new Set(assets)) {
    const { status, headers } = await ask(asset);
    expect([asset, status]).toEqual([asset, 200]);
    expect(headers.get("cache-control")).toContain("immutable");
  }
}

/** The snapshot, and then one heartbeat after the other: what is held back would come later. */
async function expectStream(path: string): Promise<void> {
  const asked = { Authorization: basic, "Accept-Encoding": "gzip, br, zstd" };
  const { status, headers, body } = await ask(path, asked);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toStartWith("text/event-stream");
  expect(headers.get("content-encoding")).toBeNull();
  const client = new StreamClient(body as ReadableStream<Uint8Array>);
  const snapshot = await client.readUntil(({ event }) => event === "totals");
  expect(JSON.parse(snapshot.at(-1)?.data ?? "").length).toBeGreaterThan(0);
  // A buffer of 4 KB would hold back forty heartbeats, which takes longer than this test may.
  for (let beats = 0; beats < 3; beats++) {
    const messages = await client.readUntil(({ event }) => event === "hb");
    expect(messages.length).toBeLessThan(10);
  }
  await client.cancel();
}
