import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { adjustListening } from "../../../src/dashboard/stream/listening-socket.ts";
import { openDirectStream } from "../../../src/dashboard/stream/stream.ts";
import { waitFor } from "../../support/wait.ts";

const frame = new Uint8Array(4_000);

/** Bytes that a server takes for a client that reads nothing. */
async function takenFor(limit: (port: number) => Promise<void>): Promise<number> {
  let taken: number | undefined;
  const stream = () =>
    openDirectStream({
      onOpen: async (outlet) => {
        let bytes = frame.length;
        for (; outlet.send(frame); bytes += frame.length) await Bun.sleep(0);
        taken = bytes;
      },
      onRoom: () => {},
      onGone: () => {},
    });
  const fetch = () => new Response(stream());
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  const port = server.port ?? 0;
  await limit(port);
  const client = connect(port, "127.0.0.1");
  client.on("error", () => {});
  client.pause();
  client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  try {
    return await waitFor(() => taken, { what: "the connection to be full" });
  } finally {
    client.destroy();
    await server.stop(true);
  }
}

test("adjustListening bounds what is kept for a reader that reads nothing", async () => {
  const unbounded = await takenFor(async () => {});
  const bounded = await takenFor(adjustListening);
  // A part of both is the reader's own receive buffer.
  expect(bounded).toBeLessThan(unbounded / 4);
});

/** Connects to the port given as often as given, and prints how many connections there are. */
const rush = `
  const [port, count] = process.argv.slice(1).map(Number);
  let connected = 0;
  const end = () => { console.log(connected); process.exit(); };
  setTimeout(end, 60_000);
  for (let i = 0; i < count; i++) {
    const socket = require("node:net").connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.on("connect", () => ++connected === count && end());
  }`;

// Ten thousand pages came back at once, and the last of them after half a minute.
test("adjustListening lets thousands wait until a busy server accepts them", async () => {
  const allowed = Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));
  const count = Math.min(1_500, allowed);
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const port = server.port ?? 0;
  await adjustListening(port);
  // This waits in the thread that would accept.
  const { stdout } = Bun.spawnSync([
    process.execPath,
    ...["-e", rush, String(port), String(count)],
  ]);
  await server.stop(true);
  expect(Number(stdout)).toBe(count);
}, 120_000);

test("adjustListening lets ports be that nobody listens at", async () => {
  await adjustListening(1);
});
