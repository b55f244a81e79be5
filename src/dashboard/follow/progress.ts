/** How far the partitions of the output topic are read. */

import type { Admin, Position, Watermarks } from "../../kafka/kafka.ts";
import { type Clock, type Moment, momentOf } from "../../lib/clock.ts";

/**
 * How often totals that contradict their bookkeeping are read again from the start: what stands
 * after that is no passing state of the log.
 */
export const REREADS_MAX = 3;

/** What a partition holds, and when that was asked for. */
export interface Bounds extends Watermarks {
  readonly askedAt: Moment;
}

/**
 * Asks for the bounds of all these partitions in one question. The numbers are as old as the oldest
 * answer, which would be too old if many partitions were asked one after the other.
 */
export async function askBounds(
  admin: Pick<Admin, "allWatermarks">,
  clock: Pick<Clock, "now" | "date">,
  { topic, partitions }: { topic: string; partitions: readonly number[] },
): Promise<Map<number, Bounds>> {
  // Before the question: what is committed while it is answered may stand behind the end.
  const askedAt = momentOf(clock);
  const all = await admin.allWatermarks(topic, partitions);
  return new Map([...all].map(([partition, marks]) => [partition, { ...marks, askedAt }]));
}

/** Where each of them begins. */
export function startsOf(bounds: ReadonlyMap<number, Bounds>): Position[] {
  return [...bounds].map(([partition, { low }]) => ({ partition, offset: low }));
}

export interface PartitionProgress {
  /** Next offset to read. */
  position: number;
  /** What stood in the partition when it was assigned is read once the position gets here. */
  restoredAt: number;
  /** Nothing committed was left when we last looked. */
  isAtEnd: boolean;
  /** The end to be read next; undefined when the last one asked for is read. */
  goal: Pick<Bounds, "high" | "askedAt"> | undefined;
  /** Until when all that was committed is read; undefined = not known yet. */
  seenAt: Moment | undefined;
  /** How often it was found at its end with totals that contradict their bookkeeping. */
  looks: number;
}

export class ReadProgress extends Map<number, PartitionProgress> {
  /** From `low` on, until what stands below `high` is read. */
  start(partition: number, bounds: Bounds): void {
    const looks = this.get(partition)?.looks ?? 0;
    const { low: position, high: restoredAt } = bounds;
    const isAtEnd = position === restoredAt;
    const goal = bounds;
    this.set(partition, { position, restoredAt, isAtEnd, goal, seenAt: undefined, looks });
  }

  get isRestored(): boolean {
    return [...this.values()].every(isRestored);
  }

  get isAtEnd(): boolean {
    return [...this.values()].every(({ isAtEnd }) => isAtEnd);
  }

  /** The earliest of all partitions. */
  get seenAt(): Moment | undefined {
    let earliest: Moment | undefined;
    for (const { seenAt } of this.values()) {
      if (!seenAt) return undefined;
      if (!earliest || seenAt.at < earliest.at) earliest = seenAt;
    }
    return earliest;
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

/**
 * The partition ended there. An earlier goal stays: who always aims at the latest end may never get
 * there. Only where the log was cut it is out of reach.
 */
export function aim(progress: PartitionProgress, { high, askedAt }: Bounds): void {
  const { goal } = progress;
  if (!goal || high < goal.high) progress.goal = { high, askedAt };
}

/** All that is read is in the view: that is what was committed when its end was asked for. */
export function see(progress: PartitionProgress): void {
  const { goal, position } = progress;
  if (!goal || position < goal.high) return;
  progress.seenAt = goal.askedAt;
  progress.goal = undefined;
}

export function isRestored({ position, restoredAt }: PartitionProgress): boolean {
  return position >= restoredAt;
}
