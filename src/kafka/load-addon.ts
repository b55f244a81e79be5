/** Finds dist/salesboard.node: on disk when run from source, inside the executable else. */

import {
  fchmodSync,
  fstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeSync,
} from "node:fs";
import { createRequire } from "node:module";

const NAME = "salesboard.node";
const CLOSE_ON_EXEC = 1;
/** The mode bits for writing. A file in memory loses them once it is complete. */
const WRITABLE = 0o222;

export async function loadAddon<Addon>(): Promise<Addon> {
  if (!globalThis.Bun?.isStandaloneExecutable) {
    return createRequire(import.meta.url)("../../dist/salesboard.node");
  }
  const embedded = await import("../../dist/salesboard.node", { with: { type: "file" } });
  return dlopen<Addon>((await pathInMemory(embedded.default)) ?? embedded.default);
}

function dlopen<Addon>(path: string): Addon {
  const module = { exports: {} as Addon };
  process.dlopen(module, path);
  return module.exports;
}

/**
 * A library must be a file, and Bun would write it to the folder for temporary files; but where the
 * file system is read-only there is none. An anonymous file in memory will do (memfd_create(2)).
 * Workers open the one that is there already, and so share its code; one that another thread is
 * still writing is not there yet, and they write their own. Undefined where the system allows no
 * such file.
 */
export async function pathInMemory(embedded: string): Promise<string | undefined> {
  const there = openFiles().find(isWhole);
  if (there) return there;
  try {
    const { dlopen: open, FFIType } = await import("bun:ffi");
    const libc = open("libc.so.6", {
      memfd_create: { args: [FFIType.cstring, FFIType.u32], returns: FFIType.i32 },
    });
    const file = libc.symbols.memfd_create(Buffer.from(`${NAME}\0`), CLOSE_ON_EXEC);
    libc.close();
    if (file < 0) return undefined;
    const bytes = readFileSync(embedded);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fchmodSync(file, fstatSync(file).mode & ~WRITABLE);
    return `/proc/self/fd/${file}`;
  } catch {
    return undefined;
  }
}

function openFiles(): string[] {
  return readdirSync("/proc/self/fd").map((file) => `/proc/self/fd/${file}`);
}

function isWhole(path: string): boolean {
  try {
    const isOurs = readlinkSync(path).startsWith(`/memfd:${NAME}`);
    return isOurs && (statSync(path).mode & WRITABLE) === 0;
  } catch {
    // Closed meanwhile.
    return false;
  }
}
