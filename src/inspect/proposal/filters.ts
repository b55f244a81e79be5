/**
 * Filters and returns: which records and lines are sales. A value is dropped only when its word
 * explains that, or when nothing that could be counted stands in its records.
 */

import { scalarText } from "../../mapping/plan/choices.ts";
import { BARE_WORD } from "../../mapping/rules/conditions.ts";
import { insertsAmong, kindOfText, type RecordKind } from "./kinds.ts";
import type { ProposedRule, Sureness } from "./sureness.ts";
import { type FieldColumn, type LineTable, textsOf } from "./table.ts";
import { keysOf, means } from "./words.ts";

/** A field with more values than these tells no kinds. */
const KINDS_MAX = 12;

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

export interface FoundFilters {
  readonly rules: readonly ProposedRule[];
  /** Rows that pass. */
  readonly passes: (row: number) => boolean;
  /** What keeps a total from being sure. */
  readonly doubts: readonly { readonly sureness: Sureness; readonly text: string }[];
}

interface FilterDraft {
  readonly rules: ProposedRule[];
  readonly doubts: { sureness: Sureness; text: string }[];
  readonly dropped: Set<number>;
  /** Rows that count as returns. */
  readonly returned: Set<number>;
}

export function findFilters(scope: Scoped): FoundFilters {
  const draft: FilterDraft = { rules: [], doubts: [], dropped: new Set(), returned: new Set() };
  const columns = [...scope.table.columns, ...scope.headers].filter(({ steps, name }) => {
    const isHeader = name.startsWith("$header");
    return isHeader || !steps.some((step) => step.kind === "index");
  });
  const kinds = columns
    .filter((column) => !scope.used.has(column) && isKindLike(column))
    .sort((a, b) => stage(a) - stage(b));
  const keys = scope.table.columns.flatMap(({ steps }) => keysOf(steps));
  for (const column of kinds) {
    if (isFlag(column)) filterByFlag(column, scope, draft);
    else if (returnFlag.test(column.name)) markReturns(column, scope, draft);
    else filterByKind(column, keys, scope, draft);
  }
  return {
    rules: draft.rules,
    doubts: draft.doubts,
    passes: (row) => !draft.dropped.has(row),
  };
}

/** Operations of change data capture first, then what happened, then how it stands. */
function stage({ words, name }: FieldColumn): number {
  if (/^(op|operation)/.test(words.join(""))) return 0;
  if (name.startsWith("$header")) return 1;
  return means(words, "kind") && !/stat|payment/.test(words.join(" ")) ? 1 : 2;
}

/** Objects whose `state` is a place and whose `type` is somebody else's. */
const other = /^(address|billing|shipping|customer|location|store|geo|user|device|app|context)/i;

/** A letter for a return, such as that of TPC-H, and other codes that no word explains. */
const returnFlag = /return_?(flag|code|ind)|refund_?(flag|code|ind)/i;

function markReturns(column: FieldColumn, scope: Scoped, draft: FilterDraft): void {
  const texts = [...(textsOf(column, KINDS_MAX)?.keys() ?? [])];
  const marks = texts.filter((text) => /^(r|ret|return|returned|y|yes|true|1)$/i.test(text));
  const list = marks.map(word).join(", ");
  const because = `${column.name} is ${texts.join(", ")}: ${list || "which of them"} for a return?`;
  if (marks.length === 0) doubt(draft, "guess", because);
  else {
    const rule = `minus: ${scope.prefix}${column.name} in (${list})`;
    draft.rules.push({ rule, because, sureness: "guess" });
  }
}

function isKindLike(column: FieldColumn): boolean {
  const { words, name } = column;
  if (returnFlag.test(name)) return true;
  if (
    keysOf(column.steps)
      .slice(0, -1)
      .some((key) => other.test(key))
  )
    return false;
  if (name.startsWith("$header")) return /type|event|action|operation|kind|status/i.test(name);
  if (isFlag(column)) return true;
  if (words.includes("method") || words.includes("card")) return false;
  if (means(words, "delivery")) return false;
  if (means(words, "kind"))
    return /stat|type|event|kind|op|action|flag|art|typ|stage|estado|evento|tipo|etat/.test(
      words.join(" "),
    );
  return words.join(" ") === "name" && keysOf(column.steps).length === 1;
}

function isFlag({ words, values }: FieldColumn): boolean {
  const isNamed = (["isTest", "isVoid", "isReturn", "isSale", "cameBack"] as const).some(
    (meaning) => means(words, meaning),
  );
  return (
    isNamed &&
    values.every((value) => value === undefined || /^(true|false)$/i.test(scalarText(value) ?? ""))
  );
}

function filterByFlag(column: FieldColumn, scope: Scoped, draft: FilterDraft): void {
  const path = scope.prefix + column.name;
  const rows = (text: string) =>
    [...column.values.keys()].filter(
      (row) => !draft.dropped.has(row) && scalarText(column.values[row])?.toLowerCase() === text,
    );
  const spelled =
    scalarText(column.values.find((value) => scalarText(value)?.toLowerCase() === "true")) ??
    "true";
  const add = (rule: string, because: string, drops: readonly number[], isGuess = false) => {
    draft.rules.push({ rule, because, sureness: isGuess ? "guess" : "likely" });
    for (const row of drops) draft.dropped.add(row);
  };
  const [yes, no] = [rows("true"), rows("false")];
  if (means(column.words, "isReturn")) {
    if (yes.length > 0)
      add(`minus: ${path} in (${spelled})`, `${column.name} says that it came back`, []);
  } else if (means(column.words, "cameBack")) {
    const because = `${column.name} is true in ${yes.length}: sold, and taken back`;
    if (yes.length > 0) add(`only: ${path} not in (${spelled})`, because, yes, true);
  } else if (means(column.words, "isTest") || means(column.words, "isVoid")) {
    const because =
      yes.length > 0 ? `${column.name} is true in ${yes.length}` : `${column.name} is false in all`;
    add(`only: ${path} not in (${spelled})`, because, yes);
  } else if (no.length > 0 && yes.length > 0) {
    const falsy = scalarText(column.values[no[0] ?? 0]) ?? "false";
    add(`only: ${path} not in (${falsy})`, `${column.name} is false in ${no.length}`, no);
  }
}

interface KindValue {
  readonly text: string;
  readonly kind: RecordKind;
  readonly rows: readonly number[];
  readonly isCountable: boolean;
}

function filterByKind(
  column: FieldColumn,
  keys: readonly string[],
  scope: Scoped,
  draft: FilterDraft,
): void {
  const texts = textsOf(column, KINDS_MAX);
  if (!texts || isMostlyUnique(texts) || ![...texts.keys()].every(isWord)) return;
  const values = [...texts].flatMap(([text, all]): KindValue[] => {
    const rows = all.filter((row) => !draft.dropped.has(row));
    const isCountable = rows.some(scope.isCountable);
    return rows.length === 0 ? [] : [{ text, rows, isCountable, kind: kindOfText(text) }];
  });
  if (values.length === 0) return;
  const path = scope.prefix + column.name;
  const all = [...texts.keys()];
  const inserts = insertsAmong(all, keys);
  if (inserts) {
    const because = `${column.name} says what happened to a row: only new rows are sales`;
    const rule = `only: ${path} in (${inserts.map(word).join(", ")})`;
    draft.rules.push({ rule, sureness: "sure", because });
    drop(
      values.filter(({ text }) => !inserts.includes(text)),
      draft,
    );
    return;
  }
  const returnsHere = values.filter(({ kind, isCountable }) => kind === "return" && isCountable);
  const isState = /stat|payment|estado|etat/.test(column.words.join(" "));
  const isEvent = column.words.join(" ") !== "name";
  if (!isEvent && values.every(({ kind }) => kind === "sale" || kind === "unknown")) return;
  const isOut = ({ kind, isCountable, rows }: KindValue) =>
    kind === "none" ||
    !isCountable ||
    // How a return stands is no reason to drop it: another field says that it is one.
    (kind === "return" && isState && !rows.every((row) => draft.returned.has(row)));
  const out = values.filter(isOut);
  const kept = values.filter((value) => !isOut(value));
  if (kept.length === 0 && !countsWithout(column, scope, draft)) {
    const seen = values.map(({ text }) => text).join(", ");
    const isAny = values.some(({ isCountable }) => isCountable);
    if (isAny) doubt(draft, "guess", `${column.name} is only ${seen}: are those sales?`);
    return;
  }
  if (!isState && returnsHere.length > 0) {
    const words = returnsHere.map(({ text }) => text);
    for (const { rows } of returnsHere) for (const row of rows) draft.returned.add(row);
    const because = `${column.name} names a return: ${words.join(", ")}`;
    draft.rules.push({
      rule: `minus: ${path} in (${words.map(word).join(", ")})`,
      because,
      sureness: "likely",
    });
  }
  if (out.length > 0) keepOthers(column, { kept, out, scope, draft });
  judgeKept(kept, column, draft);
}

/** By a list of what counts; by one of what does not, where records without the field count. */
function keepOthers(
  column: FieldColumn,
  of: {
    kept: readonly KindValue[];
    out: readonly KindValue[];
    scope: Scoped;
    draft: FilterDraft;
  },
): void {
  const { kept, out, scope, draft } = of;
  const isUnknown = kept.some(({ kind }) => kind === "unknown");
  const isSure = out.every(({ kind, isCountable }) => kind === "none" && !isCountable);
  const isEmpty = out.every(({ isCountable }) => !isCountable);
  const isBack = out.some(({ kind, isCountable }) => kind === "return" && isCountable);
  const isGuess = isBack || (isUnknown && !isEmpty);
  const sureness = isSure && !isUnknown ? "sure" : isGuess ? "guess" : "likely";
  const [verb, list] = countsWithout(column, scope, draft) ? ["not in", out] : ["in", kept];
  const texts = list.map(({ text }) => word(text)).join(", ");
  const rule = `only: ${scope.prefix}${column.name} ${verb} (${texts})`;
  draft.rules.push({ rule, sureness, because: reasons(out, column) });
  drop(out, draft);
}

function countsWithout({ values }: FieldColumn, scope: Scoped, draft: FilterDraft): boolean {
  return values.some(
    (value, row) => value === undefined && !draft.dropped.has(row) && scope.isCountable(row),
  );
}

/** Several kinds that all count may be one sale at several stages. */
function judgeKept(kept: readonly KindValue[], column: FieldColumn, draft: FilterDraft): void {
  const unknown = kept.filter(({ kind }) => kind === "unknown");
  const seen = kept.map(({ text }) => text).join(", ");
  if (kept.length < 2) return;
  if (unknown.length > 0)
    doubt(draft, "guess", `${column.name} is ${seen}: are all of them sales?`);
  else if (kept.filter(({ kind }) => kind === "sale").length > 1) {
    doubt(draft, "likely", `${column.name} is ${seen}: one sale could come more than once`);
  }
}

function reasons(out: readonly KindValue[], column: FieldColumn): string {
  const empty = out.filter(({ isCountable }) => !isCountable).map(({ text }) => text);
  const named = out.filter(({ isCountable }) => isCountable).map(({ text }) => text);
  return [
    named.length > 0 ? `${column.name} ${named.join(", ")} is not a sale` : "",
    empty.length > 0 ? `nothing to count where it is ${empty.join(", ")}` : "",
  ]
    .filter((text) => text !== "")
    .join("; ");
}

function drop(values: readonly KindValue[], draft: FilterDraft): void {
  for (const { rows } of values) for (const row of rows) draft.dropped.add(row);
}

function doubt(draft: FilterDraft, sureness: Sureness, text: string): void {
  draft.doubts.push({ sureness, text });
}

/** An id, not a kind. */
function isMostlyUnique(texts: ReadonlyMap<string, readonly number[]>): boolean {
  const rows = [...texts.values()].reduce((sum, { length }) => sum + length, 0);
  return texts.size > 4 && texts.size * 2 > rows;
}

/** Of a kind: anything longer is prose. */
const WORD_LENGTH_MAX = 60;

function isWord(text: string): boolean {
  return text !== "" && text.length <= WORD_LENGTH_MAX && !/\p{C}/u.test(text);
}

function word(text: string): string {
  const isBare = new RegExp(`^(?:${BARE_WORD.source})$`, BARE_WORD.flags).test(text);
  return isBare && text !== "null" ? text : `'${text.replaceAll("'", "''")}'`;
}
