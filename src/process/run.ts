/** Runs the roles of a process, each in a worker, until one ends the process. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Config, Role } from "../config/config.ts";
import type { Log } from "../lib/log.ts";
import { type Actor, after, runGroup, signals, supervised } from "./supervisor.ts";
import { type RoleHandle, startRole } from "./worker.ts";

/**
 * The page comes first: workers that load side by side make each other wait for a core. The first
 * request takes so long once the dashboard listens, and 20 ms more beside two workers that start.
 */
const HEAD_START_MS = 30;

export interface Cluster {
  /** The user's, or the embedded one. */
  readonly brokers: string;
  /** The brokers answer and the topics are there. */
  readonly prepared: Promise<void>;
}

/**
 * Resolves after a signal or at the end of the only role's work.
 * Rejects with what `cluster` rejects with, or with a failure that no restart cures.
 */
export async function runRoles(options: {
  config: Config;
  /** Made while the workers load. */
  cluster: Promise<Cluster>;
  /** The module that is the entry of the workers. */
  entry: URL;
  log: Log;
  /** Hears where the dashboard listens. */
  onListening: (url: string) => void;
}): Promise<void> {
  const { config, cluster, entry, log, onListening } = options;
  const brokers = cluster.then((opened) => opened.brokers);
  const prepared = cluster.then((opened) => opened.prepared);
  const handles = new Map<Role, RoleHandle>();
  const instance = crypto.randomUUID();
  const onStats: RoleHandle["sendStats"] = (from, stats) =>
    handles.get("dashboard")?.sendStats(from, stats);

  const answered = Promise.withResolvers<void>();
  const headStartMs = config.roles.includes("dashboard") ? HEAD_START_MS : 0;
  if (headStartMs === 0) answered.resolve();

  const start = (role: Role) => {
    const isRestart = handles.has(role);
    const handle = startRole({ entry, role, config, brokers, instance, isRestart, onStats });
    const isAnswering = handle.ready.then(({ url }) => url && onListening(url));
    if (role === "dashboard") isAnswering.then(() => answered.resolve(), answered.resolve);
    else isAnswering.catch(() => {});
    handles.set(role, handle);
    return handle;
  };
  const othersMayStart = Promise.all([prepared, answered.promise]).then(() => sleep(headStartMs));
  // Without a cluster all three reject; `prepared` is the one that the group hears.
  for (const promise of [brokers, othersMayStart]) promise.catch(() => {});
  const actors = config.roles.map((role) => {
    const actor = supervised({
      name: role,
      log,
      start: () => start(role),
      endsGroup: config.roles.length === 1,
      // A second run would send the same sales again.
      restarts: role !== "producer" || (config.count === undefined && config.input === undefined),
    });
    // The dashboard shows what it waits for; the others cannot do anything yet.
    return role === "dashboard" ? actor : after(othersMayStart, actor);
  });
  // Its failure ends the process also where the dashboard is the only role.
  const startup = after(prepared, idle("startup"));
  await runGroup([signals(log), startup, ...actors], { log });
}

/** Exits only when interrupted: what comes before it is what counts. */
function idle(name: string): Actor {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { name, execute: () => promise, interrupt: () => resolve() };
}
