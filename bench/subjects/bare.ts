/** The floor: a librdkafka consumer in C that does nothing with what it reads. */

import { fileURLToPath } from "node:url";
import { SubjectProcess } from "./process.ts";
import type { Round, Task } from "./subject.ts";

const program = fileURLToPath(new URL("../../.cache/bench/bare-consumer", import.meta.url));

export const BARE = "bare librdkafka consumer";

/** Reads the topic once; what it used is its own account of the time from the first record on. */
export async function bareConsumer(task: Task): Promise<Round> {
  const { sales } = task;
  const { cpuSeconds, seconds, memoryBytesMax } = await readBare(task);
  return {
    cpuPerMillion: (cpuSeconds / sales) * 1e6,
    salesPerSecond: sales / seconds,
    memoryBytesMax,
  };
}

/** @returns `seconds` from the first record on, `allSeconds` from the assignment on */
export async function readBare({ arena, topic, partitions, sales }: Task) {
  const args = [arena.broker.brokers, topic, String(partitions), String(sales)];
  const run = new SubjectProcess(arena, () => [program, ...args]);
  await run.succeeded();
  const [cpuSeconds = 0, seconds = 0, records, memoryBytesMax = 0, allSeconds = 0] = run.output
    .trim()
    .split(" ")
    .map(Number);
  if (records !== sales) throw new Error(`The bare consumer read ${records} of ${sales} records.`);
  return { cpuSeconds, seconds, memoryBytesMax, allSeconds };
}
