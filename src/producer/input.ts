/** Sales from a file or standard input, one JSON object a line. */

import { createReadStream } from "node:fs";
import { SalesboardError } from "../errors.ts";

/** Longest line: beyond any record a broker takes, and a bound for a file without line ends. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The lines of `path` (`-` = standard input) as bytes, without their ends; empty lines are left
 * out.
 * @throws SalesboardError when the file cannot be read or a line is too long
 */
export async function* readLines(path: string): AsyncGenerator<Uint8Array> {
  const source = path === "-" ? process.stdin : createReadStream(path);
  let rest: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        const line = trimmed(bytes.subarray(start, end));
        if (line.length > 0) yield line;
        start = end + 1;
      }
      rest = bytes.slice(start);
      if (rest.length > LINE_BYTES_MAX) {
        throw new SalesboardError(
          `Cannot read --input ${path}: a line must have at most ${LINE_BYTES_MAX} bytes.`,
          { final: true },
        );
      }
    }
  } catch (cause) {
    if (cause instanceof SalesboardError) throw cause;
    const reason = (cause as Error).message;
    throw new SalesboardError(`Cannot read --input ${path}: ${reason}.`, { final: true, cause });
  }
  const line = trimmed(rest);
  if (line.length > 0) yield line;
}

function trimmed(line: Uint8Array): Uint8Array {
  return line[line.length - 1] === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
