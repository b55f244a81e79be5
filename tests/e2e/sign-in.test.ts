/** The executable behind proxies that know who reads, with the settings of docs/proxies.md. */

import { afterEach, expect } from "bun:test";
import { StreamClient } from "../dashboard/stream.ts";
import { Runs } from "../support/board.ts";
import type { Salesboard } from "../support/executable.ts";
import { endWithThisProcess } from "../support/guard.ts";
import { Issuer, issuerCookie } from "../support/issuer.ts";
import { freePort } from "../support/ports.ts";
import { makeCertificate, replaceAll, settingsOf } from "../support/proxy.ts";
import { goProgramPath, optional, requirement } from "../support/require.ts";
import { replaceFile, temporaryFolder } from "../support/users.ts";
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

/** What a browser does at a login: it follows redirects, and keeps the cookies of each host. */
async function browse(start: string, jar: Map<string, string>): Promise<Response> {
  let url = start;
  for (let steps = 0; steps < 10; steps++) {
    const { origin } = new URL(url);
    const answer = await ask(url, { Cookie: jar.get(origin) ?? "" });
    const set = answer.headers.getSetCookie().map((each) => each.split(";")[0] ?? "");
    const kept = (jar.get(origin) ?? "").split("; ").filter((each) => {
      return each !== "" && !set.some((one) => one.split("=")[0] === each.split("=")[0]);
    });
    jar.set(origin, [...kept, ...set.filter((one) => !/^[^=]+=$/.test(one))].join("; "));
    const to = answer.headers.get("Location");
    if (to === null) return answer;
    await answer.body?.cancel();
    url = new URL(to, url).href;
  }
  throw new Error(`${start} leads round in a circle.`);
}

const oauth2Proxy = goProgramPath("oauth2-proxy");
const install = "go install github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6";

optional("oauth2-proxy", oauth2Proxy, install)(
  "oauth2-proxy, which asks an issuer of OpenID Connect",
  async () => {
    const { run, upstream } = await startBoard("X-Forwarded-User");
    const client = { id: "salesboard", secret: "correct-horse" };
    const issuer = new Issuer(client, { ada: ["staff"], gus: ["staff", "salesboard-guests"] });
    ends.push(() => issuer.stop());
    const folder = temporaryFolder();
    const [dir, port] = [folder.file("."), await freePort()];
    const { certificate, key } = makeCertificate(dir);
    const [secret, cookie] = [folder.file("secret"), folder.file("cookie")];
    replaceFile(secret, client.secret);
    replaceFile(cookie, "0123456789abcdef0123456789abcdef");
    const url = `https://localhost:${port}`;
    const settings = replaceAll(settingsOf("oauth2-proxy"), [
      [/":443"/, `"127.0.0.1:${port}"`],
      [/\/etc\/ssl\/certs\/\S+\.pem/, certificate],
      [/\/etc\/ssl\/private\/\S+\.key/, key],
      [/127\.0\.0\.1:3000/, `127.0.0.1:${upstream}`],
      [/https:\/\/login\.example\.com\/realms\/shop/, issuer.url],
      [/\/etc\/oauth2-proxy\/client-secret/, secret],
      [/\/etc\/oauth2-proxy\/cookie-secret/, cookie],
      [/https:\/\/sales\.example\.com/, url],
    ]);
    const file = folder.file("oauth2-proxy.cfg");
    replaceFile(file, settings);
    await startProgram([oauth2Proxy ?? "", "--config", file], dir, url);

    const signed = async (name: string): Promise<Signed> => {
      const jar = new Map([[issuer.url, issuerCookie(name)]]);
      const page = await browse(`${url}/oauth2/start?rd=%2F`, jar);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<title>")]);
      return { url, headers: { Cookie: jar.get(url) ?? "" } };
    };
    const [ada, gus] = [await signed("ada"), await signed("gus")];
    await expectSignIn({ ada, gus });

    // Somebody whom the issuer does not know, and a cookie that nobody has given.
    const stranger = new Map([[issuer.url, issuerCookie("eve")]]);
    const refused = await browse(`${url}/oauth2/start?rd=%2F`, stranger);
    expect([refused.status, AMOUNT.exec(await refused.text())]).toEqual([403, null]);
    for (const cookies of [stranger.get(url) ?? "", "_oauth2_proxy=eyJ8MTc|1|x"]) {
      const answer = await ask(`${url}/events`, { Cookie: cookies });
      expect([cookies, answer.status]).toEqual([cookies, 401]);
    }
    expect(run.stderr()).not.toContain('"level":"ERROR"');
  },
  600_000,
);
