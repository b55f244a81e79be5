/** The rule `lines`, compiled: a record → its lines. */

import { LINES_MAX } from "../model/bounds.ts";
import type { Path } from "../model/mapping.ts";
import { type DecodedValue, describe, UnreadableError } from "../model/value.ts";
import type { Paths, ReadStep } from "./paths.ts";
import { placeOf, type Scope, withIndices } from "./scope.ts";

export type ReadLines = (scope: Scope) => Scope[];

const none: readonly number[] = [];

/**
 * Without a rule the record is the only line. The first array must be there; an element of it that
 * has no inner array has no lines (an event without items between others).
 * @throws UnreadableError for no array, something else in its place, or too many lines
 */
export function compileLines(lines: Path | undefined, paths: Paths): ReadLines {
  if (!lines) return (scope) => [scope];
  const start = paths.compile({ origin: lines.origin, steps: [] }, "lines");
  const segments = segmentsOf(lines, paths);
  const last = segments.length - 1;
  return (scope) => {
    const found: Scope[] = [];
    const walk = (
      start: DecodedValue | undefined,
      depth: number,
      indices: readonly number[],
    ): void => {
      let value = start;
      for (const step of segments[depth] ?? []) value = step(value, { ...scope, indices });
      if (depth === last) {
        if (found.length === LINES_MAX) throw tooMany(lines);
        found.push({ record: scope.record, root: scope.root, line: value, indices });
        return;
      }
      const array = arrayAt(value, lines, indices);
      array?.forEach((element, i) => {
        walk(element, depth + 1, [...indices, i]);
      });
    };
    walk(start(scope), 0, none);
    return found;
  };
}

/** The steps before, between and behind the `[]`. */
function segmentsOf(lines: Path, paths: Paths): ReadStep[][] {
  const segments: ReadStep[][] = [[]];
  paths.compileSteps(lines, "lines").forEach((read, i) => {
    if (lines.steps[i]?.kind === "each") segments.push([]);
    else segments.at(-1)?.push(read);
  });
  return segments;
}

/** Undefined = an inner array that is not there. */
function arrayAt(
  value: DecodedValue | undefined,
  lines: Path,
  indices: readonly number[],
): readonly DecodedValue[] | undefined {
  if (Array.isArray(value)) return value;
  const isThere = value !== undefined && value !== null;
  if (!isThere && indices.length > 0) return undefined;
  const place = placeOfArray(lines, indices);
  const problem = isThere
    ? `must be an array, received ${describe(value)} at ${place}`
    : `nothing at ${place}`;
  throw new UnreadableError(`lines: ${problem}`);
}

/** The array of the first `[]` that has no index yet. */
function placeOfArray({ origin, steps }: Path, indices: readonly number[]): string {
  return placeOf({ origin, steps: withIndices(steps, indices) }, undefined, []) || "the record";
}

function tooMany(lines: Path): UnreadableError {
  const place = placeOfArray(lines, none);
  return new UnreadableError(`lines: more than ${LINES_MAX} in one record at ${place}`);
}
