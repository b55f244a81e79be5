/** Runs the roles of a process, each in a worker, until one of them ends the process. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Config, perTopic, type Role } from "../config/config.ts";
import type { Kafka } from "../kafka/kafka.ts";
import type { Log } from "../lib/log.ts";
import type { Stats } from "../role.ts";
import { Reports } from "./reports.ts";
import { signals } from "./signals.ts";
import { type Actor, after, runGroup, supervised } from "./supervisor.ts";
import { watchTopics } from "./topic-watch.ts";
import { type RoleHandle, startRole } from "./worker.ts";

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
  /** Resolves when the brokers answer and the topics exist. */
  readonly prepared: Promise<void>;
  readonly kafka: Kafka;
}

/**
 * Resolves after a signal, or when the only role is done. Rejects with the error of `cluster`, or
 * with a failure that a restart cannot cure.
 */
export async function runRoles(options: {
  config: Config;
  /** Opened while the workers load. */
  cluster: Promise<Cluster>;
  /** The module that the workers start from. */
  entry: URL;
  log: Log;
  /** Hears the address of the dashboard. */
  onListening: (url: string) => void;
}): Promise<void> {
  const { config, cluster, entry, log, onListening } = options;
  const brokers = cluster.then((opened) => opened.brokers);
  const prepared = cluster.then((opened) => opened.prepared);
  const parts = partsOf(config);
  const handles = new Map<string, RoleHandle>();
  const instance = crypto.randomUUID();
  /** Must be heard again by a restarted dashboard, because its worker alone keeps what it heard. */
  const reports = new Reports();
  const onStats: RoleHandle["sendStats"] = (from, stats) => {
    reports.take(from, stats);
    handles.get("dashboard")?.sendStats(from, stats);
  };

  const answered = Promise.withResolvers<void>();
  const headStartMs = config.roles.includes("dashboard") ? HEAD_START_MS : 0;
  if (headStartMs === 0) answered.resolve();

  const start = ({ topic, ...part }: WorkerPart) => {
    const { role, name } = part;
    const isRestart = handles.has(name);
    const report = (from: Role, stats: Stats) => onStats(from, ofTopic(stats, topic));
    const handle = startRole({ ...part, entry, brokers, instance, isRestart, onStats: report });
    const isAnswering = handle.ready.then(({ url }) => url && onListening(url));
    if (role === "dashboard") {
      const tell = () => {
        for (const [from, stats] of reports.latest) handle.sendStats(from, stats);
      };
      handle.ready.then(tell, () => {});
    }
    if (role === "dashboard") isAnswering.then(() => answered.resolve(), answered.resolve);
    else isAnswering.catch(() => {});
    handles.set(name, handle);
    return handle;
  };
  const othersMayStart = Promise.all([prepared, answered.promise]).then(() => sleep(headStartMs));
  // Without a cluster all three reject. The group takes the error from `prepared`.
  for (const promise of [brokers, othersMayStart]) promise.catch(() => {});
  const actors = parts.map((part) => {
    const { role, name, topic } = part;
    const actor = supervised({
      name,
      log,
      start: () => start(part),
      endsGroup: parts.length === 1,
      onTrouble: (sentence) => onStats(role, ofTopic(troubleOf(sentence), topic)),
      // A second run would send the same sales again.
      restarts: role !== "producer" || (config.count === undefined && config.input === undefined),
    });
    // The dashboard starts at once and shows what it waits for. The others need the topics.
    return role === "dashboard" ? actor : after(othersMayStart, actor);
  });
  // A failed start ends the process, even if the dashboard is the only role.
  const startup = after(prepared, idle("startup"));
  const isWatched = !config.isEmbedded && config.roles.some((role) => role !== "producer");
  const watches = isWatched ? [after(prepared, topicWatch(options, onStats))] : [];
  await runGroup([signals(log), startup, ...watches, ...actors], { log });
}

/** One for each role, and an aggregator for each input topic. */
function partsOf(config: Config): WorkerPart[] {
  const topics = perTopic(config);
  return config.roles.flatMap((role): WorkerPart[] => {
    if (role !== "aggregator" || topics.length === 1) return [{ name: role, role, config }];
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
function topicWatch(
  { config, cluster, log }: Pick<Parameters<typeof runRoles>[0], "config" | "cluster" | "log">,
  onStats: RoleHandle["sendStats"],
): Actor {
  const stopping = new AbortController();
  const { signal } = stopping;
  const [role = "dashboard"] = config.roles;
  const tell = (dangers: readonly string[]) =>
    onStats(role, { dangers, figures: { salesboard_topics_dangers: dangers.length } });
  return {
    name: "topics",
    execute: async () => {
      const { kafka } = await cluster;
      await watchTopics({ config, kafka, log, tell, signal });
    },
    interrupt: () => stopping.abort(),
  };
}

/** An actor without work of its own: it exits when interrupted. */
function idle(name: string): Actor {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { name, execute: () => promise, interrupt: () => resolve() };
}
