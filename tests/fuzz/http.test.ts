/**
 * The dashboard by HTTP against strangers: odd requests, huge ones, and readers that do not read.
 * Nobody is answered 500, nothing is thrown, memory is bounded, and others are served meanwhile.
 * The same sample each time; `npm run fuzz` asks 25 times as often. FUZZ_SEED repeats a run.
 */

import { afterAll, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { listen, type Server } from "../../src/dashboard/http/server.ts";
import { closeGated, cookieOf, fileOf, gatedBy, right, users } from "../dashboard/gated.ts";
import { waitFor } from "../support/wait.ts";
import { Random } from "./generate.ts";
import { nearlyRequest } from "./http-requests.ts";

/** `npm run fuzz` asks for millions; a request costs more than a record. */
const CASES_PER_REQUEST = 1_000;
const requests = Number(Bun.env.FUZZ_CASES ?? 400_000) / CASES_PER_REQUEST;
const seed = Number(Bun.env.FUZZ_SEED ?? 1);
const connections = Bun.env.FUZZ_CASES === undefined ? 200 : 3_000;
const timeoutMs = 300_000 + requests * 100;
/** What all of this may cost in memory, in the process of both sides. */
const growthBytesMax = 500_000_000;
/** Of an answer that a test reads. */
const answerBytesMax = 100_000;

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => server.stop()));
  closeGated();
});

async function start(...args: string[]) {
  const { fed, login } = await gatedBy("--alert", "revenue > 5", ...args);
  const server = listen(fed.dashboard.app, { host: "127.0.0.1", port: 0, basePath: "/" });
  servers.push(server);
  return { fed, login, server };
}

function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  sockets.add(socket);
  // The server may close at any time.
  socket.on("error", () => {});
  socket.on("close", () => sockets.delete(socket));
  return socket;
}

/** The beginning of what is answered to these bytes: until the end, or until nobody says more. */
function answerTo(port: number, bytes: Buffer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = open(port);
  let text = "";
  const end = () => {
    resolve(text);
    socket.destroy();
  };
  socket.on("data", (part) => {
    text += part.toString("latin1");
    if (text.length > answerBytesMax) end();
  });
  socket.on("close", end);
  // Ours is half a request at times: then the server waits for the rest.
  socket.setTimeout(500, end);
  socket.write(bytes);
  return promise;
}

/** Those who ask as they should are answered. */
async function expectServed({ url }: Server): Promise<void> {
  const paths = ["livez", "readyz", "metrics"];
  const answers = await Promise.all(paths.map((path) => fetch(url + path)));
  // With users, metrics need a login.
  expect(answers.map(({ status }) => (status === 401 ? 200 : status))).toEqual([200, 200, 200]);
}

function residentBytes(): number {
  Bun.gc(true);
  return process.memoryUsage().rss;
}

test(
  `${requests} requests of seed ${seed}: no fault, and others are served`,
  async () => {
    const file = fileOf(users);
    const { server, login } = await start("--users", file, "--trusted-proxy", "127.0.0.1");
    const plain = await start();
    const session = (cookieOf(await login(right)).Cookie ?? "").split("=")[1] ?? "";
    const before = residentBytes();
    const random = new Random(seed);
    const seen = new Map<string, number>();
    for (let i = 0; i < requests; i += 8) {
      const batch = Array.from({ length: 8 }, () => {
        const { port } = random.below(2) === 0 ? server : plain.server;
        return { port, bytes: nearlyRequest(random, session) };
      });
      const answers = batch.map(({ port, bytes }) => answerTo(port, bytes));
      for (const [j, answer] of (await Promise.all(answers)).entries()) {
        const [, status = "none"] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
        seen.set(status, (seen.get(status) ?? 0) + 1);
        const request = batch[j]?.bytes.toString().slice(0, 500);
        if (status === "500")
          expect({ seed, request, answer: answer.slice(0, 300) }).toBe(status as never);
        // What a stranger sends is repeated in no header.
        expect(answer.split("\r\n\r\n")[0]).not.toMatch(/^X: y/m);
      }
    }
    console.log(`answers: ${[...seen].map(([status, n]) => `${status}: ${n}`).join(", ")}`);
    // Requests that are all refused alike would prove little.
    expect([...seen.keys()]).toContain("200");
    expect(seen.size).toBeGreaterThan(4);
    await expectServed(server);
    expect(residentBytes() - before).toBeLessThan(growthBytesMax);
  },
  timeoutMs,
);

test("10 MB of address, of headers or of a form are refused, and cost nothing that lasts", async () => {
  const { server } = await start("--users", fileOf(users));
  const much = "x".repeat(10_000_000);
  const head = "Host: localhost\r\nConnection: close\r\n";
  const before = residentBytes();
  const form = "Content-Type: application/x-www-form-urlencoded\r\n";
  const chunk = `${(10_000_000).toString(16)}\r\n${much}\r\n0\r\n\r\n`;
  for (const text of [
    `GET /?q=${much} HTTP/1.1\r\n${head}\r\n`,
    `GET /${much} HTTP/1.1\r\n${head}\r\n`,
    `GET / HTTP/1.1\r\n${head}X: ${much}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${head}Cookie: salesboard_session=${much}\r\n\r\n`,
    `POST /login HTTP/1.1\r\n${head}${form}Content-Length: ${much.length}\r\n\r\n${much}`,
    `POST /login HTTP/1.1\r\n${head}${form}Transfer-Encoding: chunked\r\n\r\n${chunk}`,
  ]) {
    const [answer] = await Promise.all([
      answerTo(server.port, Buffer.from(text)),
      expectServed(server),
    ]);
    expect([text.slice(0, 60), answer]).toEqual([
      text.slice(0, 60),
      expect.stringMatching(/^$|^HTTP\/1\.1 4\d\d /),
    ]);
  }
  await expectServed(server);
  expect(residentBytes() - before).toBeLessThan(growthBytesMax);
});

test(
  `${connections} connections that say little, or read nothing: others are served`,
  async () => {
    const { fed, server } = await start();
    const before = residentBytes();
    const slow: Socket[] = [];
    const texts = [
      "GET /events?view=table HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(20),
      "GET / HT",
      "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nna",
    ];
    for (let i = 0; i < connections; i++) {
      const socket = open(server.port);
      socket.pause();
      socket.write(texts[i % texts.length] ?? "");
      slow.push(socket);
      if (i % 50 === 0) await expectServed(server);
    }
    const streams = Math.ceil(connections / texts.length);
    await waitFor(async () => (await streamsAt(server)) === streams, { what: "all streams" });
    // Each of them writes one byte more, and gets changes that it does not read.
    for (let round = 0; round < 5; round++) {
      for (const socket of slow) if (!socket.destroyed) socket.write("x");
      for (let i = 0; i < 20; i++) fed.feed(`Laptop ${round} ${i}`, "1");
      await expectServed(server);
      const { total } = (await (await fetch(`${server.url}api/v1/totals`)).json()) as {
        total: { sales: number };
      };
      expect(total.sales).toBeGreaterThan(0);
    }
    expect(residentBytes() - before).toBeLessThan(growthBytesMax);
    for (const socket of slow) socket.destroy();
    await waitFor(async () => (await streamsAt(server)) === 0, { what: "the end of all streams" });
  },
  timeoutMs,
);

async function streamsAt({ url }: Server): Promise<number> {
  const text = await (await fetch(`${url}metrics`)).text();
  return Number(/^salesboard_dashboard_streams (\d+)$/m.exec(text)?.[1]);
}
