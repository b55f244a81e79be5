/** The page of `doctor` on a terminal of 80 columns, and the same for programs. */

import { type Style, visibleText, wrapped } from "../inspect/print-table.ts";
import { counted } from "../lib/text.ts";
import { checkNames, type Finding, type FindingState, statusOf } from "./finding.ts";

const STATE_COLUMNS = 9;
const NAME_COLUMNS = 11;
const INDENT = " ".repeat(STATE_COLUMNS + NAME_COLUMNS);

const NOTHING_WRITTEN = "Nothing was written to Kafka.";

export function findingsPage(findings: readonly Finding[], style: Style): string {
  const colours: Record<FindingState, (text: string) => string> = {
    ok: style.green,
    warning: style.yellow,
    problem: style.red,
    skipped: style.dim,
  };
  const lines = inOrder(findings).flatMap(({ check, state, text, mend }) => {
    const [first = "", ...rest] = wrapped(text, INDENT);
    const head = colours[state](state.padEnd(STATE_COLUMNS)) + check.padEnd(NAME_COLUMNS);
    // Not wrapped, so that it can be pasted into a shell.
    const commands = mend?.split("\n").map(visibleText).join("\n");
    const cure = commands === undefined ? [] : [`${INDENT}${style.bold(commands)}`];
    return [head + first.trimStart(), ...rest, ...cure];
  });
  return [...lines, "", `${summary(findings)} ${NOTHING_WRITTEN}`].join("\n");
}

export function findingsDocument(findings: readonly Finding[]): string {
  const status = statusOf(findings);
  const state = (["ok", "warning", "problem"] as const)[status];
  const rows = inOrder(findings).map(({ check, state, text, mend = null }) => {
    return { check, state, text, mend };
  });
  return JSON.stringify({ state, findings: rows });
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => checkNames.indexOf(a.check) - checkNames.indexOf(b.check));
}

function summary(findings: readonly Finding[]): string {
  const count = (state: FindingState) => findings.filter((one) => one.state === state).length;
  const [problems, warnings, skipped] = [count("problem"), count("warning"), count("skipped")];
  const skips = skipped > 0 ? `; ${skipped} could not be looked at` : "";
  if (problems + warnings === 0) return `Nothing is wrong${skips}.`;
  const parts = [
    ...(problems > 0 ? [counted(problems, "problem")] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ];
  return `${parts.join(", ")}${skips}.`;
}
