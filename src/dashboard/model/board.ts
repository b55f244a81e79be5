/** Everything that a page shows at one moment, and the differences from one moment to the next. */

import type { Sums } from "../../domain/sums.ts";
import type { Period } from "../look/look.ts";
import type { Comparison } from "./comparison.ts";
import type { DaysKnown } from "./days/days.ts";
import type { Row } from "./rows.ts";
import type { Status } from "./status.ts";

/** Never changes. Filtered records, dead letters and the rate are those of all time. */
export interface Board extends Status {
  /**
   * False until the view is live for the first time. Until then there are no rows and no total,
   * because the sums of a half-read topic were never committed.
   */
  readonly isComplete: boolean;
  /** The sales in `rows` and `total` are those of this period. */
  readonly period: Period;
  /** Undefined = sales are not counted by days. */
  readonly days: DaysKnown | undefined;
  /** By descending revenue, then name. */
  readonly rows: readonly Row[];
  readonly total: Readonly<Sums>;
  /** Of all time, whatever the period. */
  readonly totalEver: Readonly<Sums>;
  /** The period beside an earlier one; undefined where that is not known exactly. */
  readonly compared?: Comparison | undefined;
  /** Of 7 and 30 days: each day's sums, the oldest first, today last. */
  readonly byDay?: readonly Sums[] | undefined;
  /** Records that are not about a sale. */
  readonly filtered: bigint;
  readonly deadLetters: bigint;
  /** The rate over the last ten seconds, one decimal; undefined before the view is live. */
  readonly salesPerSecond: number | undefined;
  /** 1 for the first published board, and one more for each that follows. */
  readonly version: number;
}

/** From one board of a period to the next. */
export interface BoardChange {
  readonly before: Board;
  readonly after: Board;
  /** New and changed rows. Deleted rows have no lines. */
  readonly changed: readonly Row[];
  /** Those of all time, whatever the period. */
  readonly changedEver: readonly Row[];
}

/** The change of the board of all time, and those of the periods that somebody looks at. */
export interface Publication extends BoardChange {
  readonly periods: ReadonlyMap<Period, BoardChange>;
}
