/** Rules against the format of the records: what cannot fit is refused before anything starts. */

import { usageError } from "../lib/errors.ts";
import { didYouMean, quoted } from "../lib/text.ts";
import type { Alternatives, Mapping, NumberRule, Path } from "./model/mapping.ts";
import { printPath } from "./rules/print.ts";

/** @throws SalesboardError with exit status 2: csv needs columns, and only csv has them */
export function checkColumns(mapping: Mapping, format: "json" | "csv"): void {
  const { columns } = mapping;
  if (format === "csv" && !columns) {
    throw refused("records of csv need the rule columns, such as columns: order, product, price");
  }
  if (!columns) return;
  if (format !== "csv") throw refused(`the rule columns is for csv, but records are ${format}`);
  for (const path of pathsOf(mapping)) {
    const { kind } = path.origin;
    // With line items inside of a column, a path of the line begins behind that column.
    const isOfColumn = kind === "record" || (kind === "line" && !mapping.lines);
    if (!isOfColumn) continue;
    const [first] = path.steps;
    const name = first?.kind === "key" ? first.key : undefined;
    if (name !== undefined && columns.includes(name)) continue;
    const hint = name === undefined ? "" : didYouMean(name, columns);
    const sentence = `the path ${printPath(path)} must begin with one of the columns`;
    throw refused(`${sentence} ${columns.map(quoted).join(", ")}${hint}`);
  }
}

function pathsOf(mapping: Mapping): Path[] {
  const { lines, product, quantity, money, time, currency, only, minus } = mapping;
  const texts = [...product, ...(time?.parts ?? []), ...(currency ?? [])];
  return [
    ...(lines ? [lines] : []),
    ...texts.flatMap(pathsOfChoice),
    ...pathsOfNumber(quantity),
    ...pathsOfNumber(money.rule),
    ...only.map(({ path }) => path),
    ...(minus ? [minus.path] : []),
  ];
}

function pathsOfNumber({ terms }: NumberRule): Path[] {
  return terms.flatMap(({ choice, shift }) => [
    ...pathsOfChoice(choice),
    ...(shift?.kind === "path" ? [shift.path] : []),
  ]);
}

function pathsOfChoice(choice: Alternatives): Path[] {
  return choice.flatMap((source) => (source.kind === "path" ? [source.path] : []));
}

function refused(problem: string) {
  return usageError(`Cannot use the mapping: ${problem}`);
}
