/** The main thread's side of a role: starts the worker and hears its reports. */

import { Worker, type WorkerOptions } from "node:worker_threads";
import type { Config, Role } from "../config/config.ts";
import type { ReadyInfo, Stats } from "../role.ts";
import { type FromWorker, type ToWorker, toError, type WorkerInput } from "./messages.ts";

/** A role as the main thread sees it. */
export interface RoleHandle {
  /** Rejects when the role ends before it is ready. */
  readonly ready: Promise<ReadyInfo>;
  /**
   * `done`: the work is finished. `stopped`: the role stopped as asked. `killed`: it did not stop
   * within its time. Rejects with the error of a failed role.
   */
  readonly finished: Promise<"done" | "stopped" | "killed">;
  /** Asks the role to stop. Idempotent. Without effect after the end, like what is sent. */
  stop(): void;
  sendStats(role: Role, stats: Stats): void;
  sendConfig(config: Config): void;
}

/** How long a role may take to finish its open transaction and leave its group. */
export const STOP_MS_MAX = 4000;

/**
 * Starts a role in a worker. The worker loads its code while `brokers` is pending, and waits for a
 * stop if `brokers` rejects. `entry` is the module that calls `runRole`: main.ts itself, because a
 * separate worker file would be missing from the executable.
 */
export function startRole({
  entry,
  brokers,
  onStats,
  stopMsMax = STOP_MS_MAX,
  ...input
}: WorkerInput & {
  entry: URL;
  brokers: Promise<string>;
  onStats: (role: Role, stats: Stats) => void;
  /** How long it may take to stop, milliseconds. */
  stopMsMax?: number;
}): RoleHandle {
  const { role, name = role } = input;
  // A small heap collects its garbage after a megabyte or so. By default each of the workers keeps
  // up to 32 MB first.
  const options: WorkerOptions & { smol: true } = { name, workerData: input, smol: true };
  const worker = new Worker(entry, options);
  const ready = Promise.withResolvers<ReadyInfo>();
  const finished = Promise.withResolvers<"done" | "stopped" | "killed">();
  // A rejection that nobody awaits would end the process.
  ready.promise.catch(() => undefined);
  let end: "done" | Error | undefined;
  let exited = false;
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  const send = (message: ToWorker) => {
    if (!exited) worker.postMessage(message);
  };
  const terminate = () => void worker.terminate();
  brokers.then(
    (known) => send({ type: "start", brokers: known }),
    () => {},
  );

  worker.on("message", (message: FromWorker) => {
    if (message.type === "ready") ready.resolve(message.info);
    if (message.type === "stats") onStats(role, message.stats);
    if (message.type !== "done" && message.type !== "failed") return;
    end ??= message.type === "done" ? "done" : toError(message.failure);
    terminate();
  });
  worker.on("error", (error: Error) => {
    end ??= error;
  });
  worker.on("exit", (code) => {
    exited = true;
    clearTimeout(killTimer);
    const stopping = killTimer !== undefined;
    if (end === "done") finished.resolve(stopping ? "stopped" : "done");
    else if (end === undefined && stopping) finished.resolve("killed");
    else finished.reject(end ?? new Error(`Its thread exited unexpectedly with code ${code}.`));
    ready.reject(end instanceof Error ? end : new Error(`The ${name} ended before it was ready.`));
  });
  return {
    ready: ready.promise,
    finished: finished.promise,
    stop: () => {
      if (killTimer || exited) return;
      killTimer = setTimeout(terminate, stopMsMax);
      send({ type: "stop" });
    },
    sendStats: (from, stats) => send({ type: "stats", role: from, stats }),
    sendConfig: (config) => send({ type: "config", config }),
  };
}
