/** What a mistake put into the aggregator is made of. */

import type { Fate, Other } from "./faults.ts";
import type { LibraryMistake } from "./instance.ts";
import type { Breach } from "./transactions.ts";

/** `from` must occur exactly once in `file`, so that no mutation ever tests nothing. */
export interface Change {
  /** Below src/. */
  file: string;
  from: string;
  to: string;
}

/**
 * Where records stand is looked at before each commit. After our own aborts they stand elsewhere,
 * so that this look alone undoes mistakes with an abort: it goes with them, or nothing is seen.
 */
export const WITHOUT_THE_LOOK: Change = {
  file: "aggregator/belonging/succession.ts",
  from: "if (spans.get(id)?.first === tail) continue;",
  to: "continue;",
};

export interface Mutation {
  name: string;
  changes: readonly Change[];
  libraryMistake?: LibraryMistake;
  /** What the aggregator no longer notices. */
  breach?: Breach;
  /** Of a mistake that few schedules would show: the faults that bring it about. */
  favours?: readonly (Fate | Other)[];
  /**
   * The first schedule that showed it when this was written, of a mistake that few show. It is
   * tried first; when another order of events has made it useless, the hunt starts at the first.
   */
  shownBy?: number;
}
