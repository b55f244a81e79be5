/** The worker's side of a role: runs the role and reports to the main thread. */

import { parentPort, workerData } from "node:worker_threads";
import type { Config, Role } from "../config/config.ts";
import type { Kafka } from "../kafka/kafka.ts";
import { systemClock } from "../lib/clock.ts";
import { type Log, openLog } from "../lib/log.ts";
import type { RoleContext, Stats } from "../role.ts";
import { logOptions } from "./greeting.ts";
import { type FromWorker, type ToWorker, toFailure, type WorkerInput } from "./messages.ts";
import { Reports } from "./reports.ts";

/**
 * Runs the role that `startRole` asked for, inside the worker. Never rejects: every error, now or
 * later, reaches the main thread as a failure.
 */
export async function runRole({
  roles,
  kafka,
}: {
  /** Each function loads the code of its role, because a worker needs only one. */
  roles: Record<Role, () => Promise<(context: RoleContext) => Promise<void>>>;
  kafka: (options: { brokers: string; config: Config; log: Log }) => Promise<Kafka>;
}): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error("Cannot run a role: it must be called in a worker.");
  const send = (message: FromWorker) => port.postMessage(message);
  const fail = (thrown: unknown) => send({ type: "failed", failure: toFailure(thrown) });
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);

  const stop = new AbortController();
  const started = Promise.withResolvers<string | "stopped">();
  const reports = new Reports();
  let onStats: ((role: Role, stats: Stats) => void) | undefined;
  const input = workerData as WorkerInput;
  let { config } = input;
  let onConfig: ((config: Config) => void) | undefined;
  port.on("message", (message: ToWorker) => {
    if (message.type === "start") started.resolve(message.brokers);
    else if (message.type === "stats") {
      reports.take(message.role, message.stats);
      onStats?.(message.role, message.stats);
    } else if (message.type === "config") {
      config = message.config;
      onConfig?.(config);
    } else {
      stop.abort();
      started.resolve("stopped");
    }
  });
  try {
    const { role, name = role, instance, isRestart } = input;
    const run = await roles[role]();
    const brokers = await started.promise;
    if (!stop.signal.aborted) {
      const log = openLog(name, logOptions(config));
      const cluster = await kafka({ brokers, config, log });
      const first = config;
      await run({
        config: first,
        kafka: cluster,
        brokers,
        instance,
        isRestart,
        clock: systemClock,
        log,
        signal: stop.signal,
        ready: (info = {}) => send({ type: "ready", info }),
        report: (stats) => send({ type: "stats", stats }),
        onStats: (listener) => {
          for (const [from, stats] of reports.latest) listener(from, stats);
          onStats = listener;
        },
        onConfig: (listener) => {
          onConfig = listener;
          if (config !== first) listener(config);
        },
      });
    }
    send({ type: "done" });
  } catch (error) {
    fail(error);
  }
}
