/** A run group: the first actor to exit interrupts the others, and the group waits for all. */

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, SalesboardError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

/** Something that runs until it is done, fails or is interrupted. */
export interface Actor {
  readonly name: string;
  execute(): Promise<void>;
  /** Makes `execute` settle soon. Must not throw. May be called repeatedly and after the exit. */
  interrupt(): void;
}

/** The longest stop of all actors together. Users are promised 5 s. */
const GROUP_STOP_MS_MAX = 4500;

/**
 * Runs the actors until the first one exits, then interrupts the others and waits for them, at most
 * `stopMsMax`. Rejects with the error of the first one; later errors are logged. If the first one
 * had none, a later error that is final is the group's: sales that `produce` could not deliver are
 * no success because somebody stopped it. `onOpen` gets what adds an actor to those that run; while
 * the group stops, it does nothing.
 */
export async function runGroup(
  first: readonly Actor[],
  options: { log: Log; stopMsMax?: number; onOpen?: (add: (actor: Actor) => void) => void },
): Promise<void> {
  const { log, stopMsMax = GROUP_STOP_MS_MAX, onOpen = () => {} } = options;
  const actors: Actor[] = [];
  const exits: Promise<void>[] = [];
  const over = Promise.withResolvers<void>();
  const running = new Set<Actor>();
  let stopping = false;
  let reason: unknown;
  let failure: SalesboardError | undefined;
  const run = async (actor: Actor) => {
    try {
      await actor.execute();
    } catch (error) {
      if (!stopping) {
        reason = error;
        throw error;
      }
      // Actors that wait for the same condition fail together. Their error is reported once.
      if (error === reason) return;
      if (!reason && !failure && error instanceof SalesboardError && error.final) failure = error;
      else log.warning(`The ${actor.name} failed while it was stopping: ${messageOf(error)}`);
    } finally {
      running.delete(actor);
      stopping = true;
    }
  };
  const begin = (actor: Actor) => {
    actors.push(actor);
    running.add(actor);
    const exit = run(actor);
    exits.push(exit);
    exit.then(over.resolve, over.reject);
  };
  try {
    for (const actor of first) begin(actor);
    onOpen((actor) => stopping || begin(actor));
    await over.promise;
  } finally {
    for (const actor of actors) actor.interrupt();
    const timer = new AbortController();
    const limit = sleep(stopMsMax, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([Promise.allSettled(exits), limit]);
    timer.abort();
    for (const { name } of running) log.warning(`The ${name} did not stop within ${stopMsMax}ms.`);
  }
  if (failure) throw failure;
}

/** Starts `actor` once `condition` resolves, and fails when it rejects. */
export function after(condition: Promise<unknown>, actor: Actor): Actor {
  const interrupted = Promise.withResolvers<"interrupted">();
  return {
    name: actor.name,
    execute: async () => {
      if ((await Promise.race([condition, interrupted.promise])) !== "interrupted") {
        await actor.execute();
      }
    },
    interrupt: () => {
      interrupted.resolve("interrupted");
      actor.interrupt();
    },
  };
}

/** The pauses before restarts, in milliseconds. */
export interface RestartLimits {
  /** The pause after the first failure. Doubles each time, up to `delayMsMax`. */
  readonly delayMsMin: number;
  /** Short enough that a role works again within 30 s of the cure. */
  readonly delayMsMax: number;
  /** A role that was ready for this time begins with the shortest pause again. */
  readonly calmMs: number;
  /** A role that was ready for this time is no longer in trouble. */
  readonly recoveredMs: number;
}

const restartLimits: RestartLimits = {
  delayMsMin: 250,
  delayMsMax: 20_000,
  calmMs: 60_000,
  recoveredMs: 5_000,
};

/** One run of something that can be restarted. */
export interface Run {
  /** Rejects when it ended before it was ready. */
  readonly ready: Promise<unknown>;
  /** Rejects when it failed. */
  readonly finished: Promise<"done" | "stopped" | "killed">;
  stop(): void;
}

/**
 * Keeps a role running: restarts a failed role after a pause, as often as it fails, unless its
 * error is final. A role that cannot work ends neither the process nor the other roles: the cure
 * often comes from outside, when a broker returns or a right is given. When the role is done, the
 * actor exits (`endsGroup`) or waits for the others. Use `restarts: false` for work that must not
 * be done twice.
 */
export function supervised({
  name,
  start,
  log,
  endsGroup,
  restarts = true,
  limits = restartLimits,
  onTrouble = () => {},
}: {
  name: string;
  start: () => Run;
  log: Log;
  endsGroup: boolean;
  restarts?: boolean;
  limits?: RestartLimits;
  /** Hears why the role does not work; undefined = it works again. */
  onTrouble?: (sentence: string | undefined) => void;
}): Actor {
  const interrupted = new AbortController();
  const { signal } = interrupted;
  const interruption = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  let current: Run | undefined;
  let failures = 0;

  /** The pause before the next start. @throws the error, when there is no next start */
  const nextDelayMs = (error: unknown): number => {
    if (signal.aborted || !restarts) throw error;
    if (error instanceof SalesboardError && error.final) throw error;
    const fullMs = Math.min(limits.delayMsMin * 2 ** failures, limits.delayMsMax);
    failures = Math.min(failures + 1, FAILURES_COUNTED_MAX);
    // Jitter, so that processes that failed together do not restart together.
    return Math.round(fullMs * (0.5 + Math.random() / 2));
  };

  const execute = async () => {
    while (!signal.aborted) {
      current = start();
      const watch = watchRun(current, limits, {
        recovered: () => onTrouble(undefined),
        calm: () => {
          failures = 0;
        },
      });
      try {
        const end = await current.finished;
        if (end === "killed") log.warning(`The ${name} did not stop in time and was terminated.`);
        return endsGroup ? undefined : await interruption;
      } catch (error) {
        watch.end();
        const delayMs = nextDelayMs(error);
        log.warning(`The ${name} failed and restarts in ${delayMs}ms: ${messageOf(error)}`);
        onTrouble(`The ${name} does not work and is tried again: ${messageOf(error)}`);
        if (error instanceof Error)
          log.debug(`Stack trace of the failed ${name}.`, { stack: error.stack });
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      } finally {
        watch.end();
      }
    }
  };
  return {
    name,
    execute,
    interrupt: () => {
      interrupted.abort();
      current?.stop();
    },
  };
}

/** Enough to reach the longest pause. A larger power of two would be no number. */
const FAILURES_COUNTED_MAX = 30;

/** Calls back when a run has been ready for as long as the limits say. */
function watchRun(
  run: Run,
  limits: RestartLimits,
  callbacks: { recovered: () => void; calm: () => void },
): { end: () => void } {
  const timers: ReturnType<typeof setTimeout>[] = [];
  let isOver = false;
  run.ready.then(
    () => {
      if (isOver) return;
      timers.push(setTimeout(callbacks.recovered, limits.recoveredMs));
      timers.push(setTimeout(callbacks.calm, limits.calmMs));
    },
    () => {},
  );
  const end = () => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
  };
  return { end };
}
