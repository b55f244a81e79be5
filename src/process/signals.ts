/**
 * What ends a process from outside: signals of a person, of a supervisor of processes, or of a
 * closed terminal; and the end of the program that reads its output.
 */

import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { Log } from "../lib/log.ts";
import { watchReader } from "../lib/output.ts";
import type { Actor } from "./supervisor.ts";

/** Linux tells the signals that are ignored here, as bits; SIGHUP is the first. */
const OWN_STATUS = "/proc/self/status";

/**
 * Exits on the first SIGTERM or SIGINT, or when the terminal is closed (SIGHUP). The second one
 * ends the process at once, with status 128 plus the number of the signal, as in a shell. A
 * terminal that closes may send several SIGHUP, which is no hurry. Started with nohup, the process
 * outlives its terminal. As for other programs of a pipeline, the end of the reader is the end: the
 * process of `salesboard | head -1` would otherwise have to be looked for.
 */
export function signals(log: Log): Actor {
  const first = Promise.withResolvers<void>();
  let received = false;
  const onSignal = (signal: "SIGTERM" | "SIGINT" | "SIGHUP") => {
    if (received && signal === "SIGHUP") return;
    if (received) process.exit(128 + constants.signals[signal]);
    received = true;
    log.info(`Stopping on ${signal}; a second signal exits at once.`);
    first.resolve();
  };
  const onReaderGone = () => {
    if (received) return;
    log.info("Stopping, because nobody reads standard output any more.");
    first.resolve();
  };
  return {
    name: "signal handler",
    execute: () => {
      // The handlers stay during the stop, for the second signal.
      process.on("SIGTERM", onSignal);
      process.on("SIGINT", onSignal);
      if (!isHangUpIgnored()) process.on("SIGHUP", onSignal);
      watchReader(onReaderGone).catch(() => {});
      return first.promise;
    },
    interrupt: () => first.resolve(),
  };
}

/** A handler would override what nohup has set. False where the system does not tell. */
function isHangUpIgnored(): boolean {
  try {
    const [, mask = "0"] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(OWN_STATUS, "utf8")) ?? [];
    return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}
