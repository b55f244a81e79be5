/** Sales from a file or standard input, one JSON object a line. */

import { createReadStream } from "node:fs";
import { SalesboardError } from "../errors.ts";

/** Longest line: beyond any record a broker takes, and a bound for a file without line ends. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The lines of `path` (`-` = standard input) as bytes, without their ends and without empty ones,
 * in groups as they arrive. Ends early when `signal` is aborted.
 * @throws SalesboardError when the file cannot be read or a line is too long
 */
export async function* readLines(
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Uint8Array[]> {
  // Standard input by its number: in a worker `process.stdin` is empty.
  const fd = path === "-" ? { fd: 0, autoClose: false } : {};
  let rest: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of createReadStream(path, {
      ...fd,
      signal,
    }) as AsyncIterable<Uint8Array>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      const lines = split(bytes.subarray(0, end));
      if (lines.length > 0) yield lines;
      rest = bytes.slice(end);
      if (rest.length > LINE_BYTES_MAX) {
        throw new SalesboardError(
          `Cannot read --input ${path}: a line must have at most ${LINE_BYTES_MAX} bytes.`,
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
  const last = split(rest);
  if (last.length > 0) yield last;
}

function split(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
    if (line.length > 0) lines.push(line);
    start = end + 1;
  }
  return lines;
}
