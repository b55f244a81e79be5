/** Knows whether the view holds all committed records, and if not, since when and why. */

import { type Kafka, NO_ANSWER, readProblem, type TopicDescription } from "../../kafka/kafka.ts";
import { type Clock, type Moment, momentOf } from "../../lib/clock.ts";
import type { Status } from "../model/status.ts";
import type { TopicView } from "../model/topic-view.ts";
import { isRestored, REREADS_MAX, type ReadProgress, see } from "./progress.ts";

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
  readonly #kafka: Pick<Kafka, "heardMsAgo">;
  /** When Kafka last answered a question about the topic; at first, when it was first asked. */
  #answeredAt: Moment;
  #asOf: Moment | undefined;
  #isTopicMissing = false;
  /** What the cluster says against the topic, such as a partition without a leader. */
  #described: string | undefined;
  /** An undecided transaction that holds up the reader. */
  #held: string | undefined;
  /** Which leaders are silent while other brokers answer. */
  #silence: { readonly problem: string; readonly at: number } | undefined;

  constructor(options: {
    topic: string;
    view: Pick<TopicView, "partition">;
    partitions: ReadProgress;
    clock: Pick<Clock, "now" | "date">;
    kafka: Pick<Kafka, "heardMsAgo">;
  }) {
    this.#topic = options.topic;
    this.#view = options.view;
    this.#partitions = options.partitions;
    this.#clock = options.clock;
    this.#kafka = options.kafka;
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
    this.#described = described && readProblem(this.#topic, described);
  }

  /** `problem`: a clause about a transaction that is undecided. */
  noteHeld(problem: string | undefined): void {
    this.#held = problem;
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

  /** Why the view is not ready, the worst first; empty when it is. `failure`: the last one. */
  reasons(failure: ReadFailure | undefined): string[] {
    const topic = `The topic ${this.#topic}`;
    if (this.#isTopicMissing) {
      return [`${topic} does not exist ${this.#partitions.size === 0 ? "yet" : "any more"}.`];
    }
    if (this.#partitions.size === 0) {
      const why = this.#problems.map((clause) => `${topic} cannot be read: ${withStop(clause)}`);
      if (why.length > 0) return why;
      return [failure?.message ?? this.#unasked];
    }
    if (this.state === "live") return [];
    const known = [...this.#unread(failure), ...this.#contradictions(1)];
    if (!this.#isSilent) known.push(...this.#partitions.missing(this.#topic));
    if (known.length > 0) return known;
    const broken = this.#contradictions(0);
    if (broken.length > 0) return broken;
    return [`${topic} has not been read to its end ${since(this.#asOf, "yet")}.`];
  }

  /** What keeps the topic from being read. */
  #unread(failure: ReadFailure | undefined): string[] {
    const topic = `The topic ${this.#topic}`;
    if (this.#isSilent && !this.#unheard && !isAnswer(failure)) {
      return [`Kafka has not answered ${since(this.#heardAt)}.`];
    }
    const told = this.#problems.map((clause) => {
      const when = this.#asOf ? ` ${since(this.#asOf)}` : "";
      return `${topic} cannot be read whole${when}: ${withStop(clause)}`;
    });
    // What no broker has said says least: a silent leader is named above.
    const isNews = failure && this.#isUnanswered && (told.length === 0 || isAnswer(failure));
    if (!isNews) return told;
    const said = `cannot be read ${since(this.#answeredAt)}: ${withStop(failure.message)}`;
    return [`${topic} ${said}`, ...told];
  }

  get #problems(): string[] {
    const all = [this.#described, this.#unheard, this.#held];
    return [...new Set(all)].filter((problem) => problem !== undefined);
  }

  get #unasked(): string {
    if (this.#kafka.heardMsAgo?.() === undefined || this.#isSilent) {
      return "Kafka has not answered yet.";
    }
    return `Brokers answer, but none has described the topic ${this.#topic} yet.`;
  }

  get #unheard(): string | undefined {
    const isNow = this.#silence && this.#clock.now() - this.#silence.at < UNHEARD_MS_MAX;
    return isNow ? this.#silence?.problem : undefined;
  }

  /** When any broker last answered, whatever it was asked. */
  get #heardAt(): Moment {
    const [agoMs, now] = [this.#kafka.heardMsAgo?.(), momentOf(this.#clock)];
    if (agoMs === undefined || now.at - agoMs <= this.#answeredAt.at) return this.#answeredAt;
    return { at: now.at - agoMs, date: new Date(now.date.getTime() - agoMs) };
  }

  /** No broker answers. */
  get #isSilent(): boolean {
    return this.#clock.now() - this.#heardAt.at > SILENCE_MS_MAX;
  }

  /** Nobody answers for the topic. */
  get #isUnanswered(): boolean {
    return this.#clock.now() - this.#answeredAt.at > SILENCE_MS_MAX;
  }

  /** Of partitions whose totals were looked at so often and did not add up. */
  #contradictions(looksMin: number): string[] {
    return [...this.#partitions].flatMap(([id, progress]) => {
      const { isWhole, contradiction } = this.#view.partition(id);
      if (isWhole || progress.looks < looksMin || !isRestored(progress)) return [];
      return [`Partition ${id} of ${this.#topic} ${contradiction}.`];
    });
  }
}

function isAnswer(failure: ReadFailure | undefined): failure is ReadFailure {
  return failure?.code !== undefined && !UNANSWERED.has(failure.code);
}

function since(moment: Moment | undefined, otherwise = ""): string {
  return moment ? `since ${moment.date.toISOString()}` : otherwise;
}

function withStop(clause: string): string {
  return clause.endsWith(".") ? clause : `${clause}.`;
}
