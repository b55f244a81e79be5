/** Where the dashboard stands, as the pages, `/readyz` and the heartbeat say it. */

import type { Moment } from "../../lib/clock.ts";

export interface AlertLine {
  readonly text: string;
  /** For screens on which amounts are hidden. */
  readonly masked: string;
}

/**
 * Where the view stands: `connecting` to Kafka, `restoring` what is there, `live`, `stale` for it
 * is not known what Kafka holds by now, or `behind`, for nobody counts the sales that wait.
 */
export interface Status {
  readonly state: "connecting" | "restoring" | "live" | "stale" | "behind";
  /** 0 while the topic does not exist. */
  readonly partitions: number;
  /** Records of the topic not read yet; undefined = not known. */
  readonly lag: number | undefined;
  /** Sentences for the reader about what is wrong; times in them are in ISO 8601. */
  readonly notices: readonly string[];
  /** What is said of alerts that fire; the same until one starts or ends. */
  readonly alerts?: readonly AlertLine[];
  /** Until when the totals hold every sale; undefined = not known. */
  readonly asOf: Moment | undefined;
}

export const connecting: Status = {
  state: "connecting",
  partitions: 0,
  lag: undefined,
  notices: [],
  asOf: undefined,
};

/** What is said of alerts, one a line. */
export function linesOf({ alerts = [] }: Status): string {
  return alerts.map(({ text }) => text).join("\n");
}
