/** The read progress of the partitions of a topic. */

import {
  type Admin,
  ledPartitions,
  type Position,
  rightProblem,
  type TopicDescription,
  undecidedProblem,
  type Watermarks,
} from "../../kafka/kafka.ts";
import { type Clock, type Moment, momentOf } from "../../lib/clock.ts";

/**
 * How often totals that contradict their bookkeeping are read again from the start. A contradiction
 * that remains is not a passing state of the log.
 */
export const REREADS_MAX = 3;

/** The bounds of a partition, and when we asked for them. */
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
  {
    topic,
    partitions,
    onSilence,
  }: {
    topic: string;
    partitions: readonly number[];
    /** See `Admin.allWatermarks`. */
    onSilence?: (problem: string) => void;
  },
): Promise<Map<number, Bounds>> {
  // The time before the question, because later commits may be past the end in the answer.
  const askedAt = momentOf(clock);
  const all = await admin.allWatermarks(topic, partitions, onSilence);
  return new Map([...all].map(([partition, marks]) => [partition, { ...marks, askedAt }]));
}

/** A reader that has not reached an end for so long may be held up there. */
const HELD_MS_MIN = 3_000;

/** An undecided transaction that holds up the reader, as a clause; undefined = none. */
export async function heldProblem(
  admin: Pick<Admin, "stableEnds">,
  clock: Pick<Clock, "now">,
  of: { topic: string; described: TopicDescription; partitions: ReadProgress },
): Promise<string | undefined> {
  const { topic, described, partitions } = of;
  // Of the others nobody can be asked.
  const led = new Set(rightProblem(topic, "Read", described) ? [] : ledPartitions(described));
  const held = new Map<number, number>();
  for (const [id, { isAtEnd, goal, position }] of partitions) {
    const isLate = goal && position < goal.high && clock.now() - goal.askedAt.at >= HELD_MS_MIN;
    if (isAtEnd && isLate && led.has(id)) held.set(id, position);
  }
  if (held.size === 0) return undefined;
  const stable = await admin.stableEnds(topic, [...held.keys()]);
  for (const [id, position] of held) if (stable.get(id) !== position) held.delete(id);
  return held.size > 0 ? undecidedProblem(topic, held) : undefined;
}

/** The first offset of each partition. */
export function startsOf(bounds: ReadonlyMap<number, Bounds>): Position[] {
  return [...bounds].map(([partition, { low }]) => ({ partition, offset: low }));
}

export interface PartitionProgress {
  /** The next offset to read. */
  position: number;
  /** At this position everything is read that the partition held when it was assigned. */
  restoredAt: number;
  /** The last poll left no committed records. */
  isAtEnd: boolean;
  /** The next end to reach; undefined once the last one is reached. */
  goal: Pick<Bounds, "high" | "askedAt"> | undefined;
  /** Everything committed up to this moment is read; undefined = unknown. */
  seenAt: Moment | undefined;
  /** How often totals contradicted their bookkeeping at the end of the partition. */
  looks: number;
}

export class ReadProgress extends Map<number, PartitionProgress> {
  /** Starts a partition at `low`. It is restored once everything below `high` is read. */
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

  /** The earliest `seenAt` of all partitions. */
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
 * Sets the end as the next goal, unless there is one: chasing the latest end may never succeed. A
 * goal past the end is replaced, because a truncated log cannot reach it.
 */
export function aim(progress: PartitionProgress, { high, askedAt }: Bounds): void {
  const { goal } = progress;
  if (!goal || high < goal.high) progress.goal = { high, askedAt };
}

/** Notes a reached goal: the view holds everything committed when we asked for that end. */
export function see(progress: PartitionProgress): void {
  const { goal, position } = progress;
  if (!goal || position < goal.high) return;
  progress.seenAt = goal.askedAt;
  progress.goal = undefined;
}

export function isRestored({ position, restoredAt }: PartitionProgress): boolean {
  return position >= restoredAt;
}
