/** A dashboard, another program, and a proxy that holds the stream back. */

import { afterEach, expect, test } from "bun:test";
import { createServer, type RequestListener, type Server } from "node:http";
import { checkDashboard, checkStream } from "../../src/doctor/serving.ts";
import { configOf } from "../support/context.ts";

/** Longer than any of these servers needs; only a held stream waits so long. */
const WAIT_MS = 10_000;
const HELD_MS = 50;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function urlOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

const doctor = (...args: string[]) => configOf("doctor", "--brokers", "kafka:9092", ...args);

test("a ready dashboard is all right, and one that is not ready says why", async () => {
  const ready = await urlOf((_, response) => response.end("{}"));
  expect(await checkDashboard(doctor("--url", ready))).toMatchObject([{ state: "ok" }]);
  const busy = await urlOf((_, response) => {
    response.writeHead(503).end('{"ready":false,"reasons":["Kafka does not answer."]}');
  });
  expect(await checkDashboard(doctor("--url", busy))).toMatchObject([
    { state: "warning", text: `${busy}/readyz is not ready: Kafka does not answer.` },
  ]);
});

test("another program at the port of the dashboard is a problem", async () => {
  const other = await urlOf((_, response) => response.writeHead(404).end("No."));
  const port = new URL(other).port;
  expect(await checkDashboard(doctor("--port", port))).toMatchObject([
    { state: "problem", text: `Another program listens at 127.0.0.1:${port}.`, mend: "--port N" },
  ]);
});

test("without the role dashboard, nobody looks for one", async () => {
  expect(await checkDashboard(doctor("--roles", "aggregator"))).toEqual([]);
  expect(await checkStream(doctor())).toEqual([]);
});

const beat = 'event: hb\ndata: {"t":1}\n\n';

const stream: RequestListener = (_, response) => {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  const timer = setInterval(() => response.write(beat), 200);
  response.on("close", () => clearInterval(timer));
};

test("a stream that comes at once is all right, under its base path too", async () => {
  const paths: (string | undefined)[] = [];
  const url = await urlOf((request, response) => {
    paths.push(request.url);
    stream(request, response);
  });
  expect(await checkStream(doctor("--url", `${url}/sales/`), WAIT_MS)).toMatchObject([
    { state: "ok", text: `The stream of ${url}/sales/events comes through at once.` },
  ]);
  expect(paths).toEqual(["/sales/events"]);
});

test("a proxy that buffers, compresses or answers itself is told with the cure", async () => {
  const held = await urlOf((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
  });
  const silent = await urlOf(() => {});
  // nginx: the first message fills its buffer and comes through, and all that follows is held.
  const full = await urlOf((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${"x".repeat(200_000)}\n\n${beat}${beat}`);
  });
  for (const url of [held, silent, full]) {
    expect(await checkStream(doctor("--url", url), HELD_MS)).toMatchObject([
      {
        state: "problem",
        text: `A proxy holds the stream of ${url}/events back.`,
        mend: expect.stringContaining("docs/proxies.md"),
      },
    ]);
  }
  const packed = await urlOf((_, response) => {
    const headers = { "content-type": "text/event-stream", "content-encoding": "gzip" };
    response.writeHead(200, headers).write("…");
  });
  const [finding] = await checkStream(doctor("--url", packed), WAIT_MS);
  expect(finding?.text).toBe(`A proxy compresses the stream of ${packed}/events.`);
  const web = await urlOf((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("Hello");
  });
  const [other] = await checkStream(doctor("--url", web), WAIT_MS);
  expect(other?.text).toBe(`${web}/events is no stream: it answers 200 with text/html.`);
});

// It said "is no stream: it answers 401 with application/json", and there was no way to log in.
test("a dashboard that asks for a login is looked at with a token, or says what is missing", async () => {
  const url = await urlOf((request, response) => {
    if (request.headers.authorization === "Bearer sb_x") stream(request, response);
    else response.writeHead(401, { "content-type": "application/json" }).end("{}");
  });
  const look = (...args: string[]) => checkStream(doctor("--url", url, ...args), WAIT_MS);
  expect(await look("--dashboard-token", "sb_x")).toMatchObject([{ state: "ok" }]);
  const mend = "--dashboard-token TOKEN";
  expect(await look()).toMatchObject([
    { state: "skipped", text: expect.stringContaining("it asks for a login"), mend },
  ]);
  expect(await look("--dashboard-token", "sb_y")).toMatchObject([
    { state: "problem", text: `${url}/events refuses the token.`, mend },
  ]);
});
