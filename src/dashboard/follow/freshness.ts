/** Whether the view holds all that is committed, since when it does not, and why. */

import { type Clock, type Moment, momentOf } from "../../lib/clock.ts";
import type { Status } from "../model/status.ts";
import type { TopicView } from "../model/topic-view.ts";
import { REREADS_MAX, type ReadProgress, see } from "./progress.ts";

/**
 * Without a word from Kafka for longer, the numbers are stale: one probe, and time for it to fail.
 */
const SILENCE_MS_MAX = 8_000;

export class Freshness {
  readonly #topic: string;
  readonly #view: Pick<TopicView, "partition">;
  readonly #partitions: ReadProgress;
  readonly #clock: Pick<Clock, "now" | "date">;
  /** When Kafka last said something; at first, since when it is asked. */
  #answeredAt: Moment;
  #asOf: Moment | undefined;
  #isTopicMissing = false;

  constructor(options: {
    topic: string;
    view: Pick<TopicView, "partition">;
    partitions: ReadProgress;
    clock: Pick<Clock, "now" | "date">;
  }) {
    this.#topic = options.topic;
    this.#view = options.view;
    this.#partitions = options.partitions;
    this.#clock = options.clock;
    this.#answeredAt = momentOf(options.clock);
  }

  /** Until when the view is known to hold everything committed. */
  get asOf(): Moment | undefined {
    return this.#asOf;
  }

  /** Something was read, or asked. True when all that is committed was read for the first time. */
  noteAnswer(): boolean {
    const wasComplete = this.#asOf !== undefined;
    this.#answeredAt = momentOf(this.#clock);
    for (const [id, progress] of this.#partitions) {
      // Totals that do not add up are not what is committed, or not all of it.
      if (this.#view.partition(id).isWhole) see(progress);
    }
    this.#asOf = this.#partitions.seenAt ?? this.#asOf;
    return !wasComplete && this.#asOf !== undefined;
  }

  noteTopic(isThere: boolean): void {
    this.#answeredAt = momentOf(this.#clock);
    this.#isTopicMissing = !isThere;
  }

  get state(): Status["state"] {
    if (this.#partitions.size === 0) return "connecting";
    if (this.#isSilent) return "stale";
    const isContradictory = [...this.#partitions.values()].some(
      ({ looks }) => looks >= REREADS_MAX,
    );
    if (isContradictory) return "stale";
    if (!this.#partitions.isRestored || this.#asOf === undefined) return "restoring";
    return this.#clock.now() - this.#asOf.at > SILENCE_MS_MAX ? "stale" : "live";
  }

  /** Why the view is not ready; empty when it is. `failure`: what went wrong last. */
  reasons(failure: string | undefined): string[] {
    const { size } = this.#partitions;
    if (this.#isTopicMissing) {
      return [`The topic ${this.#topic} does not exist ${size === 0 ? "yet" : "any more"}.`];
    }
    if (size === 0) return [failure ?? "Kafka has not answered yet."];
    if (this.state === "live") return [];
    if (this.#isSilent) {
      return [`Kafka has not answered since ${this.#answeredAt.date.toISOString()}.`];
    }
    if (!this.#partitions.isRestored) return this.#partitions.missing(this.#topic);
    const contradictions = this.#broken.map((id) => {
      return `Partition ${id} of ${this.#topic} ${this.#view.partition(id).contradiction}.`;
    });
    if (contradictions.length > 0) return contradictions;
    const since = this.#asOf === undefined ? "yet" : `since ${this.#asOf.date.toISOString()}`;
    return [`The topic ${this.#topic} has not been read to its end ${since}.`];
  }

  get #isSilent(): boolean {
    return this.#clock.now() - this.#answeredAt.at > SILENCE_MS_MAX;
  }

  get #broken(): number[] {
    return [...this.#partitions.keys()].filter((id) => !this.#view.partition(id).isWhole);
  }
}
