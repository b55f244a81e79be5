/** Reads lines from a file or standard input, one sale per line. */

import { createReadStream } from "node:fs";
import { SalesboardError } from "../lib/errors.ts";

/** The longest line. No broker takes such a record; bounds a file without line ends. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface Line {
  /** The first line is 1; empty lines count. */
  readonly number: number;
  /** Without the line end. */
  readonly bytes: Uint8Array;
}

/**
 * The lines of `path` (`-` = standard input) that are not empty, in groups as they arrive. Ends
 * early when `signal` is aborted.
 * @throws SalesboardError when the file cannot be read or a line is too long
 */
export async function* readLines(
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Line[]> {
  // Standard input by its number, because `process.stdin` is empty in a worker.
  const fd = path === "-" ? { fd: 0, autoClose: false } : {};
  let rest: Uint8Array = new Uint8Array(0);
  let ended = 0;
  try {
    for await (const chunk of createReadStream(path, {
      ...fd,
      signal,
    }) as AsyncIterable<Uint8Array>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      const { lines, ends } = split(bytes.subarray(0, end), ended + 1);
      ended += ends;
      if (lines.length > 0) yield lines;
      rest = bytes.slice(end);
      if (rest.length > LINE_BYTES_MAX) {
        throw new SalesboardError(
          `Cannot read --input ${path}: line ${ended + 1} has more than ${LINE_BYTES_MAX} bytes.`,
          { final: true },
        );
      }
    }
  } catch (cause) {
    if (signal.aborted) return;
    if (cause instanceof SalesboardError) throw cause;
    const reason = (cause as Error).message;
    throw new SalesboardError(`Cannot read --input ${path}: ${reason}.`, { final: true, cause });
  }
  const { lines } = split(rest, ended + 1);
  if (lines.length > 0) yield lines;
}

/** The lines that are not empty, and the number of line ends. */
function split(bytes: Uint8Array, first: number): { lines: Line[]; ends: number } {
  const lines: Line[] = [];
  let number = first;
  for (let start = 0; start < bytes.length; number++) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
    if (line.length > 0) lines.push({ number, bytes: line });
    start = end + 1;
  }
  return { lines, ends: number - first };
}

/**
 * A line is the value, as it stands. Three forms say what a line cannot hold: `null` is a record
 * without a value, a JSON text is a value with that text, `{"value_base64":"…"}` are bytes.
 */
export function valueOfLine(bytes: Uint8Array): Uint8Array | null {
  const text = new TextDecoder().decode(bytes).trim();
  if (text === "null") return null;
  if (!/^("|\{\s*"value_base64")/.test(text)) return bytes;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "string") return new TextEncoder().encode(value);
    const { value_base64: base64, ...others } = value as { value_base64?: unknown };
    const isBytes = typeof base64 === "string" && Object.keys(others).length === 0;
    return isBytes ? Uint8Array.from(Buffer.from(base64, "base64")) : bytes;
  } catch {
    return bytes;
  }
}
