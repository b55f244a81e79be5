/**
 * Ten thousand pages on one dashboard, ten frames a second: what a frame costs and how late it is,
 * what a page costs in memory, what one that reads nothing costs the others, and how soon all are
 * back when they come at once. Beside it the usual broadcast with Hono's `streamSSE`, which is
 * given the same frames. The server has one core; readers and the source of the sales have the
 * other.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  fanOutSection,
  type Measured,
  type Size,
  type Stall,
  type Window,
} from "./fan-out/section.ts";
import { cpuSeconds } from "./measure.ts";
import type { BenchOptions, Section } from "./section.ts";
import { captureFrames } from "./tools/frames.ts";
import { end, memoryKb, startOn, unsentBytes, untilSaid, waitSeconds } from "./tools/processes.ts";
import { Readers } from "./tools/readers.ts";

const SERVER_CORE = 0;
const OTHER_CORE = 1;
/** Enough that each of ten transactions a second has something to show. */
const SALES_PER_SECOND = 100;
const FRAMES_CAPTURED = 50;
const WARM_UP_SECONDS = 5;
const STALL_SAMPLE_MS = 2_000;
/** How often a window is measured until something was sent in it. */
const WINDOWS_MAX = 30;

const SIZES: Record<BenchOptions["mode"], Size> = {
  full: { readers: 10_000, windows: 4, windowSeconds: 30 },
  short: { readers: 500, windows: 2, windowSeconds: 2 },
};

const root = fileURLToPath(new URL("..", import.meta.url));
const executable = `${root}dist/salesboard`;

export async function measureFanOut({ mode, progress }: BenchOptions): Promise<Section> {
  const size = SIZES[mode];
  const folder = mkdtempSync(join(tmpdir(), "salesboard-fan-out-"));
  try {
    const framesPath = join(folder, "frames.json");
    const ours = await measureOurs(size, framesPath, progress);
    const naive = await measureNaive(size, framesPath, progress);
    return fanOutSection({ size, ours, naive });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureOurs(
  size: Size,
  framesPath: string,
  progress: BenchOptions["progress"],
): Promise<Measured> {
  const rate = ["--rate", String(SALES_PER_SECOND)];
  const feed = startOn(OTHER_CORE, [executable, "--roles", "producer,aggregator", ...rate]);
  const server: ReturnType<typeof startOn>[] = [];
  try {
    const brokers = await untilSaid(feed.stderr, /"brokers":"([^"]+)"/);
    // The embedded broker answers a waiting fetch only when its time is over.
    const prompt = ["-X", "fetch.wait.max.ms=20"];
    const serve = ["serve", "--brokers", brokers, "--port", "0", ...prompt];
    const dashboard = startOn(SERVER_CORE, [executable, ...serve]);
    server.push(dashboard);
    const port = Number(await untilSaid(dashboard.stdout, /:(\d+)\/\s/));
    const frames = await captureFrames(`http://127.0.0.1:${port}/events`, FRAMES_CAPTURED);
    writeFileSync(framesPath, JSON.stringify(frames));
    return await measureServer({ pid: dashboard.pid, port, size, progress, isOurs: true });
  } finally {
    for (const child of [...server, feed]) await end(child);
  }
}

async function measureNaive(
  size: Size,
  framesPath: string,
  progress: BenchOptions["progress"],
): Promise<Measured> {
  const program = join(root, "bench/peers/naive-sse.ts");
  const server = startOn(SERVER_CORE, [process.execPath, program, framesPath]);
  try {
    const port = Number(await untilSaid(server.stdout, /:(\d+)\/\s/));
    const short = { ...size, windows: Math.min(size.windows, 2) };
    const name = (line: string) => progress(`naive: ${line}`);
    return await measureServer({ pid: server.pid, port, size: short, progress: name });
  } finally {
    await end(server);
  }
}

interface Subject {
  pid: number;
  port: number;
  size: Size;
  progress: BenchOptions["progress"];
  /** With a reader that stalls, and all readers that come back at once. */
  isOurs?: boolean;
}

async function measureServer(subject: Subject): Promise<Measured> {
  const { pid, port, size, progress, isOurs } = subject;
  const idle = memoryKb(pid).rss;
  const readers = new Readers(port, OTHER_CORE);
  try {
    const { refused } = await readers.open(size.readers);
    if (refused > 0) throw new Error(`${refused} of ${size.readers} streams were refused.`);
    await readers.measure(WARM_UP_SECONDS);
    const windows: Window[] = [];
    for (let i = 1; i <= size.windows; i++) {
      windows.push(await measureWindow(readers, pid, size.windowSeconds));
      progress(`window ${i} of ${size.windows}: ${describe(windows.at(-1) as Window)}`);
    }
    if (!isOurs) return { windows, idle };
    const stall = await measureStall(readers, subject);
    progress(`with a stalled reader: ${describe(stall.window)}, ${stall.unsentBytesMax} bytes`);
    const back = await readers.reconnect();
    progress(`${back.served} readers were back after ${back.seconds.toFixed(1)} s`);
    return { windows, idle, stall, back };
  } finally {
    await readers.end();
  }
}

/**
 * A window in which something was sent: on a busy machine a server may get no processor time for
 * seconds, and a window of nothing has no figure.
 * @throws Error after `WINDOWS_MAX` windows of nothing
 */
async function measureWindow(readers: Readers, pid: number, seconds: number): Promise<Window> {
  for (let i = 0; i < WINDOWS_MAX; i++) {
    const window = await measureOnce(readers, pid, seconds);
    if (window.messages > 0 && window.cpu > 0) return window;
  }
  throw new Error(`The server sent nothing in ${WINDOWS_MAX} windows of ${seconds} s.`);
}

async function measureOnce(readers: Readers, pid: number, seconds: number): Promise<Window> {
  const before = cpuSeconds(pid);
  const waitedBefore = waitSeconds(pid);
  const seen = await readers.measure(seconds);
  const waits = [...waitSeconds(pid)].map(([id, waited]) => waited - (waitedBefore.get(id) ?? 0));
  const waited = Math.max(...waits) / seen.seconds;
  return { ...seen, cpu: cpuSeconds(pid) - before, waited, rss: memoryKb(pid).rss };
}

/** Longer than it takes until a reader that reads nothing is dropped, in full mode. */
async function measureStall(readers: Readers, { pid, port, size }: Subject): Promise<Stall> {
  const { stalledPorts } = await readers.stall(1);
  const held: number[] = [];
  const sample = () => held.push(...unsentBytes(port, stalledPorts));
  const timer = setInterval(sample, STALL_SAMPLE_MS);
  try {
    const window = await measureWindow(readers, pid, 2 * size.windowSeconds);
    const isDropped = unsentBytes(port, stalledPorts).length === 0;
    return { window, unsentBytesMax: Math.max(0, ...held), isDropped };
  } finally {
    clearInterval(timer);
  }
}

function describe({ cpu, waited, seconds, delayMs, rss, messages }: Window): string {
  const cores = `${(cpu / seconds).toFixed(2)} cores (waited ${Math.round(waited * 100)} %)`;
  const rate = Math.round(messages / seconds);
  return `${cores}, ${rate} messages/s, p99 ${delayMs.p99} ms, ${Math.round(rss / 1024)} MB`;
}
