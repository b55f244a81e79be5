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
 * The number of streams that leaves files for everything else. Without a free file, nobody gets a
 * page, a lost broker stays lost, and the server tries to accept at full speed, in vain.
 * @param limits the text of /proc/self/limits
 */
export function streamsMaxOf(limits: string): number {
  const files = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (files === undefined) return STREAMS_MAX;
  return Math.max(1, Math.min(STREAMS_MAX, Number(files) - OTHER_FILES));
}

/** The limit of this process. Bun has raised it already, as far as the system allows. */
export function streamsMax(): number {
  try {
    return streamsMaxOf(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    // Not Linux, or /proc is hidden.
    return STREAMS_MAX;
  }
}
