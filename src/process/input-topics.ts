/** Finds the topics of the patterns in --input-topic: at the start, and while the process runs. */

import { type Config, patternsOf, withFound } from "../config/config.ts";
import type { Admin, Kafka } from "../kafka/kafka.ts";
import { messageOf, SalesboardError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { withoutStop } from "../lib/text.ts";
import { orAborted, pause } from "../lib/wait.ts";
import type { UncountedTopics } from "../role.ts";
import { FailedTopics } from "../topics/failed-topics.ts";
import {
  type FoundTopics,
  findTopics,
  namesFor,
  sentence,
  topicsThere,
  type UncountedTopic,
} from "../topics/found-topics.ts";
import { ensureTopics } from "./topics.ts";

/** Each look asks for the names of all topics. One that appears is promised to be found in 15 s. */
const LOOK_INTERVAL_MS = 5_000;
/** Whoever has had no answer for so long no longer knows that all topics are counted. */
const BLIND_MS_MAX = 12_000;
/** A look waits so long at least. The client asks for much longer. */
const ANSWER_MS_MIN = 1_000;
/** Until the first topic is there. */
const START_INTERVAL_MS = 1_000;

/**
 * The settings with the topics that their patterns find. With an aggregator among the roles, the
 * topics exist that it writes. Waits for a first topic, at most `config.startupTimeoutMs`; commands
 * that start no role do not wait.
 * @throws SalesboardError when there is no topic, or none can be counted @throws KafkaError
 */
export async function findAtStart(admin: Admin, config: Config, log?: Log): Promise<FoundTopics> {
  if (patternsOf(config).length === 0) {
    await ensureTopics(admin, config, log);
    return { config, uncounted: [], notes: [] };
  }
  const found = await whenFound(admin, config, log);
  await ensureTopics(admin, withFound(config, []), log);
  const failures = new FailedTopics(Date.now);
  const ready = await added(admin, found, { before: config, failures, log });
  const { inputTopics } = ready.config;
  if (inputTopics.length === 0) {
    const why = ready.uncounted[0]?.text ?? "the topics that matched are gone.";
    throw cannotUse(config, why);
  }
  const topics = inputTopics.join(", ");
  log?.info(`The input topics ${config.inputs.join(", ")} are ${topics}.`, { topics });
  return ready;
}

async function whenFound(admin: Admin, config: Config, log?: Log): Promise<FoundTopics> {
  const end = performance.now() + config.startupTimeoutMs;
  for (let tries = 0; ; tries++) {
    const names = await admin.topicNames();
    const found = findTopics(config, names);
    if (found.config.inputTopics.length > 0) return found;
    const isOver = config.roles.length === 0 || performance.now() >= end;
    if (isOver) throw nothingFound(config, names, found.uncounted);
    if (tries === 0) log?.warning(`Still waiting for a topic that matches ${listOf(config)}.`);
    await pause(START_INTERVAL_MS, new AbortController().signal);
  }
}

/** Makes the topics that the aggregators of new input topics write. What fails is not counted. */
async function added(
  admin: Admin,
  { config, uncounted, notes }: FoundTopics,
  of: { before: Config; failures: FailedTopics; log?: Log | undefined },
): Promise<FoundTopics> {
  const { before, failures, log } = of;
  const ready = [...before.foundTopics];
  const failed: UncountedTopic[] = [];
  for (const topic of config.foundTopics.slice(ready.length)) {
    const early = failures.early(topic);
    if (early) {
      failed.push(early);
      continue;
    }
    try {
      // It may be deleted since the look. Nobody wants it made again.
      if (!(await admin.describeTopic(topic))) {
        failures.forget(topic);
        continue;
      }
      // What the cluster refuses is said once.
      await ensureTopics(admin, namesFor(topic, config), failures.has(topic) ? undefined : log);
      ready.push(topic);
      failures.forget(topic);
    } catch (error) {
      const why = withoutStop(messageOf(error));
      const failure = { topic, text: sentence(topic, config, why) };
      failures.note(failure);
      failed.push(failure);
    }
  }
  return { config: withFound(config, ready), uncounted: [...uncounted, ...failed], notes };
}

function nothingFound(
  config: Config,
  names: readonly string[],
  uncounted: readonly UncountedTopic[],
): SalesboardError {
  const [first] = uncounted;
  if (first) return cannotUse(config, first.text);
  const isWaiting = config.roles.length > 0;
  const seconds = config.startupTimeoutMs / 1000;
  const within = isWaiting ? ` within ${seconds} s (--startup-timeout)` : "";
  return cannotUse(config, `no topic matches${within}. ${topicsThere(names)}`);
}

function cannotUse(config: Config, why: string): SalesboardError {
  return new SalesboardError(`Cannot use --input-topic ${config.inputs.join(",")}: ${why}`, {
    final: true,
  });
}

function listOf(config: Config): string {
  return patternsOf(config).join(" or ");
}

interface InputWatchOptions {
  /** What was found so far. */
  readonly found: FoundTopics;
  readonly log: Log;
  /** Hears the settings whenever there are more topics. */
  readonly arrive: (config: Config) => void;
  /** Hears about topics that are not counted, or gone, whenever that changes. */
  readonly tell: (uncounted: UncountedTopics) => void;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Looks for topics that appear, until the signal is aborted. Survives every failure of Kafka. */
export async function watchInputs(
  options: InputWatchOptions & { kafka: Kafka; signal: AbortSignal },
): Promise<void> {
  const { kafka, signal } = options;
  const watch = new InputWatch(options);
  const admin = kafka.admin();
  try {
    while (!signal.aborted) {
      await pause(LOOK_INTERVAL_MS, signal);
      // A slow answer must not delay the stop.
      if (!signal.aborted) await orAborted(watch.look(admin), signal);
    }
  } finally {
    await admin.close().catch(() => {});
  }
}

export class InputWatch {
  readonly #options: InputWatchOptions;
  readonly #now: () => number;
  /** The last that was found. */
  #config: Config;
  /** Topics that are not counted, and the doubt whether there are others → since when. */
  #told = new Map<string, number>();
  #notes: readonly string[] = [];
  readonly #failures: FailedTopics;
  /** The question that is open. Another one would wait behind it. */
  #names: Promise<string[]> | undefined;
  /** When the brokers last named their topics. */
  #namedAt: number;

  constructor(options: InputWatchOptions) {
    const { found, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.#namedAt = now();
    this.#failures = new FailedTopics(now);
    this.#config = found.config;
    this.#take(found);
  }

  async look(admin: Admin): Promise<void> {
    const { log, arrive } = this.#options;
    const [before, failures] = [this.#config, this.#failures];
    const freshIn = ({ config }: FoundTopics) => {
      return config.foundTopics.slice(before.foundTopics.length);
    };
    try {
      const names = await this.#namesOf(admin);
      this.#namedAt = this.#now();
      failures.keepOnly(names);
      const found = findTopics(before, names, (topic) => failures.has(topic));
      // To make their topics takes a while, and to show them takes another.
      this.#announce(freshIn(found).filter((topic) => !failures.has(topic)));
      const next = await added(admin, found, { before, failures, log });
      this.#config = next.config;
      for (const topic of freshIn(next)) {
        log.info(`The topic ${topic} matches ${listOf(before)}, and is on the board from now on.`);
      }
      if (freshIn(next).length > 0) arrive(next.config);
      this.#take(next);
    } catch (error) {
      this.#fail(messageOf(error));
    }
  }

  /** @throws KafkaError, and an error when there is no answer for so long that it must be said */
  async #namesOf(admin: Admin): Promise<string[]> {
    this.#names ??= admin.topicNames().finally(() => {
      this.#names = undefined;
    });
    const leftMs = this.#namedAt + BLIND_MS_MAX - this.#now();
    const timer = new AbortController();
    const late = pause(Math.max(ANSWER_MS_MIN, leftMs), timer.signal);
    const silence = late.then((): Promise<never> => Promise.reject(new Error("No answer yet.")));
    // The race that is over has no use for either.
    for (const promise of [this.#names, silence]) promise.catch(() => {});
    try {
      return await Promise.race([this.#names, silence]);
    } finally {
      timer.abort();
    }
  }

  /** A board that lacks topics is live no more. */
  #announce(topics: readonly string[]): void {
    if (topics.length === 0) return;
    const text = `The board has more input topics in a moment: ${topics.join(", ")}.`;
    const { log } = this.#options;
    const sentences = [...new Set([...this.#told.keys(), text])];
    this.#tell(sentences, this.#notes, (text) => log.debug(text));
  }

  /** A look may fail while brokers change. What is known stays. */
  #fail(reason: string): void {
    this.#options.log.debug("Cannot look for topics.", { reason });
    if (this.#now() - this.#namedAt < BLIND_MS_MAX) return;
    const blind =
      `It is not known whether there are more topics that match ${listOf(this.#config)}: the ` +
      "brokers do not name their topics.";
    if (this.#told.has(blind)) return;
    this.#told.set(blind, this.#namedAt);
    this.#options.log.warning(blind);
    this.#say();
  }

  #take({ uncounted, notes }: FoundTopics): void {
    this.#tell(
      uncounted.map(({ text }) => text),
      notes,
    );
  }

  #tell(
    sentences: readonly string[],
    notes: readonly string[],
    say = (text: string) => this.#options.log.warning(text),
  ): void {
    const { log } = this.#options;
    const before = this.#told;
    const known = new Set([...before.keys(), ...this.#notes]);
    const fresh = [...sentences, ...notes].filter((text) => !known.has(text));
    if (fresh.length === 0 && sentences.length + notes.length === known.size) return;
    for (const text of fresh) say(text);
    if (sentences.length === 0 && before.size > 0) log.info("All topics that match are counted.");
    this.#notes = notes;
    const now = this.#now();
    this.#told = new Map(sentences.map((text) => [text, before.get(text) ?? now]));
    this.#say();
  }

  #say(): void {
    const since = Math.min(this.#now(), ...this.#told.values());
    this.#options.tell({ since, sentences: [...this.#told.keys()], notes: this.#notes });
  }
}
