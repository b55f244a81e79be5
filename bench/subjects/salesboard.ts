/** Salesboard's own aggregator, from the executable that users get. */

import { executablePath } from "../../tests/support/executable.ts";
import { committedBy } from "./committed.ts";
import { SubjectProcess } from "./process.ts";
import type { Running, Subject, Task } from "./subject.ts";
import { readTotals } from "./totals.ts";

/**
 * @param keepsHistory false beside peers, for they keep none; `bench/history.ts` says what it costs
 * @param more options of `salesboard aggregate`
 * @param comparesTotals false where reading them back takes longer than the measurement
 */
export function salesboard({
  name = "salesboard aggregate",
  keepsHistory = false,
  more = [] as readonly string[],
  comparesTotals = true,
} = {}): Subject {
  return {
    name,
    async start(task: Task): Promise<Running> {
      const group = await task.arena.createTopic("totals", task.partitions);
      const program = new SubjectProcess(task.arena, () => [
        ...[executablePath, "aggregate", "--brokers", task.arena.broker.brokers],
        ...["--input-topic", task.topic, "--group", group, "--output-topic", group],
        ...["--history", keepsHistory ? "on" : "off", ...more],
      ]);
      await program.until("Partitions assigned.");
      const offsets = committedBy(group, task);
      return {
        pid: program.pid,
        committed: () => offsets.sum(),
        rebalanced: () => program.count("Partitions assigned.") > 1,
        totals: async () => {
          // It ends its open transaction first.
          await program.stop();
          if (!comparesTotals) return undefined;
          const sales = task.sales * (task.linesOfRecord ?? 1);
          return readTotals(task.arena.kafka, { ...task, topic: group, sales });
        },
        kill: async () => {
          await program.kill();
          await offsets.close();
        },
      };
    },
  };
}
