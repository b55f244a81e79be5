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

export interface Mutation {
  name: string;
  changes: readonly Change[];
  libraryMistake?: LibraryMistake;
  /** What the aggregator no longer notices. */
  breach?: Breach;
  /** Of a mistake that few schedules would show: the faults that bring it about. */
  favours?: readonly (Fate | Other)[];
}
