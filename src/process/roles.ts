/** Runs the roles of a process, each in a worker, until one of them ends the process. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Config, patternsOf, perTopic, type Role } from "../config/config.ts";
import type { Kafka } from "../kafka/kafka.ts";
import type { Log } from "../lib/log.ts";
import type { Stats, UncountedTopics } from "../role.ts";
import type { FoundTopics } from "../topics/found-topics.ts";
import { watchInputs } from "./input-topics.ts";
import { Reports } from "./reports.ts";
import { signals } from "./signals.ts";
import { type RoleHandle, startRole } from "./start-role.ts";
import { type Actor, after, runGroup, supervised } from "./supervisor.ts";
import { watchTopics } from "./topic-watch.ts";

/**
 * How long the other workers wait for the dashboard, because workers that load together compete for
 * cores. The first request takes this long, and 20 ms more beside two workers that start.
 */
const HEAD_START_MS = 30;

/** What a worker runs. */
interface WorkerPart {
  readonly name: string;
  readonly role: Role;
  readonly config: Config;
  /** Undefined = all input topics. */
  readonly topic?: string;
}

export interface Cluster {
  /** The bootstrap servers of the user, or of the embedded broker. */
  readonly brokers: string;
  /** Resolves when the brokers answer and the topics exist: to the settings with all of these. */
  readonly prepared: Promise<FoundTopics>;
  readonly kafka: Kafka;
}

export interface RolesOptions {
  config: Config;
  /** Opened while the workers load. */
  cluster: Promise<Cluster>;
  /** The module that the workers start from. */
  entry: URL;
  log: Log;
  /** Hears the address of the dashboard. */
  onListening: (url: string) => void;
}

/**
 * Resolves after a signal, or when the only role is done. Rejects with the error of `cluster`, or
 * with a failure that a restart cannot cure.
 */
export async function runRoles(options: RolesOptions): Promise<void> {
  const { config, cluster, log } = options;
  const prepared = cluster.then((opened) => opened.prepared);
  const workers = new Workers(options, prepared);
  // A failed start ends the process, even if the dashboard is the only role.
  const startup = after(prepared, idle("startup"));
  const isWatched = !config.isEmbedded && config.roles.some((role) => role !== "producer");
  const watches = isWatched ? [after(prepared, topicWatch(options, workers))] : [];
  const onOpen = (add: (actor: Actor) => void) => {
    const take = (found: Config) => workers.take(found).forEach(add);
    if (hasPatterns(config)) add(after(prepared, inputWatch({ log, cluster, workers, take })));
  };
  await runGroup([signals(log), startup, ...watches, ...workers.actors], { log, onOpen });
}

/** The workers of a process: what they hear of each other, and how they start. */
class Workers {
  /** Of the workers that there are at the start. */
  readonly actors: readonly Actor[];
  readonly #options: RolesOptions;
  readonly #brokers: Promise<string>;
  /** The settings, with the topics that patterns have found so far. */
  #config: Config;
  readonly #handles = new Map<string, RoleHandle>();
  readonly #instance = crypto.randomUUID();
  /** Must be heard again by a restarted dashboard, because its worker alone keeps what it heard. */
  readonly #reports = new Reports();
  readonly #answered = Promise.withResolvers<void>();
  readonly #othersMayStart: Promise<void>;
  readonly #names = new Set<string>();

  constructor(options: RolesOptions, prepared: Promise<unknown>) {
    const { config, cluster } = options;
    this.#options = options;
    // Before the patterns are resolved, a board of the names alone would be live and lack topics.
    this.#config = hasPatterns(config) ? { ...config, inputTopics: [] } : config;
    this.#brokers = cluster.then((opened) => opened.brokers);
    const headStartMs = config.roles.includes("dashboard") ? HEAD_START_MS : 0;
    if (headStartMs === 0) this.#answered.resolve();
    const mayStart = Promise.all([prepared, this.#answered.promise]);
    this.#othersMayStart = mayStart.then(() => sleep(headStartMs));
    // Without a cluster all three reject. The group takes the error from `prepared`.
    for (const promise of [this.#brokers, this.#othersMayStart]) promise.catch(() => {});
    this.actors = this.#actorsOf(config);
  }

  get config(): Config {
    return this.#config;
  }

  report(from: Role, stats: Stats): void {
    this.#reports.take(from, stats);
    this.#handles.get("dashboard")?.sendStats(from, stats);
  }

  /** Takes settings with more input topics. Returns the actors of new aggregators. */
  take(config: Config): readonly Actor[] {
    const hasMore = config.inputTopics.length > this.#config.inputTopics.length;
    this.#config = config;
    if (hasMore) this.#handles.get("dashboard")?.sendConfig(config);
    return this.#actorsOf(config);
  }

  /** Of workers that there are not yet. */
  #actorsOf(config: Config): readonly Actor[] {
    const parts = partsOf(config);
    const fresh = parts.filter(({ name }) => !this.#names.has(name));
    for (const { name } of fresh) this.#names.add(name);
    return fresh.map((part) => this.#actorOf(part, parts.length === 1 && !hasPatterns(config)));
  }

  #actorOf(part: WorkerPart, isOnly: boolean): Actor {
    const { role, name, topic } = part;
    const { count, input } = part.config;
    const actor = supervised({
      name,
      log: this.#options.log,
      start: () => this.#start(part),
      endsGroup: isOnly,
      onTrouble: (sentence) => this.report(role, ofTopic(troubleOf(sentence), topic)),
      // A second run would send the same sales again.
      restarts: role !== "producer" || (count === undefined && input === undefined),
    });
    // The dashboard starts at once and shows what it waits for. The others need the topics.
    return role === "dashboard" ? actor : after(this.#othersMayStart, actor);
  }

  #start({ topic, ...own }: WorkerPart): RoleHandle {
    const { entry, onListening } = this.#options;
    const { role, name } = own;
    const part = role === "dashboard" ? { ...own, config: this.#config } : own;
    const handle = startRole({
      ...part,
      entry,
      brokers: this.#brokers,
      instance: this.#instance,
      isRestart: this.#handles.has(name),
      onStats: (from, stats) => this.report(from, ofTopic(stats, topic)),
    });
    const isAnswering = handle.ready.then(({ url }) => url && onListening(url));
    if (role === "dashboard") {
      const tell = () => {
        for (const [from, stats] of this.#reports.latest) handle.sendStats(from, stats);
      };
      handle.ready.then(tell, () => {});
      isAnswering.then(() => this.#answered.resolve(), this.#answered.resolve);
    } else isAnswering.catch(() => {});
    this.#handles.set(name, handle);
    return handle;
  }
}

/** One for each role, and an aggregator for each input topic. */
function partsOf(config: Config): WorkerPart[] {
  const topics = perTopic(config);
  return config.roles.flatMap((role): WorkerPart[] => {
    const isOnly = topics.length === 1 && !hasPatterns(config);
    if (role !== "aggregator" || isOnly) return [{ name: role, role, config }];
    return topics.map((of) => {
      const { inputTopic: topic } = of;
      return { name: `${role} of ${topic}`, role, config: of, topic };
    });
  });
}

function ofTopic(stats: Stats, topic: string | undefined): Stats {
  return topic === undefined ? stats : { ...stats, topic };
}

/** A role that has failed no longer waits for what it waited for. */
function troubleOf(sentence: string | undefined): Stats {
  return sentence === undefined ? { trouble: "" } : { trouble: sentence, late: "" };
}

/** Tells log and dashboard of dangerous settings of topics. */
function topicWatch({ cluster, log }: RolesOptions, workers: Workers): Actor {
  const tell = (dangers: readonly string[]) =>
    workers.report(speaker(workers), {
      dangers,
      figures: { salesboard_topics_dangers: dangers.length },
    });
  return watching("topics", async (signal) => {
    const { kafka } = await cluster;
    // Its topics become more.
    const options = {
      log,
      kafka,
      tell,
      signal,
      get config() {
        return workers.config;
      },
    };
    await watchTopics(options);
  });
}

/** Adds the input topics that patterns find, and tells of those that are not counted. */
function inputWatch(of: {
  log: Log;
  cluster: Promise<Cluster>;
  workers: Workers;
  take: (config: Config) => void;
}): Actor {
  const { log, cluster, workers, take } = of;
  const tell = (uncounted: UncountedTopics) => workers.report(speaker(workers), { uncounted });
  return watching("input topics", async (signal) => {
    const { kafka, prepared } = await cluster;
    const found = await prepared;
    take(found.config);
    await watchInputs({ found, kafka, log, arrive: take, tell, signal });
  });
}

/** As whom the process reports. */
function speaker({ config }: Workers): Role {
  return config.roles[0] ?? "dashboard";
}

function watching(name: string, watch: (signal: AbortSignal) => Promise<void>): Actor {
  const stopping = new AbortController();
  return {
    name,
    execute: () => watch(stopping.signal),
    interrupt: () => stopping.abort(),
  };
}

/** An actor without work of its own: it exits when interrupted. */
function idle(name: string): Actor {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { name, execute: () => promise, interrupt: () => resolve() };
}

function hasPatterns(config: Config): boolean {
  return patternsOf(config).length > 0;
}
