/** What filters are found from, and what is found so far. */

import { BARE_WORD } from "../../mapping/rules/conditions.ts";
import type { ProposedRule, Sureness } from "./sureness.ts";
import type { FieldColumn, LineTable } from "./table.ts";

/** Rows that a filter can judge: records, or lines. */
export interface Scoped {
  readonly table: LineTable;
  /** Before the name of a column: `$.` for the record beside `lines`. */
  readonly prefix: string;
  /** Whether the row has what is counted; of a line always. */
  readonly isCountable: (row: number) => boolean;
  /** Columns that rules use already. */
  readonly used: ReadonlySet<FieldColumn>;
  /** Headers of records, as columns named `$header.x`. */
  readonly headers: readonly FieldColumn[];
}

export interface FilterDraft {
  readonly rules: ProposedRule[];
  readonly doubts: { sureness: Sureness; text: string }[];
  readonly dropped: Set<number>;
  /** Rows that count as returns. */
  readonly returned: Set<number>;
}

export function doubt(draft: FilterDraft, sureness: Sureness, text: string): void {
  draft.doubts.push({ sureness, text });
}

/** As a rule writes it in a list. */
export function word(text: string): string {
  const isBare = new RegExp(`^(?:${BARE_WORD.source})$`, BARE_WORD.flags).test(text);
  return isBare && text !== "null" ? text : `'${text.replaceAll("'", "''")}'`;
}
