/**
 * The contract between the process, which runs roles, and the roles: producer, aggregator and
 * dashboard. The roles never import each other.
 */

import type { Config, Role } from "./config/config.ts";
import type { Kafka } from "./kafka/kafka.ts";
import type { Clock } from "./lib/clock.ts";
import type { Log } from "./lib/log.ts";

/** Values for /metrics, by metric name. */
export type Figures = Record<string, number>;

/** What the aggregator cannot count at the moment, and why. */
export interface Counting {
  /** Sentences on partitions whose totals cannot be trusted: why, and what to do. */
  readonly refused: readonly string[];
  /** One sentence for each reason why the aggregator has stopped partitions for now. */
  readonly stopped: readonly string[];
  /** The progress of a restore, in percent; undefined = no restore is running. */
  readonly restoredPercent: number | undefined;
}

/** What patterns of --input-topic found, and is not counted. */
export interface UncountedTopics {
  /** Since when the first of them is known, epoch milliseconds. */
  readonly since: number;
  /** A sentence for each; empty = all are counted. */
  readonly sentences: readonly string[];
  /** Sentences about topics that are gone, and totals that are not on the board. */
  readonly notes: readonly string[];
}

/** A report of a role about its work. */
export interface Stats {
  /** From the process: the input topic of the aggregator; undefined = there is one aggregator. */
  readonly topic?: string | undefined;
  readonly figures?: Figures;
  /** From the aggregator. A later value replaces an earlier one. */
  readonly counting?: Counting;
  /** From the process: why the role has failed; empty = it works. As `counting`. */
  readonly trouble?: string;
  /** From the aggregator: why Kafka keeps it waiting; empty = it does not. As `counting`. */
  readonly late?: string;
  /** From the aggregator: what brokers hold against its clients; empty = nothing. As `counting`. */
  readonly hindrance?: string;
  /** From the aggregator: sentences on partitions that wait for a schema. As `counting`. */
  readonly waits?: readonly string[];
  /** From the aggregator: sentences about odd times. As `counting`. */
  readonly oddTimes?: readonly string[];
  /** From the producer: records of the made-up past, once all are sent. As `counting`. */
  readonly pastRecords?: number;
  /** From the process: settings that endanger sales or totals. As `counting`. */
  readonly dangers?: readonly string[];
  /** From the process: topics that belong to the board and are not on it. As `counting`. */
  readonly uncounted?: UncountedTopics;
}

/** What a role reports once it is ready; the dashboard reports its address. */
export interface ReadyInfo {
  url?: string;
}

/** What the process hands to a role. */
export interface RoleContext {
  readonly config: Config;
  readonly kafka: Kafka;
  /** The bootstrap servers, of the user or of the embedded broker. */
  readonly brokers: string;
  /** Unique to this process. A role that restarts in the process gets the same value. */
  readonly instance: string;
  /** The role ran in this process before, and failed. */
  readonly isRestart: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** When it is aborted, the role finishes its open work and resolves. */
  readonly signal: AbortSignal;
  /** Reports that the role is ready. Call once. */
  ready(info?: ReadyInfo): void;
  /** Reports to the dashboard. A later figure replaces one of the same name. */
  report(stats: Stats): void;
  /**
   * `listener` hears what the other roles reported last, and what they report from now on. It takes
   * the place of an earlier one.
   */
  onStats(listener: (role: Role, stats: Stats) => void): void;
  /**
   * `listener` hears the settings anew when a pattern has found input topics: all else is the same.
   * It takes the place of an earlier one.
   */
  onConfig(listener: (config: Config) => void): void;
}
