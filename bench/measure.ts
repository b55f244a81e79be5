/** What the bench measures with: processor time of a process, cores, medians. */

import { readFileSync } from "node:fs";

/** Linux counts processor time in these (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** User and system time of a running process, all threads, in seconds. */
export function cpuSeconds(pid: number): number {
  // The name of the program, in parentheses, may hold spaces; utime and stime are fields 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Keeps a running process, all threads, on one core. */
export function pin(pid: number, core: number): void {
  const { success, stderr } = Bun.spawnSync([
    "taskset",
    "-a",
    "-c",
    "-p",
    String(core),
    String(pid),
  ]);
  if (!success) throw new Error(`Cannot pin process ${pid} to core ${core}: ${stderr}`);
}

export interface Spread {
  min: number;
  median: number;
  max: number;
}

/** Of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}
