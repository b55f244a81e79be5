/** A backlog of made-up sales, and contestants that take turns to count it. */

import type { Arena } from "./arena.ts";
import { type Results, takeTurns } from "./contest.ts";
import { fillMadeUp } from "./sales.ts";
import type { BenchOptions } from "./section.ts";
import type { Round, Task } from "./subjects/subject.ts";

const PARTITIONS = 4;

export async function countBacklog(
  arena: Arena,
  {
    sales,
    rounds,
    progress,
  }: { sales: number; rounds: number; progress: BenchOptions["progress"] },
  contestants: Readonly<Record<string, (task: Task) => Promise<Round>>>,
): Promise<Results> {
  const topic = await arena.createTopic("sales", PARTITIONS);
  await fillMadeUp(arena, topic, sales);
  const task = { arena, topic, partitions: PARTITIONS, sales };
  const turns = Object.entries(contestants).map(([name, count]) => [name, () => count(task)]);
  return takeTurns(Object.fromEntries(turns), { rounds, progress });
}
