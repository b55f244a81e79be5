/** Rules against the format of the records: what cannot fit is refused before anything starts. */

import { usageError } from "../lib/errors.ts";
import { didYouMean, quoted } from "../lib/text.ts";
import { misfit } from "./fit.ts";
import type { Mapping } from "./model/mapping.ts";
import { rulePaths } from "./rule-paths.ts";
import { printPath } from "./rules/print.ts";

/** @throws SalesboardError with exit status 2: csv needs columns, and only csv has them */
export function checkColumns(mapping: Mapping, format: string): void {
  const { columns } = mapping;
  if (format === "csv" && !columns) {
    throw refused("records of csv need the rule columns, such as columns: order, product, price");
  }
  if (!columns) return;
  if (format !== "csv") throw refused(`the rule columns is for csv, but records are ${format}`);
  for (const place of rulePaths(mapping)) {
    const { path } = place;
    const { kind } = path.origin;
    // With line items inside of a column, a path of the line begins behind that column.
    const isOfColumn = kind === "record" || (kind === "line" && !mapping.lines);
    if (!isOfColumn) continue;
    const [first] = path.steps;
    const name = first?.kind === "key" ? first.key : undefined;
    if (name !== undefined && columns.includes(name)) continue;
    const hint = name === undefined ? "" : didYouMean(name, columns);
    const sentence = `the path ${printPath(path)} must begin with one of the columns`;
    throw misfit(mapping, place, `${sentence} ${columns.map(quoted).join(", ")}${hint}`);
  }
}

function refused(problem: string) {
  return usageError(`Cannot use the mapping: ${problem}`);
}
