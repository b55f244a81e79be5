/** Both ways to stream behave alike on a real socket. */

import { afterEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import {
  type OpenStream,
  type Outlet,
  openDirectStream,
  openStream,
} from "../../../src/dashboard/stream/stream.ts";
import { waitFor } from "../../support/wait.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const bytes = (text: string) => new TextEncoder().encode(text);
const large = bytes("x".repeat(100_000));
/** More than any socket takes while nobody reads. */
const FRAMES_MAX = 1_000;

interface Pair {
  outlet: Outlet;
  events: string[];
  reader: Reader;
}

/** A client that reads when it is told to. */
class Reader {
  readonly socket: Socket;
  text = "";
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    this.socket.on("data", (data) => {
      this.text += data.toString("latin1");
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.isClosed = true;
    });
    ends.push(() => this.socket.destroy());
  }

  sees(text: string): Promise<boolean> {
    return waitFor(() => this.text.includes(text), { what: `${text} at the reader` });
  }

  closes(): Promise<boolean> {
    return waitFor(() => this.isClosed, { what: "the end of the connection" });
  }
}

async function connected(open: OpenStream): Promise<Pair> {
  const events: string[] = [];
  let outlet: Outlet | undefined;
  const stream = () =>
    open({
      onOpen: (opened) => {
        outlet = opened;
        opened.send(bytes("hello "));
      },
      onRoom: () => events.push("room"),
      onGone: () => events.push("gone"),
    });
  const fetch = () => new Response(stream());
  const options = { hostname: "127.0.0.1", port: 0, idleTimeout: 60, development: false } as const;
  const server = Bun.serve({ ...options, fetch });
  ends.push(() => server.stop(true));
  const reader = new Reader(server.port ?? 0);
  await reader.sees("hello");
  return { outlet: outlet as unknown as Outlet, events, reader };
}

/** Sends to a reader that reads nothing until it is behind; how many it took. */
async function fill({ outlet, reader }: Pair): Promise<number> {
  reader.socket.pause();
  for (let frames = 1; frames <= FRAMES_MAX; frames++) {
    if (!outlet.send(large)) return frames;
    // The standard's stream is emptied between two turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("It took everything.");
}

describe.each([
  ["openStream", openStream],
  ["openDirectStream", openDirectStream],
])("%s", (_name, open) => {
  test("sends frames in order", async () => {
    const { outlet, reader } = await connected(open);
    for (const frame of ["one ", "two ", "three "]) expect(outlet.send(bytes(frame))).toBe(true);
    await reader.sees("three ");
    expect(reader.text.replace(/\r\n\w+\r\n|\r\n/g, "")).toEndWith("one two three ");
  });

  test("says when a reader is behind, and when it has read all", async () => {
    const pair = await connected(open);
    const frames = await fill(pair);
    pair.events.length = 0;
    pair.reader.socket.resume();
    await waitFor(() => pair.events.includes("room"), { what: "room" });
    const read = () => pair.reader.text.split("x").length - 1;
    await waitFor(() => read() === frames * large.length, { what: "all that was sent" });
    expect(pair.outlet.send(bytes("next"))).toBe(true);
    await pair.reader.sees("next");
  });

  test("ends after what was sent", async () => {
    const { outlet, reader } = await connected(open);
    outlet.send(bytes("bye"));
    outlet.end();
    await reader.sees("bye");
    await reader.sees("\r\n0\r\n\r\n");
  });

  test("says when the reader is gone", async () => {
    const { events, reader } = await connected(open);
    reader.socket.destroy();
    await waitFor(() => events.includes("gone"), { what: "the reader to be gone" });
  });
});

// Bun keeps the connection of a stream by the standard until the reader has read what waits.
test("openDirectStream is aborted at once, though the reader reads nothing", async () => {
  const pair = await connected(openDirectStream);
  await fill(pair);
  pair.outlet.abort(new Error("Reads nothing."));
  await pair.reader.closes();
});

test("openDirectStream minds no frame for a reader that is gone", async () => {
  const { outlet, events, reader } = await connected(openDirectStream);
  reader.socket.destroy();
  await waitFor(() => events.includes("gone"), { what: "the reader to be gone" });
  outlet.send(bytes("late"));
  outlet.end();
});

test("openStream is aborted at once: nothing that waits is read", async () => {
  let outlet: Outlet | undefined;
  const onOpen = (opened: Outlet) => {
    outlet = opened;
  };
  const stream = openStream({ onOpen, onRoom: () => {}, onGone: () => {} });
  outlet?.send(large);
  outlet?.abort(new Error("Reads nothing."));
  await expect(stream.getReader().read()).rejects.toThrow("Reads nothing.");
});
