/** The findings for a terminal, in 80 columns. */

import { formatAmount } from "../domain/money.ts";
import { upperFirst } from "../lib/text.ts";
import { type CommandParts, commandLine } from "./command-line.ts";
import type { RecordSample } from "./file-sample.ts";
import type { Findings } from "./findings.ts";
import { decimalText } from "./json.ts";
import { formatText } from "./print-format.ts";
import { type Style, table, wrapped } from "./print-table.ts";
import type { Proposal } from "./proposal/propose.ts";
import type { Sureness } from "./roles/sureness.ts";
import type { Outcomes } from "./sample/outcomes.ts";
import type { FieldProfile } from "./sample/profile.ts";

const FIELDS_MAX = 60;
const REASONS_MAX = 5;
const PRODUCTS_MAX = 5;
const PATH_COLUMNS_MAX = 36;

export interface PrintOptions extends CommandParts {
  readonly style: Style;
  /** What the present mapping is, in words. */
  readonly presentName: string;
}

export function findingsText(
  sample: RecordSample,
  findings: Findings,
  options: PrintOptions,
): string {
  const { style } = options;
  const { profile, present, proposal, fits } = findings;
  const sections = [
    [style.bold(sampleLine(sample)), ...wrapped(formatText(findings), "")],
    profile.fields.length > 0 ? fieldLines(findings, style) : [],
    sample.records.length > 0
      ? [style.bold(`With ${options.presentName}`), ...outcomeLines(present, options)]
      : [],
    fits ? [style.green("The mapping fits: every record is counted or filtered.")] : [],
    proposal ? proposalLines(proposal, options) : [],
    !fits && !proposal && sample.records.length > 0 ? nothingLines(style) : [],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function sampleLine({ records, of, source }: RecordSample): string {
  if (records.length === 0) return `No records in ${source}`;
  const some = records.length === of || of === undefined ? "" : `the last ${records.length} of `;
  const total = of ?? records.length;
  return `${upperFirst(`${some}${total} record${total === 1 ? "" : "s"}`)} in ${source}`;
}

function fieldLines({ profile, forms, format }: Findings, style: Style): string[] {
  const total = format === "csv" ? forms.text : forms.json + forms.decoded;
  const shown = profile.fields.slice(0, FIELDS_MAX);
  const more = profile.fields.length - shown.length + profile.more;
  return [
    ...table(
      [["field", "in", "type", "examples"], ...shown.map((field) => fieldCells(field, total))],
      { widths: [PATH_COLUMNS_MAX, 6, 12, 80], style },
    ),
    ...(more > 0 ? [style.dim(`  and ${more} more`)] : []),
  ];
}

function fieldCells({ path, records, types, examples }: FieldProfile, total: number): string[] {
  const share = Math.floor((100 * records) / Math.max(1, total));
  return [path, `${share} %`, types.join("/"), examples.join(" · ")];
}

function outcomeLines(found: Outcomes, options: PrintOptions): string[] {
  const { style } = options;
  const returns = found.returns > 0 ? `, ${found.returns} of them returns` : "";
  const untimed = found.untimed > 0 ? `, ${found.untimed} without a time` : "";
  const lines = [
    `  counted       ${found.counted}${found.lines > 0 ? ` (lines: ${found.lines}${returns}${untimed})` : ""}`,
    `  filtered      ${found.filtered}`,
    `  dead letters  ${found.deadLetters > 0 ? style.red(String(found.deadLetters)) : "0"}`,
  ];
  for (const { text, records } of found.reasons.slice(0, REASONS_MAX)) {
    lines.push(...wrapped(`${records} × ${text}`, "                "));
  }
  const rest = found.reasons.length - REASONS_MAX;
  if (rest > 0) lines.push(`                and ${rest} more reasons`);
  return lines;
}

function totalLines(found: Outcomes, { style }: PrintOptions, currency: string): string[] {
  const shown = found.products.slice(0, PRODUCTS_MAX);
  const rest = found.products.length - shown.length;
  const rows = shown.map(({ product, quantity, amount }) => [
    product,
    decimalText(quantity),
    formatAmount(amount),
  ]);
  const all = ["all products", decimalText(found.quantity), formatAmount(found.amount)];
  const more = rest > 0 ? [[`and ${rest} more`, "", ""]] : [];
  return table([["product", "units", currency], ...rows, ...more, all], {
    widths: [44, 14, 18],
    style,
    numbersFrom: 1,
  });
}

const surenessWords: Record<Sureness, string> = {
  sure: "sure",
  likely: "likely: compare the totals",
  guess: "a guess: look at each rule",
};

function proposalLines(proposal: Proposal, options: PrintOptions): string[] {
  const { style } = options;
  const colour = (sureness: Sureness, text: string) =>
    sureness === "sure"
      ? style.green(text)
      : sureness === "likely"
        ? style.yellow(text)
        : style.red(text);
  const rules = proposal.rules.flatMap(({ rule, sureness, because }) => [
    `  ${colour(sureness, sureness.padEnd(6))}  ${rule}`,
    ...wrapped(because, "            ").map(style.dim),
  ]);
  return [
    `${style.bold("Proposed mapping")} (${colour(proposal.sureness, surenessWords[proposal.sureness])})`,
    ...rules,
    ...proposal.remarks.flatMap((text) => wrapped(`! ${text}`, "  ").map(style.yellow)),
    "",
    style.bold("With the proposed mapping"),
    ...outcomeLines(proposal.outcomes, options),
    "",
    ...totalLines(proposal.outcomes, options, proposal.currency),
    "",
    style.bold("To count with it"),
    commandLine(proposal, options),
  ];
}

function nothingLines(style: Style): string[] {
  return [style.yellow("No mapping was found: nothing in the sample looks like a sale.")];
}
