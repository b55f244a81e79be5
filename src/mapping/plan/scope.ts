/** Where a rule reads: one line, its record, and what comes with the record. */

import type { JudgedRecord } from "../model/judgement.ts";
import type { Path, Step } from "../model/mapping.ts";
import type { DecodedValue } from "../model/value.ts";
import { printPath } from "../rules/print.ts";

export interface Scope {
  readonly record: JudgedRecord;
  /** The decoded value of the record. */
  readonly root: DecodedValue;
  readonly line: DecodedValue | undefined;
  /** Which line: an index for each `[]` of the rule `lines`. */
  readonly indices: readonly number[];
}

/** A place as a dead letter's reason names it: from the record on, with the line's index. */
export function placeOf(path: Path, lines: Path | undefined, indices: readonly number[]): string {
  const isOfLine = path.origin.kind === "line" && lines !== undefined;
  const before = isOfLine ? withIndices(lines.steps, indices) : [];
  const { origin } = isOfLine ? lines : path;
  return printPath({
    origin: origin.kind === "record" ? { kind: "line" } : origin,
    steps: [...before, ...(isOfLine ? path.steps : withIndices(path.steps, indices))],
  });
}

/** `steps` with each `[]` filled in, up to the first `[]` that has no index. */
export function withIndices(steps: readonly Step[], indices: readonly number[]): Step[] {
  const filled: Step[] = [];
  let depth = 0;
  for (const step of steps) {
    if (step.kind !== "each") filled.push(step);
    else if (depth === indices.length) return filled;
    else filled.push({ kind: "index", index: indices[depth++] as number });
  }
  return filled;
}
