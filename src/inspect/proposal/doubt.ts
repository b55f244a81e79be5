/** What keeps a proposal from being sure, and what it is found from. */

import type { ProposedRule, Sureness } from "../roles/sureness.ts";
import type { FieldColumn, RootRow } from "../sample/table.ts";

export interface Doubt {
  readonly sureness: Sureness;
  readonly text: string;
}

/** What stands around the lines. */
export interface Surroundings {
  readonly roots: readonly RootRow[];
  /** Columns of the record, as rules name them. */
  readonly records: readonly FieldColumn[];
  /** Filters and returns that were found. */
  readonly rules: readonly ProposedRule[];
  /** Whether a record, by its place, is counted. */
  readonly counts: (row: number) => boolean;
}

export function guess(text: string): Doubt {
  return { sureness: "guess", text };
}

export function likely(text: string): Doubt {
  return { sureness: "likely", text };
}
