/** Standard output: texts are written in order, and the process can wait until all are out. */

import { readlinkSync } from "node:fs";
import { openLibc } from "./libc.ts";

const STDOUT = 1;
/** How soon it is noticed that nobody reads any more. */
const READER_LOOK_MS = 500;
/** From the headers of Linux, for the architectures that we build for. */
const POLLERR = 8;

let waiting = 0;
let last: Promise<void> = Promise.resolve();

/** Never waits. A reader that has gone is no error. */
export function writeOut(text: string): void {
  waiting += text.length;
  last = new Promise((resolve) => {
    process.stdout.write(text, () => {
      waiting -= text.length;
      resolve();
    });
  });
}

/** Characters that the reader has not taken yet. */
export function outputWaiting(): number {
  return waiting;
}

/** The end of the process cuts what a pipe has no room for: it has 64 KB, and readers are slow. */
export function outputWritten(): Promise<void> {
  return last;
}

/**
 * Calls `onGone` once the reader of a pipe has ended, as `head` does after its lines: who writes
 * nothing more never hears of that. Never calls it where standard output is no pipe of a shell: the
 * reader of a named pipe may come back. Keeps no process alive.
 */
export async function watchReader(onGone: () => void): Promise<void> {
  if (!isPipe()) return;
  const { dlopen, FFIType } = await import("bun:ffi");
  const { i32, ptr, u64 } = FFIType;
  const { symbols, close } = openLibc((name) =>
    dlopen(name, { poll: { args: [ptr, u64, i32], returns: i32 } }),
  );
  // struct pollfd: an int and two shorts. The second short, the answer, is the upper half.
  const asked = new Int32Array([STDOUT, 0]);
  const timer = setInterval(() => {
    symbols.poll(asked, 1n, 0);
    if (((asked[1] ?? 0) & (POLLERR << 16)) === 0) return;
    clearInterval(timer);
    close();
    onGone();
  }, READER_LOOK_MS);
  timer.unref();
}

/** False where the system does not tell. */
function isPipe(): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${STDOUT}`).startsWith("pipe:");
  } catch {
    return false;
  }
}
