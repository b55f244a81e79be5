import { expect, test } from "bun:test";
import { connect } from "node:net";
import { limitSendBuffers } from "../../../src/dashboard/stream/send-buffer.ts";
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

test("limitSendBuffers bounds what is kept for a reader that reads nothing", async () => {
  const unbounded = await takenFor(async () => {});
  const bounded = await takenFor(limitSendBuffers);
  // A part of both is the reader's own receive buffer.
  expect(bounded).toBeLessThan(unbounded / 4);
});

test("limitSendBuffers lets ports be that nobody listens at", async () => {
  await limitSendBuffers(1);
});
