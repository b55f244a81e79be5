/**
 * A broadcast to all pages as Hono's documentation would have it: `streamSSE`, a list of streams,
 * and each frame written to each of them as a message.
 *
 *   naive-sse FRAMES
 *
 * FRAMES: a JSON file of frames, each a list of messages `{ event?, data }`, sent ten times a second
 * one after the other. A message "hb" tells the server's clock once a second, as ours does.
 */

import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { type SSEMessage, type SSEStreamingApi, streamSSE } from "hono/streaming";

const INTERVAL_MS = 100;
const FRAMES_PER_HEARTBEAT = 10;

const path = process.argv[2] ?? "";
const frames: SSEMessage[][] = JSON.parse(readFileSync(path, "utf8"));
const streams = new Set<SSEStreamingApi>();
const app = new Hono();

app.get("/events", (c) =>
  streamSSE(c, async (stream) => {
    await stream.writeSSE({ data: "snapshot" });
    streams.add(stream);
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    streams.delete(stream);
  }),
);

let sent = 0;
setInterval(() => {
  const messages = [...(frames[sent % frames.length] ?? [])];
  if (sent % FRAMES_PER_HEARTBEAT === 0) {
    messages.push({ event: "hb", data: JSON.stringify({ t: Date.now() }) });
  }
  sent++;
  for (const stream of streams) for (const message of messages) void stream.writeSSE(message);
}, INTERVAL_MS);

const options = { hostname: "127.0.0.1", port: 0, idleTimeout: 0 };
const server = Bun.serve({ ...options, fetch: app.fetch });
console.log(`Listening at ${server.url}`);
