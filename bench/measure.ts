/** What the bench measures with: processor time of a process, cores, medians. */

import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in these (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** User and system time of a running process, all threads, in seconds. */
export function cpuSeconds(pid: number): number {
  // The name of the program, in parentheses, may hold spaces; utime and stime are fields 14 and 15.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The same of a process and all that it has started, ended ones too. */
export function treeCpuSeconds(pid: number): number {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const fields = statOf(name);
      // Own time, and that of the children whose end was waited for.
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      return fields.length > 0 ? [{ id: Number(name), parent: Number(fields[1]), ticks }] : [];
    });
  const ticksOf = (id: number): number =>
    processes
      .filter(({ parent }) => parent === id)
      .reduce((sum, child) => sum + ticksOf(child.id), ticksById.get(id) ?? 0);
  const ticksById = new Map(processes.map(({ id, ticks }) => [id, ticks]));
  return ticksOf(pid) / TICKS_PER_SECOND;
}

/** The fields behind the program's name; none when it has ended. */
function statOf(process: string): string[] {
  try {
    return readFileSync(`/proc/${process}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  } catch {
    return [];
  }
}

/** The most memory that a running process has held so far, in bytes. */
export function peakMemoryBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Keeps a running process, all threads, on these cores: "1", or "0-3". */
export function pin(pid: number, cores: string): void {
  const command = ["taskset", "-a", "-c", "-p", cores, String(pid)];
  const { success, stderr } = Bun.spawnSync(command);
  if (!success) throw new Error(`Cannot pin process ${pid} to core ${cores}: ${stderr}`);
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

/** The value below which `share` of them are. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
