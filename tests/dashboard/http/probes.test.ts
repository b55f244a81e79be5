/** Metrics and probes, on a port of their own. */

import { afterAll, expect, test } from "bun:test";
import { closeGated, fileOf, gated, users } from "../gated.ts";

afterAll(closeGated);

const own = ["--metrics-port", "0"];

test("a port of its own answers metrics and probes without a login, and nothing else", async () => {
  const { fed, ask } = await gated(...own);
  const at = (path: string, init?: RequestInit) =>
    Promise.resolve(
      fed.dashboard.metricsApp.fetch(new Request(`http://localhost${path}`, init), {}),
    );
  const metrics = await at("/metrics");
  expect(metrics.status).toBe(200);
  const text = await metrics.text();
  expect(text).toContain("salesboard_dashboard_ready 1\n");
  // Bytes and seconds of the process can have any digits.
  const ours = text.split("\n").filter((line) => line.startsWith("salesboard_"));
  expect(ours.join("\n")).not.toMatch(/Laptop|1,?234/);
  for (const path of ["/livez", "/readyz"]) expect((await at(path)).status).toBe(200);
  for (const path of ["/", "/api/totals", "/api/v1/totals", "/events", "/login", "/metrics/x"]) {
    const answer = await at(path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(await answer.text()).not.toMatch(/Laptop|1,?234/);
  }
  const posted = await at("/metrics", { method: "POST" });
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  // Pages and metrics are then apart: whoever logs in finds none among the pages.
  const session = { headers: { Authorization: `Basic ${btoa("ada:pass:w\u00f6rt")}` } };
  expect((await ask("/metrics", session)).status).not.toBe(200);
});

test("the port of the pages has no metrics then, and its probes as before", async () => {
  const { ask } = await gated(...own);
  for (const path of ["/livez", "/readyz"]) expect((await ask(path)).status).toBe(200);
  expect((await ask("/metrics")).status).toBe(401);
});

test("no page of a stranger reads metrics by a name that leads to this machine", async () => {
  const { fed } = await gated(...own);
  const at = (path: string, Host: string) =>
    Promise.resolve(
      fed.dashboard.metricsApp.fetch(new Request(`http://x${path}`, { headers: { Host } }), {}),
    );
  expect((await at("/metrics", "evil.example")).status).toBe(403);
  expect((await at("/metrics", "127.0.0.1:9100")).status).toBe(200);
  expect((await at("/livez", "10.1.2.3")).status).toBe(200);
});

test("a base path is that of the pages alone", async () => {
  const { fed } = await gated("--base-path", "/sales", ...own);
  const status = async (path: string) =>
    (await fed.dashboard.metricsApp.fetch(new Request(`http://localhost${path}`), {})).status;
  expect(await status("/metrics")).toBe(200);
  expect(await status("/sales/metrics")).toBe(404);
});

test("a fault says nothing but where to look", async () => {
  const { fed } = await gated("--users", fileOf(users), ...own);
  Object.defineProperty(fed.source, "reasons", {
    get: () => {
      throw new Error("secret detail");
    },
  });
  const answer = await fed.dashboard.metricsApp.fetch(new Request("http://localhost/readyz"), {});
  expect([answer.status, await answer.text()]).toEqual([
    500,
    "See the server log for the reason.\n",
  ]);
});
