/** Loads dist/salesboard.node: from disk when run from source, else from the executable. */

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeSync,
} from "node:fs";
import { createRequire } from "node:module";
import { openLibc } from "../lib/libc.ts";

const NAME = "salesboard.node";
const CLOSE_ON_EXEC = 1;
/** The mode bits for writing. A file in memory loses them once it is complete. */
const WRITABLE = 0o222;

export async function loadAddon<Addon>(): Promise<Addon> {
  if (!globalThis.Bun?.isStandaloneExecutable) {
    return createRequire(import.meta.url)("../../dist/salesboard.node");
  }
  const embedded = await import("../../dist/salesboard.node", { with: { type: "file" } });
  const file = await openInMemory(embedded.default);
  if (file === undefined) return dlopen<Addon>(embedded.default);
  try {
    return dlopen<Addon>(pathOf(file));
  } finally {
    closeSync(file);
  }
}

function dlopen<Addon>(path: string): Addon {
  const module = { exports: {} as Addon };
  process.dlopen(module, path);
  return module.exports;
}

/**
 * A descriptor, which the caller closes, of an anonymous file in memory (memfd_create(2)) with the
 * library. A library must be a file, and Bun would write it to the temporary folder, which is
 * missing on a read-only system. Workers open an existing file and so share its code. They write
 * their own while another thread is still writing. Undefined if the system does not allow such
 * files. Its writer's descriptor stays open until the process ends: others find the file by it.
 */
export async function openInMemory(embedded: string): Promise<number | undefined> {
  for (const name of readdirSync("/proc/self/fd")) {
    const file = openWhole(Number(name));
    if (file !== undefined) return file;
  }
  try {
    const { dlopen: open, FFIType } = await import("bun:ffi");
    const libc = openLibc((name) =>
      open(name, {
        memfd_create: { args: [FFIType.cstring, FFIType.u32], returns: FFIType.i32 },
      }),
    );
    const file = libc.symbols.memfd_create(Buffer.from(`${NAME}\0`), CLOSE_ON_EXEC);
    libc.close();
    if (file < 0) return undefined;
    const bytes = readFileSync(embedded);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    // Nobody knows when this thread collects its garbage, and these are 9 MB.
    bytes.buffer.transfer(0);
    fchmodSync(file, fstatSync(file).mode & ~WRITABLE);
    return openSync(pathOf(file), "r");
  } catch {
    return undefined;
  }
}

function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/**
 * Another thread may close a descriptor at any time, and its number may then be another file's.
 * Only what was opened here can be judged and stays.
 */
function openWhole(descriptor: number): number | undefined {
  try {
    if (!isOurs(descriptor)) return undefined;
    const file = openSync(pathOf(descriptor), constants.O_RDONLY | constants.O_NONBLOCK);
    if (isOurs(file) && (fstatSync(file).mode & WRITABLE) === 0) return file;
    closeSync(file);
  } catch {
    // It was closed in the meantime.
  }
  return undefined;
}

function isOurs(descriptor: number): boolean {
  return readlinkSync(pathOf(descriptor)).startsWith(`/memfd:${NAME}`);
}
