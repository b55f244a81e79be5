/** Fields that say yes or no, or when: a test, a sale that was cancelled, what came back. */

import { parseTime } from "../../mapping/exact/time.ts";
import { utc } from "../../mapping/exact/zone.ts";
import type { DecodedValue } from "../../mapping/model/value.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import { means } from "../names/words.ts";
import { numbersOf } from "../sample/numbers.ts";
import { type FieldColumn, textsOf } from "../sample/table.ts";
import { doubt, type FilterDraft, type Scoped, word } from "./filter-draft.ts";

/** How yes and no are written, in small letters. */
const answers = ["true false", "1 0", "yes no", "y n", "t f", "ja nein", "oui non", "si no"];

/** A letter for a return, such as that of TPC-H, and other codes that no word explains. */
const returnFlag = /return_?(flag|code|ind)|refund_?(flag|code|ind)/i;
/** Of a field for the kind of return. */
const MARKS_MAX = 12;

export function isReturnFlag({ name }: FieldColumn): boolean {
  return returnFlag.test(name);
}

export function markReturns(column: FieldColumn, scope: Scoped, draft: FilterDraft): void {
  const texts = [...(textsOf(column, MARKS_MAX)?.keys() ?? [])];
  const marks = texts.filter((text) => /^(r|ret|return|returned|y|yes|true|1)$/i.test(text));
  const list = marks.map(word).join(", ");
  const because = `${column.name} is ${texts.join(", ")}: ${list || "which of them"} for a return?`;
  if (marks.length === 0) doubt(draft, "guess", because);
  else {
    const rule = `minus: ${scope.prefix}${column.name} in (${list})`;
    draft.rules.push({ rule, because, sureness: "guess" });
  }
}

export function isFlag(column: FieldColumn): boolean {
  const { words } = column;
  const isNamed = (["isTest", "isVoid", "isReturn", "isSale", "cameBack"] as const).some(
    (meaning) => means(words, meaning),
  );
  // `qty_canceled: 1` is one unit, not a yes.
  return isNamed && !isSize(column) && !isAbout(words) && answersOf(column) !== undefined;
}

/** `refunded_by: 1` is somebody, `refunded_payment` a payment. */
export function isAbout(words: readonly string[]): boolean {
  return /^(by|id|reason|payment)$/.test(words.at(-1) ?? "");
}

function isSize({ words }: FieldColumn): boolean {
  return means(words, "quantity") || means(words, "price") || means(words, "total");
}

/** The words for yes and no that all values are of. */
function answersOf({ values }: FieldColumn): { yes: string; no: string } | undefined {
  const texts = values.flatMap((value) => scalarText(value) ?? []);
  const found = answers.find((pair) =>
    texts.every((text) => pair.split(" ").includes(text.toLowerCase())),
  );
  if (found === undefined) return undefined;
  const [yes = "", no = ""] = found.split(" ");
  const isUpper = texts.every((text) => text === text.toUpperCase());
  const spelled = (answer: string) =>
    texts.find((text) => text.toLowerCase() === answer) ??
    (isUpper ? answer.toUpperCase() : answer);
  return { yes: spelled(yes), no: spelled(no) };
}

export function filterByFlag(column: FieldColumn, scope: Scoped, draft: FilterDraft): void {
  const spelled = answersOf(column);
  if (!spelled) return;
  const path = scope.prefix + column.name;
  const rows = (answer: string) =>
    [...column.values.keys()].filter(
      (row) =>
        !draft.dropped.has(row) &&
        scalarText(column.values[row])?.toLowerCase() === answer.toLowerCase(),
    );
  const add = (rule: string, because: string, drops: readonly number[], isGuess = false) => {
    draft.rules.push({ rule, because, sureness: isGuess ? "guess" : "likely" });
    for (const row of drops) draft.dropped.add(row);
  };
  const [yes, no] = [rows(spelled.yes), rows(spelled.no)];
  const isSaid = means(column.words, "isSale") || means(column.words, "isReturn");
  if (!isSaid && yes.length === column.present) {
    doubt(draft, "guess", `${column.name} is ${spelled.yes} in all: are those sales?`);
    return;
  }
  if (means(column.words, "isReturn")) {
    if (yes.length > 0)
      add(`minus: ${path} in (${word(spelled.yes)})`, `${column.name} says that it came back`, []);
  } else if (means(column.words, "cameBack")) {
    const because = `${column.name} is ${spelled.yes} in ${yes.length}: sold, and taken back`;
    if (yes.length > 0) add(`only: ${path} not in (${word(spelled.yes)})`, because, yes, true);
  } else if (means(column.words, "isTest") || means(column.words, "isVoid")) {
    const because =
      yes.length > 0
        ? `${column.name} is ${spelled.yes} in ${yes.length}`
        : `${column.name} is ${spelled.no} in all`;
    add(`only: ${path} not in (${word(spelled.yes)})`, because, yes);
  } else if (no.length > 0 && yes.length === 0) {
    doubt(draft, "guess", `${column.name} is ${spelled.no} in all: are those sales?`);
  } else if (no.length > 0) {
    const because = `${column.name} is ${spelled.no} in ${no.length}`;
    add(`only: ${path} not in (${word(spelled.no)})`, because, no);
  }
}

/** From 2001 on, in milliseconds or finer; seconds are as large as what is counted. */
const EPOCH_MIN_MICROS = 10n ** 15n;

/** `cancelled_at`: a time that only some rows have says what happened to those. */
export function isMoment(column: FieldColumn): boolean {
  const { words, values } = column;
  if (isSize(column) || (!means(words, "isVoid") && !means(words, "cameBack"))) return false;
  const isTime = (value: DecodedValue | undefined) =>
    value === undefined || parseTime(value, { unit: undefined, zone: utc }) !== undefined;
  const isLate = (size: bigint | undefined) => size === undefined || size >= EPOCH_MIN_MICROS;
  return values.every(isTime) && (numbersOf(column)?.micros.every(isLate) ?? true);
}

export function filterByMoment(column: FieldColumn, scope: Scoped, draft: FilterDraft): void {
  const rows = [...column.values.keys()].filter(
    (row) => column.values[row] !== undefined && !draft.dropped.has(row),
  );
  if (rows.length === 0) return;
  const isBack = means(column.words, "cameBack");
  draft.rules.push({
    rule: `only: ${scope.prefix}${column.name} not exists`,
    sureness: isBack ? "guess" : "likely",
    because: `${column.name} is there in ${rows.length}${isBack ? ": sold, and taken back" : ""}`,
  });
  for (const row of rows) draft.dropped.add(row);
}
