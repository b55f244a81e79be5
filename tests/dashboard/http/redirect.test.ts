/** The port that leads from http:// to https://, under names of this dashboard alone. */

import { afterAll, describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { createRedirectApp } from "../../../src/dashboard/http/redirect.ts";
import { listen } from "../../../src/dashboard/http/server.ts";
import { Authority } from "../../support/certificates.ts";
import { requirement } from "../../support/require.ts";

const test = requirement("openssl");
let authority: Authority | undefined;
afterAll(() => authority?.close());

function redirectApp(of: { names?: readonly string[]; certified?: string[]; port?: number } = {}) {
  authority ??= new Authority();
  const { names, certified: certifiedNames = ["DNS:board.example.com"], port = 8443 } = of;
  const { certificate } = authority.issue("board", { names: certifiedNames });
  const value = { cert: readFileSync(certificate, "utf8"), key: "" };
  return createRedirectApp({ names: names && new Set(names), certificate: { value }, port });
}

async function ask(app: ReturnType<typeof redirectApp>, Host: string, path = "/", method = "GET") {
  const answer = await app.request(`http://x${path}`, { method, headers: { Host } });
  return [answer.status, answer.headers.get("location")];
}

describe("a request by http", () => {
  test("is led to the same address by https", async () => {
    const app = redirectApp({ names: ["board.example.com", "[::1]"] });
    const path = "/graph?window=24h&q=%C3%A4";
    const target = `https://board.example.com:8443${path}`;
    expect(await ask(app, "board.example.com", path)).toEqual([308, target]);
    expect(await ask(app, "BOARD.example.com.:80", path)).toEqual([308, target]);
    expect(await ask(app, "[::1]:80")).toEqual([308, "https://[::1]:8443/"]);
    expect(await ask(app, "board.example.com", "/", "HEAD")).toEqual([
      308,
      "https://board.example.com:8443/",
    ]);
    const usual = redirectApp({ names: ["b"], port: 443 });
    expect(await ask(usual, "b:80")).toEqual([308, "https://b/"]);
  });

  const strangers = [
    "evil.example",
    "board.example.com.evil.example",
    "board.example.com@evil",
    "",
  ];

  test("leads nowhere under a name that is not the dashboard's", async () => {
    for (const app of [redirectApp({ names: ["board.example.com"] }), redirectApp()]) {
      for (const name of [...strangers, "10.0.0.1", "[::2]", "evil.example/board.example.com"]) {
        expect([name, ...(await ask(app, name))]).toEqual([name, 421, null]);
      }
    }
  });

  test("leads to the host that was asked, whatever the path looks like", async () => {
    const app = redirectApp({ names: ["b"] });
    for (const path of ["//evil.example/", "/\\evil.example", "/@evil.example", "/http://evil/"]) {
      const [status, location] = await ask(app, "b", path);
      expect(status).toBe(308);
      expect(new URL(String(location)).host).toBe("b:8443");
    }
  });

  // A dashboard for other machines does not know its names; its certificate does.
  test("goes by the names of the certificate where none are allowed by name", async () => {
    const app = redirectApp({ certified: ["DNS:*.example.com", "IP:10.0.0.7"] });
    for (const name of ["board.example.com", "10.0.0.7", "localhost", "127.0.0.1"]) {
      expect(await ask(app, name)).toEqual([308, `https://${name}:8443/`]);
    }
    expect((await ask(app, "a.b.example.com"))[0]).toBe(421);
  });

  test("that sends a form is not led on, because the form was readable on its way", async () => {
    const app = redirectApp({ names: ["b"] });
    expect(await ask(app, "b", "/login", "POST")).toEqual([405, null]);
  });
});

test("a real connection is led on, and a request that names no host is not", async () => {
  const app = redirectApp({ names: ["127.0.0.1"] });
  const server = listen(app, { host: "127.0.0.1", port: 0, basePath: "/" });
  try {
    const answer = await fetch(`${server.url}a`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([
      308,
      "https://127.0.0.1:8443/a",
    ]);
    const stranger = await fetch(server.url, { redirect: "manual", headers: { Host: "evil" } });
    expect([stranger.status, await stranger.text()]).toEqual([
      421,
      expect.stringContaining("under its own names; received evil. If this name is yours"),
    ]);
  } finally {
    await server.stop();
  }
});
