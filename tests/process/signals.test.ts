/** What ends a process in order, at once, or not at all. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";

describe("signals", () => {
  const fixture = new URL("../fixtures/signals.ts", import.meta.url).pathname;
  const spawn = (...by: string[]) =>
    Bun.spawn([...by, process.execPath, fixture], {
      stdout: "pipe",
      stderr: "ignore",
    });

  /** Reads what the process prints up to `text`. */
  async function until(reader: ReadableStreamDefaultReader<Uint8Array>, text: string) {
    let printed = "";
    while (!printed.includes(text)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`The process ended before it printed "${text}".`);
      printed += new TextDecoder().decode(value);
    }
  }

  test.each(["SIGTERM", "SIGINT"] as const)("end the group on %s", async (signal) => {
    const child = spawn();
    const reader = child.stdout.getReader();
    await until(reader, "working\n");
    child.kill(signal);
    await until(reader, "stopping\n");
    child.kill("SIGUSR2");
    expect(await child.exited).toBe(0);
  });

  // A closed terminal ended the aggregator in the middle of a transaction.
  test("end the group when the terminal is closed, however often that is told", async () => {
    const child = spawn();
    const reader = child.stdout.getReader();
    await until(reader, "working\n");
    child.kill("SIGHUP");
    await until(reader, "stopping\n");
    child.kill("SIGHUP");
    child.kill("SIGUSR2");
    expect(await child.exited).toBe(0);
  });

  test("with nohup, the process outlives its terminal", async () => {
    const child = spawn("nohup");
    const reader = child.stdout.getReader();
    await until(reader, "working\n");
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    child.kill("SIGKILL");
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1];
    expect(BigInt(`0x${ignored}`) & 1n).toBe(1n);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("end the process at once on a second %s", async (signal, status) => {
    const child = spawn();
    const reader = child.stdout.getReader();
    await until(reader, "working\n");
    child.kill(signal);
    await until(reader, "stopping\n");
    child.kill(signal);
    expect(await child.exited).toBe(status);
  });

  // `salesboard | head -1` served on, unseen, after head had ended.
  test("end the group when the reader of a pipe has ended", async () => {
    const pipeline = '("$0" "$1" quick; echo "ended $?" >&2) | head -1';
    const child = Bun.spawn(["sh", "-c", pipeline, process.execPath, fixture], {
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await new Response(child.stdout).text()).toBe("working\n");
    const log = await new Response(child.stderr).text();
    expect(log).toContain("Stopping, because nobody reads standard output any more.");
    expect(log).toEndWith("ended 0\n");
  });
});
