/** The records of a sample as tables: a row for each record, or for each element of an array. */

import type { Step } from "../../mapping/model/mapping.ts";
import type { DecodedValue } from "../../mapping/model/value.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import { keysOf, leafWords, means, wordsOf } from "../names/words.ts";
import { nameOf, partsOf, valuesAt } from "./walk.ts";

/** Of a sample that has more, the first ones tell enough. */
const ROWS_MAX = 20_000;
const COLUMNS_MAX = 300;
/** Arrays that could hold the lines. */
const ARRAYS_MAX = 20;
/** Of a path in a rule, with some to spare for the path of the lines. */
const STEPS_MAX = 15;
const KEY_LENGTH_MAX = 100;
/** Envelopes of changed rows hold the row before the change, and a description of both. */
const notOfTheSale = new RegExp(
  "^(before|old(_?(values?|image))?|fullDocumentBeforeChange|previous|" +
    "schema|source|(my)?sqlType)$",
  "i",
);

const returns = /^(refunds?|returns?)$/;

/** A record of the sample that is JSON, or csv with columns. */
export interface RootRow {
  readonly root: DecodedValue;
  /** Its place in the sample. */
  readonly index: number;
  readonly topic: string;
  readonly headers: ReadonlyMap<string, string>;
}

export interface TableRow {
  readonly of: RootRow;
  readonly line: DecodedValue;
  /** The objects that the line stands in, the record first. */
  readonly around: readonly DecodedValue[];
}

export interface FieldColumn {
  /** From the row. */
  readonly steps: readonly Step[];
  readonly name: string;
  readonly words: readonly string[];
  /** By row; undefined = nothing is there, or null, or no scalar. */
  readonly values: readonly (DecodedValue | undefined)[];
  /** Rows that have a value. */
  readonly present: number;
}

export interface LineTable {
  /** Undefined = the record is the row. */
  readonly lines: readonly Step[] | undefined;
  readonly rows: readonly TableRow[];
  readonly columns: readonly FieldColumn[];
}

export function recordTable(roots: readonly RootRow[]): LineTable {
  const rows = roots.map((of) => ({ of, line: of.root, around: [of.root] }));
  return { lines: undefined, rows, columns: columnsOf(rows) };
}

export function lineTable(roots: readonly RootRow[], lines: readonly Step[]): LineTable {
  const rows: TableRow[] = [];
  for (const of of roots) {
    if (rows.length >= ROWS_MAX) break;
    rows.push(...linesOf(of, lines));
  }
  return { lines, rows, columns: columnsOf(rows) };
}

/** Where arrays of objects stand, as the rule `lines` names them. */
export function arraysOf(
  roots: readonly RootRow[],
  { withReturns = false } = {},
): readonly (readonly Step[])[] {
  const arrays = new Map<string, readonly Step[]>();
  for (const { root } of roots) {
    for (const { steps, value } of partsOf(root, { entersArrays: true })) {
      if (arrays.size >= ARRAYS_MAX || !Array.isArray(value)) continue;
      if (!mayHoldLines(steps, withReturns)) continue;
      const found = lineSteps(steps, value as readonly DecodedValue[]);
      if (found) arrays.set(nameOf(found), found);
    }
  }
  return [...arrays.values()];
}

/** Triples such as `[0, 0, {…}]` hold the line in one of their elements. */
function lineSteps(
  steps: readonly Step[],
  items: readonly DecodedValue[],
): readonly Step[] | undefined {
  if (items.length === 0) return undefined;
  if (items.every((item) => item instanceof Map)) return [...steps, { kind: "each" }];
  const index = items.findIndex((item) => item instanceof Map);
  if (index < 1 || steps.at(-1)?.kind !== "each") return undefined;
  return [...steps, { kind: "index", index }];
}

function mayHoldLines(steps: readonly Step[], withReturns: boolean): boolean {
  if (!canBeNamed(steps)) return false;
  return steps.every((step, i) => {
    if (step.kind !== "key") return true;
    if (notOfTheSale.test(step.key)) return false;
    const isArray = i === steps.length - 1 || steps[i + 1]?.kind === "each";
    const words = wordsOf(step.key).filter((word) => !withReturns || !returns.test(word));
    return !isArray || !means(words, "notLines");
  });
}

function linesOf(of: RootRow, lines: readonly Step[]): TableRow[] {
  let rows: TableRow[] = [{ of, line: of.root, around: [of.root] }];
  for (const step of lines) {
    rows = rows.flatMap(({ line, around }) =>
      valuesAt(line, [step]).map((below) => ({
        of,
        line: below,
        around: step.kind === "each" ? [...around, below] : around,
      })),
    );
  }
  return rows
    .filter(({ line }) => line instanceof Map)
    .map(({ line, around }) => ({ of, line, around: around.slice(0, -1) }));
}

function columnsOf(rows: readonly TableRow[]): FieldColumn[] {
  const drafts = new Map<string, { steps: readonly Step[]; found: Map<number, DecodedValue> }>();
  rows.forEach(({ line }, i) => {
    for (const { steps, value } of partsOf(line, { entersArrays: false })) {
      if (scalarText(value) === undefined || isAside(steps) || !canBeNamed(steps)) continue;
      const name = nameOf(steps);
      const draft = drafts.get(name) ?? { steps, found: new Map<number, DecodedValue>() };
      if (!drafts.has(name) && drafts.size >= COLUMNS_MAX) continue;
      drafts.set(name, draft);
      draft.found.set(i, value);
    }
  });
  return [...drafts].map(([name, { steps, found }]) => {
    const values = rows.map((_, i) => found.get(i));
    return { steps, name, words: leafWords(steps), values, present: found.size };
  });
}

/** What a rule can name, and a reader can read. */
function canBeNamed(steps: readonly Step[]): boolean {
  const isPlain = (step: Step) =>
    step.kind !== "key" || (step.key.length <= KEY_LENGTH_MAX && !/\p{C}/u.test(step.key));
  // JSON inside of a text is named by the path of the text.
  const isNamed = steps[0]?.kind !== "json";
  return isNamed && steps.length <= STEPS_MAX && steps.every(isPlain);
}

/** `source.table` tells rows of several tables apart. */
function isAside(steps: readonly Step[]): boolean {
  const keys = keysOf(steps);
  if (/^source (table|collection)$/.test(keys.slice(-2).join(" "))) return false;
  return keys.some((key) => notOfTheSale.test(key));
}

/** The distinct texts of a column, and their rows; undefined when there are more than `max`. */
export function textsOf(column: FieldColumn, max: number): Map<string, number[]> | undefined {
  const texts = new Map<string, number[]>();
  for (const [i, value] of column.values.entries()) {
    const text = scalarText(value);
    if (text === undefined) continue;
    const rows = texts.get(text) ?? [];
    if (rows.length === 0 && texts.size >= max) return undefined;
    texts.set(text, rows);
    rows.push(i);
  }
  return texts;
}
