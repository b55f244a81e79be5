/** The status of the dashboard, for the pages, `/readyz` and the heartbeat. */

import type { Moment } from "../../lib/clock.ts";
import type { Advice } from "./advice.ts";
import type { Comparison } from "./comparison.ts";
import type { DayHours } from "./days/day-hours.ts";

export interface AlertLine {
  readonly text: string;
  /** For screens on which amounts are hidden. */
  readonly masked: string;
}

/** What a rule compares with, as a line in a chart of `measure`: so much in so many seconds. */
export interface AlertLevel {
  readonly measure: "revenue" | "units" | "sales";
  /** Undefined = all products together. */
  readonly product: string | undefined;
  /** Exact digits. */
  readonly amount: string;
  readonly seconds: number;
}

/** How a rule of alerts stands. */
export interface RuleLine {
  readonly text: string;
  /** For screens on which amounts are hidden. */
  readonly masked: string;
  /** The value is an amount. */
  readonly isMoney: boolean;
  readonly state: "ok" | "firing" | "unknown";
  /** Exact digits; undefined = not known yet. */
  readonly value: string | undefined;
  /** The start of the state, ISO 8601. */
  readonly since: string;
  /** Undefined = the rule has no line in a chart. */
  readonly level?: AlertLevel | undefined;
}

/**
 * The state of the view: `connecting` to Kafka, `restoring` the totals, `live`, `stale` because it
 * is unknown what Kafka holds now, or `behind` because nobody counts the sales that wait.
 */
export interface Status {
  readonly state: "connecting" | "restoring" | "live" | "stale" | "behind";
  /** 0 while the topic does not exist. */
  readonly partitions: number;
  /** Records of the topic that are not read yet; undefined = unknown. */
  readonly lag: number | undefined;
  /** Sentences about problems, for the reader. Times in them are ISO 8601. */
  readonly notices: readonly string[];
  /** The lines of firing alerts. They change only when an alert starts or ends. */
  readonly alerts?: readonly AlertLine[];
  /** How all rules stand. */
  readonly rules?: readonly RuleLine[];
  /** While no record counts: what to do about that, once it is known. */
  readonly advice?: Advice | undefined;
  /** How today goes beside the same weekday of last week; undefined = unknown. */
  readonly comparison?: Comparison | undefined;
  /** Today and yesterday by the hour; undefined = unknown. */
  readonly hours?: DayHours | undefined;
  /** The time of the latest sale in history, epoch seconds; undefined = unknown. */
  readonly lastSale?: number | undefined;
  /** Sales of the last minute by history, without returns; undefined = unknown. */
  readonly salesPerMinute?: bigint | undefined;
  /** The totals hold every sale up to this time; undefined = unknown. */
  readonly asOf: Moment | undefined;
}

export const connecting: Status = {
  state: "connecting",
  partitions: 0,
  lag: undefined,
  notices: [],
  asOf: undefined,
};

/** The lines of all alerts, in one text. */
export function linesOf({ alerts = [] }: Status): string {
  return alerts.map(({ text }) => text).join("\n");
}
