/** TLS of the dashboard's own: real connections, with certificates made by openssl. */

import { afterAll, describe, expect } from "bun:test";
import { copyFileSync, readFileSync } from "node:fs";
import { connect } from "node:http2";
import { connect as connectTls } from "node:tls";
import { keyPair, openCertificate } from "../../../src/dashboard/http/certificate.ts";
import { listen, type Server } from "../../../src/dashboard/http/server.ts";
import { checkDashboard, checkStream } from "../../../src/doctor/serving.ts";
import { runHealth } from "../../../src/process/health.ts";
import { Authority, type Certificate } from "../../support/certificates.ts";
import { configOf, recordingLog } from "../../support/context.ts";
import { requirement } from "../../support/require.ts";
import { read } from "../../support/settings.ts";
import { replaceFile, temporaryFolder } from "../../support/users.ts";
import { WAIT_MS_MAX, waitFor } from "../../support/wait.ts";
import { type Fed, fedDashboard } from "../fixture.ts";

const test = requirement("openssl");
const folder = temporaryFolder();
const servers: Server[] = [];
const feds: Fed[] = [];
let authority: Authority | undefined;
afterAll(async () => {
  for (const { dashboard } of feds) dashboard.close();
  await Promise.all(servers.map((server) => server.stop()));
  authority?.close();
  folder.remove();
});

function issue(name: string): Certificate {
  authority ??= new Authority();
  return authority.issue(name);
}

async function start() {
  const [one, two] = [issue("one.example"), issue("two.example")];
  const [cert, key] = [folder.file("cert"), folder.file("key")];
  copyFileSync(one.certificate, cert);
  copyFileSync(one.key, key);
  const { log, lines } = recordingLog();
  const config = configOf("run", "--tls-cert", cert, "--tls-key", key);
  const fed = await fedDashboard();
  feds.push(fed);
  const of = { host: "127.0.0.1", port: 0, basePath: "/" };
  const server = listen(fed.dashboard.app, { ...of, certificate: openCertificate(config, log) });
  servers.push(server);
  const renew = () => {
    replaceFile(cert, readFileSync(two.certificate, "utf8"));
    replaceFile(key, readFileSync(two.key, "utf8"));
  };
  return { server, lines, cert, renew, port: Number(new URL(server.url).port) };
}

/** The name in the certificate that the port shows. */
function shownAt(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
    resolve(String(socket.getPeerCertificate().subject.CN));
    socket.destroy();
  });
  socket.on("error", reject);
  return promise;
}

const tls = { rejectUnauthorized: false };

describe("a dashboard with a certificate", () => {
  test("speaks TLS, and names its address so", async () => {
    const { server } = await start();
    expect(server.url).toStartWith("https://127.0.0.1:");
    expect((await fetch(`${server.url}livez`, { tls })).status).toBe(200);
    const plain = fetch(server.url.replace("https", "http"));
    expect(await plain.then(() => "answered").catch(() => "nothing")).toBe("nothing");
  });

  test("speaks no TLS before 1.2", async () => {
    const { port } = await start();
    const ask = (version: string) => {
      const options = [`-${version}`, "-cipher", "ALL:@SECLEVEL=0", "-brief"];
      const at = ["-connect", `127.0.0.1:${port}`];
      return Bun.spawn(["openssl", "s_client", ...options, ...at], { stdin: null, stderr: "pipe" });
    };
    const old = ask("tls1_1");
    expect(await new Response(old.stderr).text()).toContain("alert protocol version");
    const statuses = ["tls1_2", "tls1_3"].map((version) => ask(version).exited);
    expect(await Promise.all(statuses)).toEqual([0, 0]);
  });

  test("speaks HTTP/2: many streams share one connection", async () => {
    const { server } = await start();
    const session = connect(server.url, tls);
    const first = (path: string) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const stream = session.request({ ":path": path });
      stream.on("data", (bytes: Buffer) => resolve(bytes.toString()));
      return promise;
    };
    const streams = Array.from({ length: 20 }, () => first("/events?view=table"));
    expect((await Promise.all(streams)).every((text) => text.startsWith(": ok"))).toBe(true);
    expect(await first("/api/totals")).toContain('"products"');
    session.destroy();
  });

  test("shows a renewed one without a restart, and ends no stream for it", async () => {
    const { server, port, renew } = await start();
    expect(await shownAt(port)).toBe("one.example");
    const { body } = await fetch(`${server.url}events`, { tls });
    const reader = body?.getReader();
    await reader?.read();
    renew();
    await waitFor(async () => (await shownAt(port).catch(() => "")) === "two.example", {
      what: "the new certificate",
    });
    for (let i = 0; i < 3; i++) expect((await reader?.read())?.done).toBe(false);
    expect((await fetch(`${server.url}livez`, { tls })).status).toBe(200);
    await server.stop();
    await expect(fetch(`${server.url}livez`, { tls })).rejects.toThrow();
  });

  test("goes on with the old one while the new one is wrong", async () => {
    const { port, cert, lines } = await start();
    replaceFile(cert, "rubbish");
    await waitFor(() => lines.length > 0, { what: "the warning" });
    expect(lines[0]).toStartWith("A changed file cannot be used");
    expect(await shownAt(port)).toBe("one.example");
  });

  // Whoever copies a chain over the old one leaves a moment in which the first certificate is whole
  // and the second is not. Bun refused the two, after the old server was gone: nothing listened.
  test("goes on with the old one while the new chain is half written", async () => {
    const { server, port, cert, lines } = await start();
    const [leaf, signer] = [readFileSync(cert, "utf8"), issue("signer.example")];
    const half = readFileSync(signer.certificate, "utf8").slice(0, 400);
    replaceFile(cert, leaf + half);
    await waitFor(() => lines.length > 0, { what: "the warning" });
    expect(lines[0]).toStartWith("A changed file cannot be used");
    expect(await shownAt(port)).toBe("one.example");
    expect((await fetch(`${server.url}livez`, { tls })).status).toBe(200);
  });

  /** A probe gives up after 3 s, and a busy machine may need longer. */
  const isReady = (config: ReturnType<typeof configOf>, print: (line: string) => void) =>
    waitFor(async () => (await runHealth(config, print)) === 0, { what: "the dashboard" });

  test("answers the command health, which asks by address", async () => {
    const { port } = await start();
    const lines: string[] = [];
    const env = { SALESBOARD_TLS_CERT: "c", SALESBOARD_TLS_KEY: "k" };
    const { config } = read(["health", "--port", String(port)], env);
    await isReady(config, (line) => lines.push(line));
    expect(lines.at(-1)).toBe(`https://127.0.0.1:${port}/readyz is ready.`);
  });

  // `top` accepted the certificate at 127.0.0.1, `health` and `doctor` with --url refused it.
  test("is trusted at 127.0.0.1 by every command, and at a name by none", async () => {
    const { port } = await start();
    const url = `https://127.0.0.1:${port}`;
    const doctor = (address: string) => configOf("doctor", "--url", address);
    await isReady(read(["health", "--url", url]).config, () => {});
    const isSeen = async () => (await checkDashboard(doctor(url)))[0]?.state === "ok";
    await waitFor(isSeen, { what: "doctor to see the dashboard" });
    expect(await checkStream(doctor(url), WAIT_MS_MAX)).toMatchObject([{ state: "ok" }]);
    const [refused] = await checkDashboard(doctor(url.replace("127.0.0.1", "localhost")));
    expect(refused).toMatchObject({ state: "problem" });
    expect(refused?.text).toMatch(/certificate|altname/i);
  });
});

describe("keyPair", () => {
  test("says what is wrong, without the key", () => {
    const [one, two] = [issue("a.example"), issue("b.example")];
    const text = (path: string) => readFileSync(path, "utf8");
    const [cert, key] = [text(one.certificate), text(one.key)];
    expect(keyPair(cert, key)).toEqual({ cert, key });
    expect(() => keyPair("x", key)).toThrow("the certificate cannot be read");
    expect(() => keyPair(cert, "x")).toThrow("the key cannot be read: it must be PEM");
    const behind = "a certificate behind the first one cannot be read";
    expect(() => keyPair(cert + cert.slice(0, 400), key)).toThrow(behind);
    expect(() => keyPair(cert, text(two.key))).toThrow("the key is not that of the certificate");
  });
});
