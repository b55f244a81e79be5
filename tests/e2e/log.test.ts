/**
 * A reader of standard error that stalls, at the end of an ordinary pipe: one that lets whoever
 * writes to it wait.
 */

import { afterEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executablePath } from "../support/executable.ts";
import { endWithThisProcess } from "../support/guard.ts";
import { waitFor } from "../support/wait.ts";

const FILLER = `${"-".repeat(127)}\n`;
/** With all that librdkafka has to say in between, some times what may wait to be written. */
const SALES_WHILE_STALLED = 1_000;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The executable with its standard error in a pipe that is full, and that nobody empties. */
function startStalled(...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "salesboard-log-"));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  // Another opening of the same pipe: this one blocks.
  const stderr = openSync(path, constants.O_WRONLY);
  fill(reader);
  const cmd = [executablePath, "--port", "0", ...args];
  const child = Bun.spawn({ cmd, cwd: folder, env: {}, stdout: "pipe", stderr });
  endWithThisProcess(child, folder);
  closeSync(stderr);
  ends.push(() => {
    child.kill("SIGKILL");
    closeSync(reader);
    rmSync(folder, { recursive: true, force: true });
  });
  return { child, read: () => readNow(reader) };
}

function fill(pipe: number): void {
  try {
    for (;;) writeSync(pipe, FILLER);
  } catch (error) {
    expect(error).toMatchObject({ code: "EAGAIN" });
  }
}

/** What stands in the pipe, at most 64 KB. */
function readNow(pipe: number): string {
  const bytes = Buffer.alloc(64 * 1024);
  try {
    return bytes.toString("utf8", 0, readSync(pipe, bytes));
  } catch (error) {
    expect(error).toMatchObject({ code: "EAGAIN" });
    return "";
  }
}

async function urlOf({ stdout }: { stdout: ReadableStream<Uint8Array> }): Promise<string> {
  const { value } = await stdout.getReader().read();
  return /http:\S+/.exec(new TextDecoder().decode(value))?.[0] ?? "";
}

async function salesAt(url: string): Promise<number> {
  const { total } = (await (await fetch(`${url}/api/totals`)).json()) as {
    total: { sales: number };
  };
  return total.sales;
}

async function threeHeartbeats(url: string): Promise<void> {
  const { body } = await fetch(`${url}/events`);
  let beats = 0;
  for await (const chunk of body ?? []) {
    beats += new TextDecoder().decode(chunk).match(/^event: hb$/gm)?.length ?? 0;
    if (beats >= 3) return;
  }
  throw new Error("The stream has ended.");
}

describe("a reader of the log that stalls", () => {
  // The first line held up whoever wrote it, for as long as the reader did: nothing was counted.
  test("holds up neither counting nor heartbeats, and hears what was dropped", async () => {
    const { child, read } = startStalled(
      ...["--rate", "500", "--log-level", "debug", "--log-format", "json", "-X", "debug=all"],
    );
    const url = await urlOf(child);
    await waitFor(async () => (await salesAt(url)) > SALES_WHILE_STALLED, { what: "sales" });
    await threeHeartbeats(url);
    let text = "";
    const said = await waitFor(
      () => {
        text += read();
        return /^.*Dropped log records, because nobody read standard error in time.*\n/m.exec(
          text,
        )?.[0];
      },
      { what: "what was dropped", pollMs: 1 },
    );
    expect(JSON.parse(said).properties.dropped).toBeGreaterThan(0);
    const before = await salesAt(url);
    await waitFor(async () => (await salesAt(url)) > before, { what: "more sales" });
    child.kill("SIGTERM");
    await waitFor(
      () => {
        text += read();
        return child.exitCode !== null;
      },
      { what: "the end", pollMs: 1 },
    );
    text += read();
    expect(child.exitCode).toBe(0);
    const lines = text.split("\n").slice(0, -1);
    const ours = lines.filter((line) => `${line}\n` !== FILLER);
    expect(ours.map((line) => typeof JSON.parse(line).message)).toEqual(
      Array(ours.length).fill("string"),
    );
    expect(text).toContain("Stopping on SIGTERM");
  }, 600_000);

  test("does not hold up the end of the process", async () => {
    const { child } = startStalled("--rate", "500");
    const url = await urlOf(child);
    await waitFor(async () => (await salesAt(url)) > 0, { what: "sales" });
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  }, 600_000);
});
