/** What a role is given, for tests that run one in their own thread. */

import type { Config } from "../../src/config/config.ts";
import { readConfig } from "../../src/config/read-config.ts";
import type { Kafka } from "../../src/kafka/kafka.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import type { Log } from "../../src/lib/log.ts";
import type { Figures, RoleContext } from "../../src/role.ts";

export const quietLog: Log = {
  debug() {},
  info() {},
  warning() {},
  error() {},
  with: () => quietLog,
};

/** A log that remembers the sentences at warning and above. */
export function recordingLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const record = (message: string) => {
    lines.push(message);
  };
  const log: Log = { debug() {}, info() {}, warning: record, error: record, with: () => log };
  return { log, lines };
}

export function configOf(...args: string[]): Config {
  const settings = readConfig({ args, env: {} });
  if (settings.show) throw new Error(`These arguments show the ${settings.show}`);
  return settings.config;
}

/** A role under way; `stop` ends it and waits. */
export interface RunningRole {
  readonly stats: Figures;
  readonly warnings: readonly string[];
  /** Where a dashboard listens, once it does. */
  readonly url: Promise<string | undefined>;
  /** Settles as the role does. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export function startRole(
  run: (context: RoleContext) => Promise<void>,
  { config, kafka, clock = systemClock }: { config: Config; kafka: Kafka; clock?: Clock },
): RunningRole {
  const stopping = new AbortController();
  const stats: Figures = {};
  const { log, lines } = recordingLog();
  const url = Promise.withResolvers<string | undefined>();
  const ended = run({
    config,
    kafka,
    brokers: config.brokers ?? "127.0.0.1:9092",
    instance: crypto.randomUUID(),
    isRestart: false,
    clock,
    log,
    signal: stopping.signal,
    ready: (info) => url.resolve(info?.url),
    report: ({ figures }) => void Object.assign(stats, figures),
    onStats() {},
    onConfig() {},
  });
  // A failure is for the test to look at, through `ended` or `stop`.
  ended.catch(() => {});
  return {
    stats,
    warnings: lines,
    url: url.promise,
    ended,
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}
