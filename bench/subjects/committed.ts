/** How far a consumer group has come, asked without joining it. */

import type { Task } from "./subject.ts";

/** Topics start at offset 0 and are written without transactions: an offset is a count. */
export function committedBy(group: string, { arena, topic, partitions }: Task) {
  const consumer = arena.kafka.groupConsumer({ topic, group });
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return {
    async sum(): Promise<number> {
      const committed = await consumer.committed(all);
      return committed.reduce((sum, { offset }) => sum + (offset ?? 0), 0);
    },
    close: () => consumer.close(),
  };
}
