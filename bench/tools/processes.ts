/** Programs that the bench starts and asks on their way. */

import { readdirSync, readFileSync } from "node:fs";

export type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

/** All threads on one core, from the first instruction. */
export function startOn(core: number, command: readonly string[]): Child {
  const env = { PATH: process.env.PATH ?? "" };
  const pinned = ["taskset", "-c", String(core), ...command];
  return Bun.spawn(pinned, { stdin: "ignore", stdout: "pipe", stderr: "pipe", env });
}

/** Waits for a line of output that fits; what comes after it is read and dropped. */
export async function untilSaid(
  stream: ReadableStream<Uint8Array>,
  pattern: RegExp,
): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Nothing that fits ${pattern} was said:\n${text}`);
    text += decoder.decode(value, { stream: true });
    const [, said] = pattern.exec(text) ?? [];
    if (said === undefined) continue;
    void drain(reader);
    return said;
  }
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

export async function end(child: Child): Promise<void> {
  child.kill();
  await child.exited;
}

/** Resident memory, kB: all of it, and the share of each page that is the process's own. */
export function memoryKb(pid: number): { rss: number; pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  return { rss: of("Rss"), pss: of("Pss") };
}

/** Seconds that each thread could have run and had to wait for a core, by thread. */
export function waitSeconds(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/task`;
  return new Map(
    readdirSync(folder).map((thread) => {
      const [, waitedNs] = readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ");
      return [thread, Number(waitedNs) / 1e9];
    }),
  );
}

/** Bytes that the kernel holds, on the side of `port`, for each connection to one of `peers`. */
export function unsentBytes(port: number, peers: readonly number[]): number[] {
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, "0");
  const ends = new Set(peers.map(hex));
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, remote]) => local?.endsWith(`:${hex(port)}`) && ends.has(portOf(remote)))
    .map((fields) => Number.parseInt(fields[4]?.split(":")[0] ?? "", 16));
}

function portOf(address = ""): string {
  return address.slice(address.lastIndexOf(":") + 1);
}
