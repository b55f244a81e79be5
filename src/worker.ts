/** The contract between the main thread and the worker of a role: start, ready, stats, stop. */

import { parentPort, Worker, workerData } from "node:worker_threads";
import { type Clock, systemClock } from "./clock.ts";
import type { Config, Role } from "./config.ts";
import { type FailureStatus, SalesboardError } from "./errors.ts";
import type { Kafka } from "./kafka/kafka.ts";
import { type Log, openLog } from "./log.ts";

/** Numbers for /metrics, by metric name. */
export type Figures = Record<string, number>;

/** What an aggregator cannot count, and why. */
export interface Counting {
  /** Partitions whose totals and offsets contradict each other. */
  readonly refused: readonly number[];
  /** Totals are being read back, and so much of them is; undefined: nothing is. */
  readonly restoredPercent: number | undefined;
}

/** What a role tells of its work. */
export interface Stats {
  readonly figures?: Figures;
  /** Of the aggregator; replaces the one before. */
  readonly counting?: Counting;
}

/** What a role tells when it works; the dashboard says where. */
export interface ReadyInfo {
  url?: string;
}

/** What a role gets to work with. */
export interface RoleContext {
  readonly config: Config;
  readonly kafka: Kafka;
  /** Unique to this process, and the same for a role that is started again in it. */
  readonly instance: string;
  /** The role was started in this process before, and failed. */
  readonly isRestart: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted = finish what is open and resolve. */
  readonly signal: AbortSignal;
  /** The role works. Call once. */
  ready(info?: ReadyInfo): void;
  /** Tells the dashboard; figures replace those of the same name. */
  report(stats: Stats): void;
  /** Hears what the other roles report from now on. */
  onStats(listener: (role: Role, stats: Stats) => void): void;
}

/** A role as the main thread sees it. */
export interface RoleHandle {
  /** Rejects when the role ends before it was ready. */
  readonly ready: Promise<ReadyInfo>;
  /**
   * `done`: its work is finished; `stopped`: as asked; `killed`: asked, but not within
   * `STOP_MS_MAX`. Rejects with the reason when the role failed.
   */
  readonly finished: Promise<"done" | "stopped" | "killed">;
  /** Asks the role to stop. Idempotent, and without effect after its end, as is `sendStats`. */
  stop(): void;
  sendStats(role: Role, stats: Stats): void;
}

interface WorkerInput {
  role: Role;
  config: Config;
  instance: string;
  isRestart: boolean;
}

type ToWorker =
  | { type: "start"; brokers: string }
  | { type: "stop" }
  | { type: "stats"; role: Role; stats: Stats };

type FromWorker =
  | { type: "ready"; info: ReadyInfo }
  | { type: "stats"; stats: Stats }
  | { type: "done" }
  | { type: "failed"; failure: Failure };

/** An error on its way between threads: cloning would drop its class and its own properties. */
interface Failure {
  name: string;
  message: string;
  stack: string | undefined;
  salesboard: { exitStatus: FailureStatus; final: boolean } | undefined;
}

/** How long a role may take to finish its open transaction and leave its group. */
export const STOP_MS_MAX = 4000;

/**
 * Starts a role in a worker, which loads its code while `brokers` (the user's, or the embedded one)
 * are not known yet; should they never be, it waits to be stopped. `entry` is the module that calls
 * `runRole` there: main.ts itself, for a worker file of its own would be missing from the executable.
 */
export function startRole({
  entry,
  brokers,
  onStats,
  ...input
}: WorkerInput & {
  entry: URL;
  brokers: Promise<string>;
  onStats: (role: Role, stats: Stats) => void;
}): RoleHandle {
  const { role } = input;
  const worker = new Worker(entry, { name: role, workerData: input });
  const ready = Promise.withResolvers<ReadyInfo>();
  const finished = Promise.withResolvers<"done" | "stopped" | "killed">();
  // Whoever does not wait for it must not die of it.
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
    else finished.reject(end ?? new Error(`Its thread ended by itself with code ${code}.`));
    ready.reject(end instanceof Error ? end : new Error(`The ${role} ended before it was ready.`));
  });
  return {
    ready: ready.promise,
    finished: finished.promise,
    stop: () => {
      if (killTimer || exited) return;
      killTimer = setTimeout(terminate, STOP_MS_MAX);
      send({ type: "stop" });
    },
    sendStats: (from, stats) => send({ type: "stats", role: from, stats }),
  };
}

/**
 * Runs, inside its worker, the role that `startRole` asked for; never rejects, for whatever is
 * thrown, now or later, reaches the main thread as a failure.
 */
export async function runRole({
  roles,
  kafka,
}: {
  /** Each loads its code when it is called: a worker needs that of one role. */
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
  const statsListeners: ((role: Role, stats: Stats) => void)[] = [];
  port.on("message", (message: ToWorker) => {
    if (message.type === "start") started.resolve(message.brokers);
    else if (message.type === "stats") {
      for (const listener of statsListeners) listener(message.role, message.stats);
    } else {
      stop.abort();
      started.resolve("stopped");
    }
  });
  try {
    const { role, config, instance, isRestart } = workerData as WorkerInput;
    const run = await roles[role]();
    const brokers = await started.promise;
    if (!stop.signal.aborted) {
      const log = openLog(role, { level: config.logLevel, format: config.logFormat });
      await run({
        config,
        kafka: await kafka({ brokers, config, log }),
        instance,
        isRestart,
        clock: systemClock,
        log,
        signal: stop.signal,
        ready: (info = {}) => send({ type: "ready", info }),
        report: (stats) => send({ type: "stats", stats }),
        onStats: (listener) => statsListeners.push(listener),
      });
    }
    send({ type: "done" });
  } catch (error) {
    fail(error);
  }
}

function toFailure(thrown: unknown): Failure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack } = error;
  return {
    name,
    message,
    stack,
    salesboard:
      error instanceof SalesboardError
        ? { exitStatus: error.exitStatus, final: error.final }
        : undefined,
  };
}

function toError({ name, message, stack, salesboard }: Failure): Error {
  const error = salesboard ? new SalesboardError(message, salesboard) : new Error(message);
  return Object.assign(error, { name, stack: stack ?? message });
}
