/** Who is let in, with the executable: logins, guests, tokens that end, and a port for metrics. */

import { afterAll, afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { logged, Runs } from "../support/board.ts";
import { monitoringMetrics } from "../support/monitoring.ts";
import { freePort } from "../support/ports.ts";
import { hashOf, replaceFile, temporaryFolder } from "../support/users.ts";
import { waitFor } from "../support/wait.ts";

const runs = new Runs();
const folder = temporaryFolder();
afterEach(() => runs.end());
afterAll(() => folder.remove());

const [users, tokens] = [folder.file("users"), folder.file("tokens")];

/** What a command of the executable prints. */
async function printed(...args: string[]): Promise<string> {
  const run = runs.start(args);
  expect([args, await run.exited]).toEqual([args, 0]);
  return run.stdout().trim();
}

const manage = (action: string, ...more: string[]) =>
  printed("token", action, "--tokens", tokens, ...more);

/** An amount on a page or in an answer: $1,234.50 or "1234.50". */
const AMOUNT = /\$[\d,]+\.\d|"-?\d+\.\d\d/;

test("people log in, guests see no amount anywhere, and a revoked token ends its stream", async () => {
  replaceFile(users, `ada:${await hashOf("right")}\ngus:${await hashOf("guest")}:guest\n`);
  const token = await manage("create", "--name", "wall");
  const guestToken = await manage("create", "--name", "lobby", "--role", "guest");
  expect(readFileSync(tokens, "utf8")).not.toContain(token.slice(3));
  const [port, metricsPort] = [await freePort(), await freePort()];
  const ports = ["--port", String(port), "--metrics-port", String(metricsPort)];
  const alert = ["--alert", "revenue > 5", "--rate", "50"];
  const run = runs.start([...ports, ...alert, "--users", users, "--tokens", tokens]);
  const url = `http://127.0.0.1:${port}`;
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, { headers, redirect: "manual" });
  const by = (each: string) => ({ Authorization: `Bearer ${each}` });
  const isReady = async () => (await ask("/readyz").catch(() => undefined))?.status === 200;
  await waitFor(isReady, { what: "the dashboard" });
  const hasSales = async () => AMOUNT.test(await (await ask("/api/v1/totals", by(token))).text());
  await waitFor(hasSales, { what: "a sale" });

  for (const path of ["/", "/api/v1/totals", "/events", "/openapi.json", "/metrics"]) {
    expect([path, (await ask(path)).status]).toEqual([path, 401]);
  }

  const form = (name: string, password: string) =>
    fetch(`${url}/login`, {
      method: "POST",
      body: new URLSearchParams({ name, password }),
      redirect: "manual",
    });
  expect((await form("ada", "wrong")).status).toBe(401);
  const session = async (name: string, password: string) => {
    const answer = await form(name, password);
    expect([name, answer.status]).toEqual([name, 303]);
    return { Cookie: (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
  };
  const [ada, gus] = [await session("ada", "right"), await session("gus", "guest")];
  expect(await (await ask("/?period=all", ada)).text()).toMatch(AMOUNT);
  await logged(run, "A login failed.");
  expect(run.stderr()).not.toMatch(/"(right|wrong|guest)"/);

  for (const guest of [gus, by(guestToken)]) {
    for (const path of ["/?mask=false&period=all", "/graph", "/api/v1/totals", "/api/v1/alerts"]) {
      const answer = await ask(path, guest);
      expect([path, answer.status, AMOUNT.exec(await answer.text())]).toEqual([path, 200, null]);
    }
    for (const path of ["/api/v1/history", "/download/totals.csv", "/download/dead-letters.json"]) {
      expect([path, (await ask(path, guest)).status]).toEqual([path, 403]);
    }
    const stream = (await ask("/events?mask=false", guest)).body?.getReader();
    const first = new TextDecoder().decode((await stream?.read())?.value);
    expect(AMOUNT.exec(first)).toBeNull();
    await stream?.cancel();
  }

  const streams = [await ask("/events", by(token)), await ask("/events", ada)];
  await manage("revoke", "--name", "wall");
  expect(await streams[0]?.text()).toContain("event: bye");
  expect((await ask("/api/v1/totals", by(token))).status).toBe(401);
  await fetch(`${url}/logout`, { method: "POST", headers: ada, redirect: "manual" });
  expect(await streams[1]?.text()).toContain("event: bye");
  expect((await ask("/api/v1/totals", ada)).status).toBe(401);

  const metrics = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const missing = async () => {
    const text = await metrics();
    // The embedded broker has no settings of topics to look at.
    const names = monitoringMetrics().filter((name) => name !== "salesboard_topics_dangers");
    return names.filter((name) => !text.includes(`\n${name} `));
  };
  // Other roles report once a second.
  await waitFor(async () => (await missing()).length === 0, {
    what: "all metrics of deploy/",
  }).catch(async (error) => {
    throw new Error(`Missing: ${await missing()}. ${error.message}`);
  });
  expect(run.stderr()).not.toContain('"level":"ERROR"');
  expect(await run.stop()).toBe(0);
  const sessions = [ada, gus].map(({ Cookie }) => Cookie.split("=")[1] ?? "");
  for (const secret of [token, guestToken, ...sessions]) {
    expect(secret.length).toBeGreaterThan(20);
    for (const said of [run.stdout(), run.stderr()]) expect(said).not.toContain(secret.slice(3));
  }
}, 600_000);
