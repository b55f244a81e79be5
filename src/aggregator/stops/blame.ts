/** Finds what a transaction failed on, so that only the partitions concerned are stopped. */

import { type Config, pairedTopics } from "../../config/config.ts";
import {
  type Admin,
  headlessProblem,
  KafkaError,
  leaderProblem,
  missingRight,
  NO_ANSWER,
  rightProblem,
  syncProblem,
  type TopicDescription,
} from "../../kafka/kafka.ts";
import type { Clock } from "../../lib/clock.ts";
import { absent } from "./availability.ts";
import type { Cause } from "./stops.ts";
import type { Uncounted } from "./uncounted.ts";

/** The longest wait for a description. The good partitions wait meanwhile. */
const ASK_MS_MAX = 2_000;
/** Transactions in a row that may fail for an unknown reason before the partitions get a pause. */
const STREAK_MAX = 3;
/** A leader that moved, or a broker that restarted: the next try may do. */
const PASSING = new Set([...NO_ANSWER, "_MSG_TIMED_OUT", "REQUEST_TIMED_OUT"]);
const REFUSED = "TOPIC_AUTHORIZATION_FAILED";
/** No partition is meant, but the topic. */
const ANY = -1;

/** A record of a transaction that was not delivered. */
export interface Undelivered {
  readonly topic: string;
  readonly partition: number;
  readonly error: KafkaError;
}

export interface FailedTransaction {
  readonly error: KafkaError;
  readonly undelivered: readonly Undelivered[];
}

export interface BlamedPartitions extends Cause {
  readonly partitions: readonly number[];
}

export class Blame {
  readonly #config: Config;
  readonly #admin: Admin;
  readonly #clock: Clock;
  #streak = 0;
  /** What has been asked already of one failure, or of one look at stopped partitions. */
  readonly #asked = new Map<string, Promise<TopicDescription | string | undefined>>();

  constructor(of: { config: Config; clock: Clock }, admin: Admin) {
    this.#config = of.config;
    this.#clock = of.clock;
    this.#admin = admin;
  }

  committed(): void {
    this.#streak = 0;
  }

  /**
   * The partitions to stop, with the cause; empty when the next try may do. `owned`: all partitions
   * that count. `letters`: those with dead letters in the transaction.
   */
  async find(
    failed: FailedTransaction,
    { owned, letters }: { owned: readonly number[]; letters: readonly number[] },
  ): Promise<BlamedPartitions[]> {
    this.#streak++;
    this.#asked.clear();
    const found = await this.#found(failed, { owned, letters });
    if (found.length > 0 || this.#streak < STREAK_MAX) return found;
    return [{ partitions: owned, reason: failed.error.message }];
  }

  /** Why a partition of the topic cannot be used; undefined = nothing is known against it. */
  async #problem(topic: string, partition: number): Promise<string | undefined> {
    const described = await this.#describe(topic);
    if (!described || typeof described === "string") return described;
    const right = topic === this.#config.inputTopic ? "Read" : "Write";
    const problem = rightProblem(topic, right, described);
    if (problem || partition === ANY) return problem;
    // A letter goes to the partition of its key: it may wait for any of them, and all wait with it.
    return topic === this.#config.deadLetterTopic
      ? headlessProblem(topic, described)
      : leaderProblem(topic, partition, described);
  }

  /** Those partitions, of which the pause is over, that may work again. Stops the others. */
  async readyOf(uncounted: Pick<Uncounted, "due" | "stop">): Promise<number[]> {
    const ready: number[] = [];
    this.#asked.clear();
    for (const { partition, topic } of uncounted.due()) {
      const reason = topic && (await this.#problem(topic, partition));
      if (reason) uncounted.stop([partition], { reason, topic });
      else ready.push(partition);
    }
    return ready;
  }

  async #found(
    { error, undelivered }: FailedTransaction,
    of: { owned: readonly number[]; letters: readonly number[] },
  ): Promise<BlamedPartitions[]> {
    const { deadLetterTopic } = this.#config;
    const blamed: BlamedPartitions[] = [];
    for (const { topic, partition, error } of undelivered) {
      const reason = await this.#reasonOf(topic, partition, error);
      const partitions = topic === deadLetterTopic ? of.letters : [partition];
      if (reason) blamed.push({ partitions, reason, topic });
    }
    if (blamed.length > 0 || error.code !== REFUSED) return blamed;
    // The coordinator refuses a topic without a word about which one.
    const { inputTopic } = this.#config;
    const own = pairedTopics(this.#config);
    if (of.letters.length > 0) own.push(deadLetterTopic);
    for (const topic of [inputTopic, ...own]) {
      const reason = await this.#problem(topic, ANY);
      const partitions = topic === deadLetterTopic ? of.letters : of.owned;
      if (reason) blamed.push({ partitions, reason, topic });
    }
    return blamed.length > 0
      ? blamed
      : [{ partitions: of.owned, reason: unnamed(inputTopic, own) }];
  }

  async #reasonOf(topic: string, partition: number, error: KafkaError) {
    if (error.code === REFUSED) return missingRight(topic, "Write");
    const described = await this.#describe(topic);
    if (typeof described === "string") return described;
    if (described) {
      const problem =
        leaderProblem(topic, partition, described) ?? syncProblem(topic, partition, described);
      if (problem) return problem;
    }
    return PASSING.has(error.code) ? undefined : error.message;
  }

  #describe(topic: string) {
    const asked = this.#asked.get(topic) ?? this.#ask(topic);
    this.#asked.set(topic, asked);
    return asked;
  }

  /** A clause when there is no description to have; undefined when nobody answers in time. */
  #ask(topic: string): Promise<TopicDescription | string | undefined> {
    const asked = this.#admin.describeTopic(topic).then(
      (described) => described ?? absent(topic),
      (error: unknown) => {
        if (!(error instanceof KafkaError)) throw error;
        return error.code === REFUSED ? missingRight(topic, "Write") : undefined;
      },
    );
    return Promise.race([asked, this.#clock.sleep(ASK_MS_MAX).then(() => undefined)]);
  }
}

/** No description tells which topic it is: perhaps the right has just been given back. */
function unnamed(inputTopic: string, own: readonly string[]): string {
  return (
    "Kafka refuses one of the topics of a transaction, and does not say which: the user needs the " +
    `operation Read on the resource Topic ${inputTopic}, and Write on the resources Topic ` +
    own.join(", ")
  );
}
