/**
 * From exec to the first page, beside an executable that is nothing but an empty server; the memory
 * of all roles with the embedded broker, and the size of the file.
 */

import { statSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { type Spread, spreadOf } from "./measure.ts";
import type { BenchOptions, Section } from "./section.ts";
import { memoryKb } from "./tools/processes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const executable = `${root}dist/salesboard`;
const empty = `${root}.cache/bench/empty-server`;

const START_MS_MAX = 60;
const MEMORY_MB_MAX = 120;
const FIRST_ANSWER_MS_MAX = 180_000;
const POLL_MS = 1;

const SIZES = { full: { rounds: 21, idleSeconds: 20 }, short: { rounds: 3, idleSeconds: 2 } };

/** Name → what is started, and what is asked. */
const subjects: Record<string, { command: (port: string) => string[]; path: string }> = {
  "empty Bun.serve": { command: (port) => [empty, port], path: "/" },
  "salesboard, /": { command: (port) => [executable, "--port", port], path: "/" },
  "salesboard, /livez": { command: (port) => [executable, "--port", port], path: "/livez" },
};

/** Fewest sales a second that can be made up, and the default. */
const rates = ["1", "20"];

export async function measureStart({ mode, progress }: BenchOptions): Promise<Section> {
  const { rounds, idleSeconds } = SIZES[mode];
  const times = new Map(Object.keys(subjects).map((name) => [name, [] as number[]]));
  // Not counted: it reads the files from disk.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { command, path }] of Object.entries(subjects)) {
      const ms = await firstAnswerMs(command, path);
      if (round > 0) times.get(name)?.push(ms);
    }
  }
  const spreads = new Map([...times].map(([name, list]) => [name, spreadOf(list)]));
  for (const [name, { median }] of spreads) progress(`${name}: ${median.toFixed(0)} ms`);
  const memories = [];
  for (const rate of rates) {
    memories.push({ rate, ...(await idleMemoryKb(rate, idleSeconds)) });
    progress(`memory at ${rate} sales/s: ${megabytes(memories.at(-1)?.rss ?? 0)}`);
  }
  return section({ rounds, spreads, memories, times: Object.fromEntries(times) });
}

/** From exec to the whole of an answer with 200. */
async function firstAnswerMs(command: (port: string) => string[], path: string): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  const options = { stdin: "ignore", stdout: "ignore", stderr: "ignore", env: {} } as const;
  const child = Bun.spawn(command(String(port)), options);
  try {
    for (;;) {
      const isAnswered = await fetch(`http://127.0.0.1:${port}${path}`)
        .then(async (response) => (await response.text()) !== "" && response.ok)
        .catch(() => false);
      const ms = performance.now() - startedAt;
      if (isAnswered) return ms;
      if (ms > FIRST_ANSWER_MS_MAX) throw new Error(`${command(String(port))} does not answer`);
      await Bun.sleep(POLL_MS);
    }
  } finally {
    child.kill();
    await child.exited;
  }
}

async function idleMemoryKb(rate: string, seconds: number): Promise<{ rss: number; pss: number }> {
  const command = [executable, "--port", "0", "--rate", rate];
  const options = { stdin: "ignore", stdout: "ignore", stderr: "ignore", env: {} } as const;
  const child = Bun.spawn(command, options);
  try {
    await Bun.sleep(seconds * 1000);
    return memoryKb(child.pid);
  } finally {
    child.kill();
    await child.exited;
  }
}

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.on("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
  });
  return promise;
}

function section(measured: {
  rounds: number;
  spreads: ReadonlyMap<string, Spread>;
  memories: readonly { rate: string; rss: number; pss: number }[];
  times: Record<string, number[]>;
}): Section {
  const { rounds, spreads, memories, times } = measured;
  const [floor, page, livez] = [...spreads.values()] as [Spread, Spread, Spread];
  const more = Math.max(page.median, livez.median) - floor.median;
  const rss = Math.max(...memories.map((memory) => memory.rss));
  const sizes = [empty, executable].map((file) => statSync(file).size);
  return {
    title: `Start and size, ${rounds} rounds`,
    columns: ["", "figure"],
    rows: [
      ...[...spreads].map(([name, spread]) => [`exec to the first 200: ${name}`, inMs(spread)]),
      ...memories.map(({ rate, rss, pss }) => [
        `memory of all roles at ${rate} sales/s`,
        `${megabytes(rss)} RSS, ${megabytes(pss)} PSS`,
      ]),
      ["executable", `${(Number(sizes[1]) / 1e6).toFixed(0)} MB`],
      ["empty executable", `${(Number(sizes[0]) / 1e6).toFixed(0)} MB`],
    ],
    goals: [
      {
        what: "exec to the first 200, more than an empty server's",
        goal: `at most ${START_MS_MAX} ms`,
        measured: `${more.toFixed(0)} ms`,
        met: more <= START_MS_MAX,
      },
      {
        what: "memory of all roles with the embedded broker",
        goal: `at most ${MEMORY_MB_MAX} MB`,
        measured: megabytes(rss),
        met: rss <= MEMORY_MB_MAX * 1024,
      },
    ],
    data: { times, memories, sizes },
    skipped: [],
  };
}

function inMs({ min, median, max }: Spread): string {
  return `${median.toFixed(0)} ms (${min.toFixed(0)}–${max.toFixed(0)})`;
}

function megabytes(kb: number): string {
  return `${(kb / 1024).toFixed(0)} MB`;
}
