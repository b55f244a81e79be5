import { afterEach, describe, expect, test } from "bun:test";
import { checkHealth, runHealth } from "../../src/process/health.ts";
import { read } from "../support/settings.ts";

/** What the dashboard answers to a path, if it answers. */
type Answer = (path: string) => Response | Promise<Response>;

const servers: { stop(force: boolean): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

/** A dashboard's address; keeps it up until the end of the test. */
function dashboard(answer: Answer): { port: number; url: string } {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => answer(new URL(request.url).pathname),
  });
  servers.push(server);
  return { port: server.port ?? 0, url: `http://127.0.0.1:${server.port}` };
}

const at =
  (ready: string): Answer =>
  (path) =>
    new Response(null, { status: path === ready ? 200 : 404 });

async function health(...args: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const { config } = read(["health", ...args]);
  const status = await runHealth(config, (line) => lines.push(line));
  return { status, lines };
}

describe("runHealth", () => {
  test("answers 0 for a dashboard that is ready, on its own port by default", async () => {
    const { port, url } = dashboard(at("/readyz"));
    expect(await health("--port", String(port))).toEqual({
      status: 0,
      lines: [`${url}/readyz is ready.`],
    });
  });

  test.each([
    [["--base-path", "/sales"], ""],
    [["--base-path", "/sales"], "/"],
    [[], "/sales"],
    [["--base-path", "/other"], "/sales/"],
  ])("with %j and the path %j asks below the base path", async (args, path) => {
    const { url } = dashboard(at("/sales/readyz"));
    expect(await health(...args, "--url", `${url}${path}`)).toMatchObject({ status: 0 });
  });

  test("answers 1 with the reasons of a dashboard that is not ready", async () => {
    const reasons = ["partition 0 is restoring", "partition 1 has\na new owner"];
    const { url } = dashboard(() => Response.json({ ready: false, reasons }, { status: 503 }));
    expect(await health("--url", url)).toEqual({
      status: 1,
      lines: [
        `${url}/readyz is not ready (503): ` +
          "partition 0 is restoring; partition 1 has a new owner",
      ],
    });
    const { status, lines } = await health("--url", url, "--json");
    expect(status).toBe(1);
    expect(JSON.parse(lines.join())).toEqual({
      ready: false,
      url: `${url}/readyz`,
      status: 503,
      reasons,
    });
  });

  test("answers 1 in one line whatever answers there", async () => {
    const { url } = dashboard(() => new Response("<h1>\r\n\x1b[31m".repeat(1000), { status: 502 }));
    const { status, lines } = await health("--url", url);
    expect(status).toBe(1);
    expect(lines[0]).toStartWith(`${url}/readyz is not ready (502): <h1>`);
    expect(lines[0]).not.toMatch(/\p{Cc}/u);
  });

  test("follows no redirect", async () => {
    const { url } = dashboard((path) =>
      path === "/readyz" ? Response.redirect("/elsewhere") : new Response("ok"),
    );
    expect(await health("--url", url)).toMatchObject({ status: 1 });
  });

  test("answers 1 when nothing listens", async () => {
    const { url } = dashboard(at("/readyz"));
    await servers.splice(0)[0]?.stop(true);
    const { status, lines } = await health("--url", url);
    expect(status).toBe(1);
    expect(lines[0]).toContain("is not ready (no answer): ");
  });

  test("answers 1 when no answer comes in time", async () => {
    const { url } = dashboard(() => new Promise<Response>(() => undefined));
    const { lines } = await health("--url", url);
    expect(lines).toEqual([`${url}/readyz is not ready (no answer): no answer within 3000ms`]);
  }, 600_000);
});

describe("checkHealth", () => {
  test("asks no proxy", async () => {
    const { port } = dashboard(at("/readyz"));
    const before = process.env.HTTP_PROXY;
    process.env.HTTP_PROXY = "http://127.0.0.1:1";
    try {
      expect(
        await checkHealth({ url: undefined, port, tlsCert: undefined, basePath: "/" }),
      ).toMatchObject({
        ready: true,
      });
    } finally {
      if (before === undefined) delete process.env.HTTP_PROXY;
      else process.env.HTTP_PROXY = before;
    }
  });
});
