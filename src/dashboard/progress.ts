/** How far the partitions of the output topic are read. */

import type { Position, Watermarks } from "../kafka/kafka.ts";

/**
 * How often totals that contradict their bookkeeping are read again from the start: what stands
 * after that is no passing state of the log.
 */
export const LOOKS_MAX = 3;

export interface PartitionProgress {
  /** Next offset to read. */
  position: number;
  /** What stood in the partition when it was assigned is read once the position gets here. */
  restoredAt: number;
  /** Nothing committed was left when we last looked. */
  isAtEnd: boolean;
  /** How often it was found at its end with totals that contradict their bookkeeping. */
  looks: number;
}

export class Progress extends Map<number, PartitionProgress> {
  /** From `low` on, until what stands below `high` is read. */
  start(partition: number, { low, high }: Watermarks): void {
    const looks = this.get(partition)?.looks ?? 0;
    this.set(partition, { position: low, restoredAt: high, isAtEnd: low === high, looks });
  }

  get isRestored(): boolean {
    return [...this.values()].every(isRestored);
  }

  get isAtEnd(): boolean {
    return [...this.values()].every(({ isAtEnd }) => isAtEnd);
  }

  get positions(): Position[] {
    return [...this].map(([partition, { position }]) => ({ partition, offset: position }));
  }

  /** One sentence for each partition that is not restored. */
  missing(topic: string): string[] {
    return [...this].flatMap(([partition, progress]) => {
      if (isRestored(progress)) return [];
      const { position, restoredAt } = progress;
      return [
        `Partition ${partition} of ${topic} is read up to offset ${position} of ${restoredAt}.`,
      ];
    });
  }
}

export function isRestored({ position, restoredAt }: PartitionProgress): boolean {
  return position >= restoredAt;
}
