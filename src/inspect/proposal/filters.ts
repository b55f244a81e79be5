/**
 * Filters and returns: which records and lines are sales. A value is dropped only when its word
 * explains that, or when nothing that could be counted stands in its records.
 */

import {
  insertsAmong,
  isNoSale,
  isOtherKind,
  kindOfText,
  type RecordKind,
} from "../names/kinds.ts";
import { keysOf, means } from "../names/words.ts";
import type { ProposedRule, Sureness } from "../roles/sureness.ts";
import { type FieldColumn, textsOf } from "../sample/table.ts";
import { isTime } from "./context.ts";
import {
  doubt,
  type FilterDraft,
  isMostlyUnique,
  isOfOthers,
  isPlace,
  isWord,
  type Scoped,
  word,
} from "./filter-draft.ts";
import {
  filterByFlag,
  filterByMoment,
  isFlag,
  isMoment,
  isReturnFlag,
  markReturns,
} from "./flags.ts";

/** A field with more values than these tells no kinds, unless some of them have a known word. */
const KINDS_MAX = 12;
const KNOWN_KINDS_MAX = 40;

export interface FoundFilters {
  readonly rules: readonly ProposedRule[];
  /** Rows that pass. */
  readonly passes: (row: number) => boolean;
  /** What keeps a total from being sure. */
  readonly doubts: readonly { readonly sureness: Sureness; readonly text: string }[];
}

export function findFilters(scope: Scoped): FoundFilters {
  const draft: FilterDraft = { rules: [], doubts: [], dropped: new Set(), returned: new Set() };
  const columns = [...scope.table.columns, ...scope.headers].filter(({ steps, name }) => {
    const isHeader = name.startsWith("$header");
    return isHeader || !steps.some((step) => step.kind === "index");
  });
  const kinds = columns
    .filter((column) => !scope.used.has(column) && isKindLike(column))
    .filter((column) => !isPlace(column, columns))
    .sort((a, b) => stage(a) - stage(b));
  const keys = scope.table.columns.flatMap(({ steps }) => keysOf(steps));
  for (const column of kinds) {
    if (isFlag(column)) filterByFlag(column, scope, draft);
    else if (isReturnFlag(column)) markReturns(column, scope, draft);
    else if (isMoment(column)) filterByMoment(column, scope, draft);
    else filterByKind(column, keys, scope, draft);
  }
  for (const column of columns) {
    if (!scope.used.has(column) && !kinds.includes(column)) doubtWords(column, scope, draft);
  }
  return {
    rules: draft.rules,
    doubts: draft.doubts,
    passes: (row) => !draft.dropped.has(row),
  };
}

/** Operations of change data capture first, then what happened, then how it stands. */
function stage(column: FieldColumn): number {
  const { words, name } = column;
  if (/^(op|operation)/.test(words.join(""))) return 0;
  if (name.startsWith("$header")) return 1;
  // Yes and no explain more than a code for a state.
  if (isFlag(column) || isMoment(column)) return 2;
  return means(words, "kind") && !means(words, "state") ? 1 : 3;
}

function isKindLike(column: FieldColumn): boolean {
  const { words, name } = column;
  if (isReturnFlag(column)) return true;
  if (isOfOthers(column)) return false;
  if (name.startsWith("$header")) return /type|event|action|operation|kind|status/i.test(name);
  if (isFlag(column) || isMoment(column)) return true;
  if (words.includes("method") || words.includes("card") || isOtherKind(words)) return false;
  // `event_time` tells when, not what.
  if (means(words, "delivery") || isTime(column)) return false;
  if (means(words, "environment")) return kindsIn(column).includes("none");
  if (means(words, "kind")) return words.some((one) => one !== "payment" && means([one], "kind"));
  return words.join(" ") === "name" && keysOf(column.steps).length === 1;
}

function kindsIn(column: FieldColumn): readonly RecordKind[] {
  return [...(textsOf(column, KINDS_MAX)?.keys() ?? [])].map(kindOfText);
}

/** A word such as `cancelled` in a field that is not named like a kind keeps a total unsure. */
function doubtWords(column: FieldColumn, scope: Scoped, draft: FilterDraft): void {
  const { words } = column;
  const isOther =
    isOfOthers(column) ||
    means(words, "delivery") ||
    isOtherKind(words) ||
    words.includes("method") ||
    means(words, "product") ||
    means(words, "category");
  const texts = isOther ? undefined : textsOf(column, KINDS_MAX);
  if (!texts || isMostlyUnique(texts)) return;
  const counted = [...texts].filter(([, rows]) =>
    rows.some((row) => !draft.dropped.has(row) && scope.isCountable(row)),
  );
  const seen = counted.map(([text]) => text).join(", ");
  if (means(words.slice(-1), "family") && counted.length > 1) {
    doubt(draft, "guess", `${column.name} is ${seen}: are all of them sales?`);
    return;
  }
  if (
    means(words, "currency") &&
    counted.length > 1 &&
    !counted.every(([text]) => isCurrency(text))
  ) {
    doubt(draft, "guess", `${column.name} is ${seen}, and no rule compares those`);
    return;
  }
  const found = counted.flatMap(([text]) => (isNoSale(text) ? [text] : []));
  if (found.length > 0 && !found.every((text) => draft.returned.size > 0 && isBack(text))) {
    doubt(draft, "guess", `${column.name} is also ${found.join(", ")}: are those sales?`);
  }
}

function isCurrency(text: string): boolean {
  return /^[A-Za-z]{3}$/.test(text);
}

/** `3` or `IN`. */
function isCode({ text }: KindValue): boolean {
  return /^(-?\d{1,3}|[A-Za-z]{1,2})$/.test(text);
}

function isBack(text: string): boolean {
  return kindOfText(text) === "return";
}

/** Undefined where the values are ids, prose, or too many to be kinds. */
function kindTexts(column: FieldColumn): Map<string, number[]> | undefined {
  const texts = textsOf(column, KNOWN_KINDS_MAX);
  if (!texts || ![...texts.keys()].every(isWord)) return undefined;
  const known = [...texts.keys()].filter((text) => kindOfText(text) !== "unknown").length;
  const isKnown = known > 0 && (texts.size <= KINDS_MAX || known * 4 >= texts.size);
  return isKnown || (texts.size <= KINDS_MAX && !isMostlyUnique(texts)) ? texts : undefined;
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
  const texts = kindTexts(column);
  if (!texts) return;
  const values = [...texts].flatMap(([text, all]): KindValue[] => {
    const rows = all.filter((row) => !draft.dropped.has(row));
    const isCountable = rows.some(scope.isCountable);
    return rows.length === 0 ? [] : [{ text, rows, isCountable, kind: kindOfText(text) }];
  });
  if (values.length === 0) return;
  const path = scope.prefix + column.name;
  const all = [...texts.keys()];
  const inserts = insertsAmong(all, keys)?.filter(
    // Canal's CREATE makes a table, not a row.
    (text) => !values.some((value) => value.text === text && !value.isCountable),
  );
  if (inserts?.length === 0) {
    doubt(draft, "guess", `${column.name} is only ${all.join(", ")}: no row of the sample is new`);
    return;
  }
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
  const isState = means(column.words, "state");
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
  const isUnknown = kept.some(({ kind }) => kind === "unknown");
  const say = (sureness: Sureness, question: string) => {
    const seen = kept.map(({ text }) => text).join(", ");
    doubt(draft, sureness, `${column.name} is ${seen}: ${question}`);
  };
  if (isTrade(kept)) say("guess", "is some of it bought?");
  else if (isUnknown && kept.length > 1) say("guess", "are all of them sales?");
  else if (isUnknown && kept.every(isCode)) say("likely", "a code that no word explains");
  else if (isUnknown && column.words.every((one) => means([one], "kind"))) say("likely", "a sale?");
  else if (kept.filter(({ kind }) => kind === "sale").length > 1) {
    // What happened comes once for each step; how an order stands may be how each one ends.
    const sureness = means(column.words, "state") ? "likely" : "guess";
    say(sureness, "one sale could come more than once");
  }
}

/** `SALES_ORDER` beside `PURCHASE_ORDER`. */
function isTrade(kept: readonly KindValue[]): boolean {
  const has = (pattern: RegExp) => kept.some(({ text }) => pattern.test(text));
  return has(/purchase.?order/i) || (has(/sale|sell|sold/i) && has(/purchase|buy|bought/i));
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
