/** The executable behind proxies that know who reads, with the settings of docs/proxies.md. */

import { afterEach, test as always, expect } from "bun:test";
import { mkdirSync } from "node:fs";
import { StreamClient } from "../dashboard/stream.ts";
import { Runs } from "../support/board.ts";
import type { Salesboard } from "../support/executable.ts";
import { endWithThisProcess } from "../support/guard.ts";
import { freePort } from "../support/ports.ts";
import { makeCertificate, replaceAll, settingsOf } from "../support/proxy.ts";
import { requirement } from "../support/require.ts";
import { hashOf, replaceFile, temporaryFolder } from "../support/users.ts";
import { waitFor } from "../support/wait.ts";

const runs = new Runs();
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await runs.end();
});

type Headers = Record<string, string>;
/** An amount on a page or in an answer: $1,234.50 or "1234.50". */
const AMOUNT = /\$[\d,]+\.\d|"-?\d+\.\d\d/;
const tls = { rejectUnauthorized: false };

/** `header`: the one that the proxy sets. */
async function startBoard(
  header: "X-Forwarded-User" | "Remote-User",
): Promise<{ run: Salesboard; upstream: number }> {
  const proxy = ["--trusted-proxy", "127.0.0.1", "--proxy-user-header", header];
  const run = runs.start(["--port", "0", "--rate", "50", ...proxy]);
  const url = await run.url();
  const isReady = async () => (await fetch(`${url}/readyz`)).status === 200;
  await waitFor(isReady, { what: "the dashboard" });
  return { run, upstream: Number(new URL(url).port) };
}

async function startProgram(cmd: string[], dir: string, url: string): Promise<void> {
  const log = Bun.file(`${dir}/log`);
  const env = { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir, PATH: Bun.env.PATH ?? "" };
  const child = Bun.spawn({ cmd, cwd: dir, env, stdin: "ignore", stdout: log, stderr: log });
  endWithThisProcess(child, dir);
  ends.push(async () => {
    child.kill("SIGTERM");
    await child.exited;
  });
  const answers = async () => {
    if (child.exitCode !== null) throw new Error(`${cmd[0]} ended: ${await log.text()}`);
    return fetch(url, { tls, redirect: "manual" }).catch(() => undefined);
  };
  await waitFor(answers, { what: `${cmd[0]} to answer` });
}

/** Somebody who is let in, and the address of the proxy. */
interface Signed {
  readonly url: string;
  readonly headers: Headers;
}

function ask(url: string, headers: Headers = {}): Promise<Response> {
  return fetch(url, { headers, tls, redirect: "manual" });
}

/** What must hold, whoever asks the people: `ada` may see all, `gus` no amounts. */
async function expectSignIn({ ada, gus }: { ada: Signed; gus: Signed }): Promise<void> {
  const forged = { "X-Forwarded-User": "eve", "Remote-User": "eve" };
  for (const one of [{}, forged, { "Remote-User": "eve" }, { "X-Forwarded-User": "eve" }]) {
    const answer = await ask(`${ada.url}/api/v1/totals`, one);
    expect([one, answer.status >= 300 && answer.status < 500]).toEqual([one, true]);
    expect(AMOUNT.exec(await answer.text())).toBeNull();
  }
  const totals = () => ask(`${ada.url}/api/v1/totals`, ada.headers);
  const hasSales = async () => AMOUNT.test(await (await totals()).text());
  await waitFor(hasSales, { what: "a sale that ada sees" });
  const page = await ask(`${ada.url}/?period=all`, ada.headers);
  expect(await page.text()).toMatch(AMOUNT);
  // Whoever is a guest cannot say otherwise.
  for (const forged of [{}, { "X-Forwarded-Groups": "x", "Remote-Groups": "x" }]) {
    const headers = { ...gus.headers, ...forged };
    const answer = await ask(`${gus.url}/?period=all&mask=false`, headers);
    expect([answer.status, AMOUNT.exec(await answer.text())]).toEqual([200, null]);
  }
  const { body } = await ask(`${ada.url}/events`, ada.headers);
  const stream = new StreamClient(body as ReadableStream<Uint8Array>);
  await stream.readUntil(({ event }) => event === "totals");
  // One heartbeat after the other: what is held back would come later.
  for (let beats = 0; beats < 3; beats++) await stream.readUntil(({ event }) => event === "hb");
  await stream.cancel();
}

requirement("caddy")(
  "Caddy, which asks Authelia who reads",
  async () => {
    const { upstream } = await startBoard("Remote-User");
    const groups: Record<string, string> = { ada: "staff", gus: "staff,salesboard-guests" };
    const authelia = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => {
        const [, user = ""] =
          /authelia_session=(\w+)/.exec(request.headers.get("Cookie") ?? "") ?? [];
        const group = groups[user];
        const isAsked = new URL(request.url).pathname === "/api/authz/forward-auth";
        if (!isAsked || group === undefined) return Response.redirect("https://auth.example.com/");
        return new Response(null, { headers: { "Remote-User": user, "Remote-Groups": group } });
      },
    });
    ends.push(() => authelia.stop(true));
    const folder = temporaryFolder();
    const port = await freePort();
    const site = replaceAll(settingsOf("Authelia"), [
      [/^\S+\.example\.com/, `http://localhost:${port}`],
      [/127\.0\.0\.1:9091/, `127.0.0.1:${authelia.port}`],
      [/127\.0\.0\.1:3000/, `127.0.0.1:${upstream}`],
    ]);
    const file = folder.file("Caddyfile");
    replaceFile(file, `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${site}`);
    const url = `http://localhost:${port}`;
    const cmd = ["caddy", "run", "--adapter", "caddyfile", "--config", file];
    await startProgram(cmd, folder.file("."), url);
    const as = (name: string) => ({ url, headers: { Cookie: `authelia_session=${name}` } });
    await expectSignIn({ ada: as("ada"), gus: as("gus") });
  },
  600_000,
);

/** It is no package of Debian: it is tested where somebody has put it. */
const optional = Bun.which("oauth2-proxy") ? always : undefined;

optional?.(
  "oauth2-proxy",
  async () => {
    const { upstream } = await startBoard("X-Forwarded-User");
    const start = async (name: string, groups: readonly string[]) => {
      const folder = temporaryFolder();
      const [dir, port] = [folder.file("."), await freePort()];
      mkdirSync(dir, { recursive: true });
      const { certificate, key } = makeCertificate(dir);
      const [secret, cookie] = [folder.file("secret"), folder.file("cookie")];
      replaceFile(secret, "secret");
      replaceFile(cookie, "0123456789abcdef0123456789abcdef");
      replaceFile(folder.file("users"), `${name}:${await hashOf("lovelace")}\n`);
      const settings = replaceAll(settingsOf("oauth2-proxy"), [
        [/":443"/, `"127.0.0.1:${port}"`],
        [/\/etc\/ssl\/certs\/\S+\.pem/, certificate],
        [/\/etc\/ssl\/private\/\S+\.key/, key],
        [/127\.0\.0\.1:3000/, `127.0.0.1:${upstream}`],
        // Without an issuer: the users of a file, of one group.
        [/"oidc"/, '"github"'],
        [/oidc_issuer_url.*\n/, ""],
        [/\/etc\/oauth2-proxy\/client-secret/, secret],
        [/\/etc\/oauth2-proxy\/cookie-secret/, cookie],
      ]);
      const added = `htpasswd_file = "${folder.file("users")}"\nhtpasswd_user_groups = ${JSON.stringify(groups)}\n`;
      const file = folder.file("oauth2-proxy.cfg");
      replaceFile(file, settings + added);
      const url = `https://localhost:${port}`;
      await startProgram(["oauth2-proxy", "--config", file], dir, url);
      return url;
    };
    /** One proxy has the same groups for all users of its file. */
    const signed = async (name: string, groups: readonly string[]): Promise<Signed> => {
      const url = await start(name, groups);
      const body = new URLSearchParams({ username: name, password: "lovelace" });
      const form = { method: "POST", body, tls, redirect: "manual" } as const;
      const answer = await fetch(`${url}/oauth2/sign_in`, form);
      const cookies = answer.headers.getSetCookie().map((each) => each.split(";")[0]);
      return { url, headers: { Cookie: cookies.join("; ") } };
    };
    await expectSignIn({
      ada: await signed("ada", ["staff"]),
      gus: await signed("gus", ["salesboard-guests"]),
    });
  },
  600_000,
);
