/** Runs the roles of a process, each in a worker, until one ends the process. */

import type { Config, Role } from "./config.ts";
import type { Log } from "./log.ts";
import { type Actor, after, runGroup, signals, supervised } from "./supervisor.ts";
import { type RoleHandle, startRole } from "./worker.ts";

/**
 * Resolves after a signal or at the end of the only role's work.
 * Rejects with what `prepared` rejects with, or with a failure that no restart cures.
 */
export async function runRoles(options: {
  config: Config;
  /** The user's brokers, or the embedded one. */
  brokers: string;
  /** The module that is the entry of the workers. */
  entry: URL;
  /** The brokers answer and the topics are there. */
  prepared: Promise<void>;
  log: Log;
  /** Hears where the dashboard listens. */
  onListening: (url: string) => void;
}): Promise<void> {
  const { config, brokers, entry, prepared, log, onListening } = options;
  const handles = new Map<Role, RoleHandle>();
  const instance = crypto.randomUUID();
  const onStats: RoleHandle["sendStats"] = (from, stats) =>
    handles.get("dashboard")?.sendStats(from, stats);

  const start = (role: Role) => {
    const handle = startRole({ entry, role, config, brokers, instance, onStats });
    handle.ready.then(
      ({ url }) => url && onListening(url),
      () => {},
    );
    handles.set(role, handle);
    return handle;
  };
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
    return role === "dashboard" ? actor : after(prepared, actor);
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
