/** What filters are found from, and what is found so far. */

import { BARE_WORD } from "../../mapping/rules/conditions.ts";
import { keysOf } from "../names/words.ts";
import type { ProposedRule, Sureness } from "../roles/sureness.ts";
import type { FieldColumn, LineTable } from "../sample/table.ts";

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

/** An id, not a kind. */
export function isMostlyUnique(texts: ReadonlyMap<string, readonly number[]>): boolean {
  const rows = [...texts.values()].reduce((sum, { length }) => sum + length, 0);
  return texts.size > 4 && texts.size * 2 > rows;
}

/** Of a kind: anything longer is prose. */
const WORD_LENGTH_MAX = 60;

export function isWord(text: string): boolean {
  return text !== "" && text.length <= WORD_LENGTH_MAX && !/\p{C}/u.test(text);
}

/** Objects whose `state` is a place and whose `type` is somebody else's. */
const other = /^(address|billing|shipping|customer|location|store|geo|user|device|app|context)/i;

export function isOfOthers({ steps }: FieldColumn): boolean {
  return keysOf(steps)
    .slice(0, -1)
    .some((key) => other.test(key));
}

/** `state` beside `city` is a part of a country. */
export function isPlace({ words, steps }: FieldColumn, columns: readonly FieldColumn[]): boolean {
  const isBeside = (one: FieldColumn) =>
    /^(city|country|zip|zipcode|postal code|county|region)$/.test(one.words.join(" ")) &&
    keysOf(one.steps).slice(0, -1).join(".") === keysOf(steps).slice(0, -1).join(".");
  return words.join(" ") === "state" && columns.some(isBeside);
}
