/** How many streams the process may hold: each of them is an open file. */

import { readFileSync } from "node:fs";

/** More would cost more memory than one dashboard should take. */
const STREAMS_MAX = 20_000;

/**
 * Files that are not streams: Kafka's connections, which must be able to come back, the addon, and
 * requests that are answered at once.
 */
const OTHER_FILES = 300;

/**
 * Open streams that leave files for everything else. Where none are left, nobody gets a page any
 * more, a lost broker is never found again, and the server tries in vain to accept at full speed.
 * @param limits the text of /proc/self/limits
 */
export function streamsMaxOf(limits: string): number {
  const files = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (files === undefined) return STREAMS_MAX;
  return Math.max(1, Math.min(STREAMS_MAX, Number(files) - OTHER_FILES));
}

/** Of this process. Bun has raised its limit as far as the system allows by itself. */
export function streamsMax(): number {
  try {
    return streamsMaxOf(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    // Not Linux, or /proc is hidden.
    return STREAMS_MAX;
  }
}
