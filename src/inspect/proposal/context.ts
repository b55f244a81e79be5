/** Rules that change no sum of their own: when a line was sold, and in which currency. */

import { parseTime } from "../../mapping/exact/time.ts";
import { utc } from "../../mapping/exact/zone.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import { keysOf, means } from "../names/words.ts";
import type { ProposedRule } from "../roles/sureness.ts";
import { numbersOf } from "../sample/numbers.ts";
import { type FieldColumn, textsOf } from "../sample/table.ts";

/** Sales of 2000 to 2100, epoch milliseconds: other numbers are no times. */
const TIME_MIN = 946_684_800_000;
const TIME_MAX = 4_102_444_800_000;
/** Days since 1970 of the same years. */
const DAY_MIN = 10_957;
const DAY_MAX = 47_482;
const CURRENCIES_MAX = 20;

/** A table with how a rule names its columns. */
export interface RulePlace {
  readonly columns: readonly FieldColumn[];
  readonly name: (column: FieldColumn) => string;
  /** Whether the row is, or has, what is counted. */
  readonly isSale: (row: number) => boolean;
}

export function findTime(places: readonly RulePlace[]): ProposedRule | undefined {
  const found = places
    .flatMap(({ columns, name }) =>
      columns.flatMap((column) => {
        const unit = timeUnit(column);
        return unit === undefined ? [] : [{ column, unit, name: name(column) }];
      }),
    )
    .sort((a, b) => timeRank(b.column) - timeRank(a.column));
  const [best] = found;
  if (!best) return undefined;
  return {
    rule: `time: ${best.name}${best.unit && ` ${best.unit}`}`,
    sureness: found.length > 1 ? "likely" : "sure",
    because: `${best.name} is a time${found.length > 1 ? `; so is ${found[1]?.name}` : ""}`,
  };
}

export function isTime(column: FieldColumn): boolean {
  return timeUnit(column) !== undefined;
}

/** Empty where the size or the form tells. */
function timeUnit({ words, values }: FieldColumn): string | undefined {
  if (!means(words, "time") || means(words, "quantityFirst")) return undefined;
  let [times, days, seconds, all] = [0, 0, 0, 0];
  for (const value of values) {
    if (value === undefined) continue;
    all++;
    const time = parseTime(value, { unit: undefined, zone: utc });
    const number = Number(scalarText(value));
    if (time !== undefined && time >= TIME_MIN && time <= TIME_MAX) times++;
    else if (Number.isInteger(number) && number >= DAY_MIN && number <= DAY_MAX) days++;
    if (number >= TIME_MIN / 1_000 && number <= TIME_MAX / 1_000) seconds++;
  }
  if (times > 0 && times * 2 > all) return seconds === all ? "s" : "";
  return days === all && all > 0 && words.includes("date") ? "days" : undefined;
}

function timeRank({ words, present, steps }: FieldColumn): number {
  const name = words.join(" ");
  const first = means(words, "timeFirst") ? 4 : /created|placed/.test(name) ? 3 : 2;
  const other = means(words, "notTime") ? -3 : 0;
  return first + other + Math.min(1, present / 1_000_000) - steps.length / 100;
}

export interface CurrencyRule extends ProposedRule {
  /** The commonest one in the sample, in capitals. */
  readonly code: string;
  readonly codes: readonly string[];
  /** No row is without one. */
  readonly isEverywhere: boolean;
}

/** `near`: the money's column; a currency in the same object is its own. */
export function findCurrency(
  places: readonly RulePlace[],
  near: FieldColumn | undefined,
): CurrencyRule | undefined {
  const found = places
    .flatMap(({ columns, name, isSale }) =>
      columns
        .filter((column) => isCurrency(column))
        .map((column) => ({ column, isSale, name: name(column), rank: nearness(column, near) })),
    )
    .sort((a, b) => b.rank - a.rank);
  const [best] = found;
  if (!best) return undefined;
  const counts = new Map<string, number>();
  for (const [text, rows] of textsOf(best.column, CURRENCIES_MAX) ?? []) {
    const code = text.toUpperCase();
    counts.set(code, (counts.get(code) ?? 0) + rows.length);
  }
  const codes = [...counts].sort((a, b) => b[1] - a[1]).map(([code]) => code);
  const [code = ""] = codes;
  return {
    rule: `currency: ${best.name}`,
    sureness: "sure",
    because: `${best.name} is ${codes.slice(0, 4).join(", ")}`,
    code,
    codes,
    isEverywhere: best.column.values.every((value, i) => value !== undefined || !best.isSale(i)),
  };
}

function isCurrency(column: FieldColumn): boolean {
  if (!means(column.words, "currency") || numbersOf(column)) return false;
  return column.values.every((value) => value === undefined || isCode(scalarText(value)));
}

function isCode(text: string | undefined): boolean {
  return /^[A-Za-z]{3}$/.test(text ?? "");
}

function nearness({ steps }: FieldColumn, near: FieldColumn | undefined): number {
  if (!near) return -steps.length;
  const [a, b] = [keysOf(steps), keysOf(near.steps)];
  let same = 0;
  while (same < a.length - 1 && a[same] === b[same]) same++;
  const isSibling = same === a.length - 1 && a.length === b.length && same > 0;
  return (isSibling ? 100 : 0) + same - a.length / 10;
}
