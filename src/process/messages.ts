/** The messages between the main thread and the worker of a role. */

import type { Config, Role } from "../config/config.ts";
import { type FailureStatus, SalesboardError } from "../lib/errors.ts";
import type { ReadyInfo, Stats } from "../role.ts";

export interface WorkerInput {
  role: Role;
  /** What the log calls it; undefined = by its role. */
  name?: string;
  config: Config;
  instance: string;
  isRestart: boolean;
}

export type ToWorker =
  | { type: "start"; brokers: string }
  | { type: "stop" }
  | { type: "config"; config: Config }
  | { type: "stats"; role: Role; stats: Stats };

export type FromWorker =
  | { type: "ready"; info: ReadyInfo }
  | { type: "stats"; stats: Stats }
  | { type: "done" }
  | { type: "failed"; failure: Failure };

/** An error between threads, because cloning drops its class and its properties. */
interface Failure {
  name: string;
  message: string;
  stack: string | undefined;
  salesboard: { exitStatus: FailureStatus; final: boolean } | undefined;
}

/** Converts anything thrown into a failure that can cross between threads. */
export function toFailure(thrown: unknown): Failure {
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

/** The inverse of `toFailure`. */
export function toError({ name, message, stack, salesboard }: Failure): Error {
  const error = salesboard ? new SalesboardError(message, salesboard) : new Error(message);
  return Object.assign(error, { name, stack: stack ?? message });
}
