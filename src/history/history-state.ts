/** The history of a partition, without its slots. */

import { NO_SUMS, type Sums } from "../domain/sums.ts";
import { NO_HEAD } from "./rings.ts";

export interface HistoryState {
  /** The latest second in which a sale happened, or `NO_HEAD`. It only rises. */
  head: number;
  /** All lines sold that were folded. Equals the sales in the totals. */
  sales: number;
  /** All lines returned that were folded. Equals the returns in the totals. */
  returns: number;
  /** Sales in no slot: no ring reaches back to them, or their time is unusable. */
  older: Sums;
  /** Among `older`: lines, as below, that arrived when no ring reached back to them any more. */
  late: number;
  /** Among `older`: lines without a time, or with one before 1970. */
  untimed: number;
  /** Among `older`: lines with a time in the future. */
  ahead: number;
  /** Lines folded while history was off, or lost with it. Only their number is known. */
  unrecorded: number;
}

export const EMPTY_HISTORY: HistoryState = {
  head: NO_HEAD,
  sales: 0,
  returns: 0,
  older: NO_SUMS,
  late: 0,
  untimed: 0,
  ahead: 0,
  unrecorded: 0,
};
