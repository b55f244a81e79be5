/** Rules that may stand in the line or around it: time and currency. */

import { printPath } from "../../mapping/rules/print.ts";
import { hasLines, isCountable, type LineChoice } from "../roles/lines.ts";
import type { ProposedRule } from "../roles/sureness.ts";
import { type FieldColumn, type RootRow, recordTable } from "../sample/table.ts";
import { nameOf, recordPath } from "../sample/walk.ts";
import { findCurrency, findTime, type RulePlace } from "./context.ts";

/** The line's own columns, those of the record, and its headers. */
function placesOf(choice: LineChoice, roots: readonly RootRow[]): RulePlace[] {
  const { table } = choice;
  const name = ({ steps }: FieldColumn) => nameOf(steps);
  const { lines } = table;
  const own = { columns: table.columns, name, isSale: (row: number) => isCountable(row, choice) };
  const isSale = lines ? (row: number) => hasLines(roots[row], lines) : own.isSale;
  const headers = {
    columns: headerColumns(roots),
    name: (column: FieldColumn) => column.name,
    isSale,
  };
  if (!lines) return [own, headers];
  return [own, { columns: recordTable(roots).columns, name: recordName, isSale }, headers];
}

/** As a rule beside `lines` names a column of the record. */
export function recordName({ steps }: Pick<FieldColumn, "steps">): string {
  return printPath(recordPath(steps));
}

/** The texts of headers, by record. */
export function headerColumns(roots: readonly RootRow[]): FieldColumn[] {
  const names = new Set(roots.flatMap(({ headers }) => [...headers.keys()]));
  return [...names]
    .filter((name) => /^[\w.:-]+$/.test(name))
    .map((name) => {
      const values = roots.map(({ headers }) => headers.get(name));
      const words = name.toLowerCase().split(/[^a-z]+|(?<=ce)_/);
      const present = values.filter((value) => value !== undefined).length;
      return { steps: [], name: `$header.${name}`, words, values, present };
    });
}

export function timeRules(choice: LineChoice, roots: readonly RootRow[]): ProposedRule[] {
  return [findTime(placesOf(choice, roots)) ?? []].flat();
}

/** The guard, and the board's currency when the sample has another one than `currency`. */
export function currencyRules(
  choice: LineChoice,
  roots: readonly RootRow[],
  currency: string,
): { rule: ProposedRule; board: string | undefined } | undefined {
  const found = findCurrency(placesOf(choice, roots), choice.money?.column);
  if (!found) return undefined;
  const isOther = !found.codes.includes(currency.toUpperCase());
  const board = isOther ? found.code : undefined;
  const code = board ?? currency;
  if (found.isEverywhere) return { rule: found, board };
  const rule = {
    rule: `${found.rule} else '${code}'`,
    sureness: "likely" as const,
    because: `${found.because}; where it is not there, ${code} is taken`,
  };
  return { rule, board };
}
