/**
 * What a role is: the contract between the process, which runs roles, and producer, aggregator and
 * dashboard, which never import each other.
 */

import type { Config, Role } from "./config/config.ts";
import type { Kafka } from "./kafka/kafka.ts";
import type { Clock } from "./lib/clock.ts";
import type { Log } from "./lib/log.ts";

/** Numbers for /metrics, by metric name. */
export type Stats = Record<string, number>;

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
  /** Hands numbers to the dashboard's /metrics; each call replaces those of the same name. */
  report(stats: Stats): void;
  /** Hears what the other roles report from now on. */
  onStats(listener: (role: Role, stats: Stats) => void): void;
}
