/** What is known of the history of a partition beside its slots. */

import { NO_SUMS, type Sums } from "../domain/sums.ts";
import { NO_HEAD } from "./rings.ts";

/** All of the history of a partition but its slots. */
export interface HistoryState {
  /** The latest second in which a sale happened, or `NO_HEAD`. It only rises. */
  head: number;
  /** Sales that were folded, wherever they are now: equals the sales in the totals. */
  sales: number;
  /** Those that no slot holds: the rings have gone on since, or had when they came; or no time. */
  older: Sums;
  /** Of the older ones: those that came when no ring reached back to them any more. */
  late: number;
  /** Of the older ones: those of which no time is known, or one before 1970. */
  untimed: number;
  /** Of the older ones: those with a time that was still to come. */
  ahead: number;
  /** Folded when history was not kept, or lost with it: all that is known is their number. */
  unrecorded: number;
}

export const EMPTY_HISTORY: HistoryState = {
  head: NO_HEAD,
  sales: 0,
  older: NO_SUMS,
  late: 0,
  untimed: 0,
  ahead: 0,
  unrecorded: 0,
};
