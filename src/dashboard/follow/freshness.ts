/** Knows whether the view holds all committed records, and if not, since when and why. */

import { NO_ANSWER, readProblem, type TopicDescription } from "../../kafka/kafka.ts";
import { type Clock, type Moment, momentOf } from "../../lib/clock.ts";
import type { Status } from "../model/status.ts";
import type { TopicView } from "../model/topic-view.ts";
import { REREADS_MAX, type ReadProgress, see } from "./progress.ts";

/** The numbers are stale after this time without an answer: one probe, and time for it to fail. */
const SILENCE_MS_MAX = 8_000;

/** The codes of failures that no broker has answered with. */
const UNANSWERED = new Set([...NO_ANSWER, "_ALL_BROKERS_DOWN", "_DESTROY", "_NOENT"]);

/** How long leaders are taken for silent that are asked again and again. */
const UNHEARD_MS_MAX = 20_000;

/** What went wrong last. */
export interface ReadFailure {
  readonly message: string;
  /** Kafka's name of the error; undefined = the error is not Kafka's. */
  readonly code: string | undefined;
}

export class Freshness {
  readonly #topic: string;
  readonly #view: Pick<TopicView, "partition">;
  readonly #partitions: ReadProgress;
  readonly #clock: Pick<Clock, "now" | "date">;
  /** When Kafka last answered; at first, when it was first asked. */
  #answeredAt: Moment;
  #asOf: Moment | undefined;
  #isTopicMissing = false;
  /** What the cluster says against the topic, such as a partition without a leader. */
  #problem: string | undefined;
  /** Which leaders are silent while other brokers answer. */
  #silence: { readonly problem: string; readonly at: number } | undefined;

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

  /** The view holds everything committed up to this moment. */
  get asOf(): Moment | undefined {
    return this.#asOf;
  }

  /** Kafka answered. Returns true when the view is complete for the first time. */
  noteAnswer(): boolean {
    const wasComplete = this.#asOf !== undefined;
    this.#answeredAt = momentOf(this.#clock);
    for (const [id, progress] of this.#partitions) {
      // Totals that do not add up are not the committed ones, or not all of them.
      if (this.#view.partition(id).isWhole) see(progress);
    }
    this.#asOf = this.#partitions.seenAt ?? this.#asOf;
    return !wasComplete && this.#asOf !== undefined;
  }

  /** A broker has described the topic. `described`: undefined = there is none. */
  noteTopic(described: TopicDescription | undefined): void {
    this.#answeredAt = momentOf(this.#clock);
    this.#isTopicMissing = described === undefined;
    // What is known of transactions stays until they are asked for again.
    this.#problem = (described && readProblem(this.#topic, described)) ?? this.#problem;
  }

  /** `problem`: a clause about what the cluster says against the topic. */
  noteProblem(problem: string | undefined): void {
    this.#problem = problem;
  }

  /** `problem`: a clause about leaders that are silent while other brokers answer. */
  noteSilence(problem: string): void {
    this.#answeredAt = momentOf(this.#clock);
    this.#silence = { problem, at: this.#clock.now() };
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
  reasons(failure: ReadFailure | undefined): string[] {
    const { size } = this.#partitions;
    if (this.#isTopicMissing) {
      return [`The topic ${this.#topic} does not exist ${size === 0 ? "yet" : "any more"}.`];
    }
    const problem = this.#problem ?? this.#unheard;
    if (size === 0) {
      const why = problem && `The topic ${this.#topic} cannot be read: ${withStop(problem)}`;
      return [why ?? failure?.message ?? "Kafka has not answered yet."];
    }
    if (this.state === "live") return [];
    if (this.#isSilent && !this.#unheard) {
      const since = `since ${this.#answeredAt.date.toISOString()}`;
      const isAnswer = failure?.code !== undefined && !UNANSWERED.has(failure.code);
      if (!isAnswer) return [`Kafka has not answered ${since}.`];
      return [`The topic ${this.#topic} cannot be read ${since}: ${withStop(failure.message)}`];
    }
    if (problem !== undefined) {
      const since = this.#asOf === undefined ? "" : ` since ${this.#asOf.date.toISOString()}`;
      return [`The topic ${this.#topic} cannot be read whole${since}: ${withStop(problem)}`];
    }
    if (!this.#partitions.isRestored) return this.#partitions.missing(this.#topic);
    const contradictions = this.#broken.map((id) => {
      return `Partition ${id} of ${this.#topic} ${this.#view.partition(id).contradiction}.`;
    });
    if (contradictions.length > 0) return contradictions;
    const since = this.#asOf === undefined ? "yet" : `since ${this.#asOf.date.toISOString()}`;
    return [`The topic ${this.#topic} has not been read to its end ${since}.`];
  }

  get #unheard(): string | undefined {
    const isNow = this.#silence && this.#clock.now() - this.#silence.at < UNHEARD_MS_MAX;
    return isNow ? this.#silence?.problem : undefined;
  }

  get #isSilent(): boolean {
    return this.#clock.now() - this.#answeredAt.at > SILENCE_MS_MAX;
  }

  get #broken(): number[] {
    return [...this.#partitions.keys()].filter((id) => !this.#view.partition(id).isWhole);
  }
}

function withStop(clause: string): string {
  return clause.endsWith(".") ? clause : `${clause}.`;
}
