/**
 * Partitions that are stopped alone, because their topics cannot be read or written. The others
 * count. Each is tried again after a pause that grows while it fails.
 */

import type { Clock } from "../../lib/clock.ts";
import { withoutStop } from "../../lib/text.ts";

/** The pauses between two tries. The longest lets a partition go on within 30 s of the cure. */
const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 20_000;
/** A partition that was tried again and has not failed for this time is said to count. */
const CALM_MS = 15_000;
/** Enough to reach the longest pause. */
const FAILURES_MAX = 10;

/** Why partitions cannot be counted. */
export interface Cause {
  /** A clause, without a full stop. */
  readonly reason: string;
  /** The topic that is at fault, if that is known. */
  readonly topic?: string | undefined;
}

/** Hears which partitions cannot be counted now. */
export type OnStop = (partitions: readonly number[], cause: Cause) => void;

interface Stop extends Cause {
  failures: number;
  /** By `Clock.now`. */
  at: number;
  /** Undefined = it was tried again, and has not failed yet. */
  retryAt: number | undefined;
  /** It has not failed for so long that it is said to count. */
  isCalm: boolean;
}

export class Stops {
  readonly #clock: Pick<Clock, "now">;
  readonly #stops = new Map<number, Stop>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Stops partitions, or lengthens their pause. Returns those that did not fail so before. */
  add(partitions: Iterable<number>, cause: Cause): number[] {
    const at = this.#clock.now();
    const news: number[] = [];
    for (const id of partitions) {
      const last = this.#stops.get(id);
      const failures = Math.min((last?.failures ?? 0) + 1, FAILURES_MAX);
      const pauseMs = Math.min(PAUSE_MS_MIN * 2 ** (failures - 1), PAUSE_MS_MAX);
      this.#stops.set(id, { ...cause, failures, at, retryAt: at + pauseMs, isCalm: false });
      if (last?.reason !== cause.reason) news.push(id);
    }
    return news;
  }

  /** The partitions whose pause is over, with the topic at fault. */
  due(): { partition: number; topic: string | undefined }[] {
    const now = this.#clock.now();
    return [...this.#stops].flatMap(([partition, { retryAt, topic }]) => {
      return retryAt !== undefined && retryAt <= now ? [{ partition, topic }] : [];
    });
  }

  /** The partitions are read again. Their next failure has a longer pause all the same. */
  resume(partitions: readonly number[]): void {
    const at = this.#clock.now();
    for (const id of partitions) {
      const stop = this.#stops.get(id);
      if (stop) this.#stops.set(id, { ...stop, retryAt: undefined, at });
    }
  }

  /** Looks who has not failed for a while. Returns true when one is said to count from now on. */
  calm(): boolean {
    const before = this.#clock.now() - CALM_MS;
    let isNew = false;
    for (const stop of this.#stops.values()) {
      if (stop.isCalm || stop.retryAt !== undefined || stop.at > before) continue;
      stop.isCalm = true;
      isNew = true;
    }
    return isNew;
  }

  /** A transaction with the partitions was committed. Returns true when one was stopped before. */
  committed(partitions: readonly number[]): boolean {
    return partitions.filter((id) => this.#stops.delete(id)).length > 0;
  }

  /** Forgets partitions that belong to others now. */
  forget(partitions: Iterable<number>): void {
    for (const id of partitions) this.#stops.delete(id);
  }

  /** Partitions that are not read at the moment. */
  get waiting(): number[] {
    return [...this.#stops].flatMap(([id, { retryAt }]) => (retryAt === undefined ? [] : [id]));
  }

  /** One sentence for each reason. */
  get sentences(): string[] {
    const present = [...this.#stops].filter(([, { isCalm }]) => !isCalm);
    const reasons = present.map(([id, { reason }]) => [id, reason] as const);
    return [...byReason(reasons)].map(([reason, ids]) => stopSentence(ids, reason));
  }
}

function byReason(reasons: Iterable<readonly [partition: number, reason: string]>) {
  const partitions = new Map<string, number[]>();
  for (const [id, reason] of reasons)
    partitions.set(reason, [...(partitions.get(reason) ?? []), id]);
  return partitions;
}

/** Different reasons that are told of. Each partition can have its own, with its offsets. */
const REFUSALS_TOLD_MAX = 3;

/**
 * "The aggregator refuses partitions 0, 2: …." One sentence for each reason, for the first three of
 * them, and one for the rest. `refused`: partition → why its totals cannot be trusted.
 */
export function refusals(refused: ReadonlyMap<number, string>): string[] {
  const all = [...byReason(refused)];
  const sentences = all.slice(0, REFUSALS_TOLD_MAX).map(([reason, ids]) => {
    const partitions = `partition${ids.length === 1 ? "" : "s"} ${ids.join(", ")}`;
    return `The aggregator refuses ${partitions}: ${withoutStop(reason)}.`;
  });
  const rest = all.slice(REFUSALS_TOLD_MAX).flatMap(([, ids]) => ids).length;
  if (rest === 0) return sentences;
  const more = `${rest} more partition${rest === 1 ? "" : "s"}`;
  return [...sentences, `The aggregator refuses ${more}. Its log says which, and why.`];
}

/** "Partitions 0, 2 are not counted for now: …. They are tried again." */
export function stopSentence(partitions: readonly number[], reason: string): string {
  const [what, again] =
    partitions.length === 1
      ? [`Partition ${partitions[0]} is`, "It is"]
      : [`Partitions ${partitions.join(", ")} are`, "They are"];
  return `${what} not counted for now: ${withoutStop(reason)}. ${again} tried again.`;
}
