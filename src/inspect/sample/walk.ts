/** Walks a decoded record: its scalars and arrays, each with the path that leads there. */

import { NumberSource } from "../../domain/money.ts";
import type { Path, Step } from "../../mapping/model/mapping.ts";
import { type DecodedValue, ValueWithParts } from "../../mapping/model/value.ts";
import { printPath } from "../../mapping/rules/print.ts";
import { parsed } from "./decode.ts";

/** Parts of one record that are looked at; the rest of a huge record is not. */
const PARTS_MAX = 20_000;
/** JSON inside of a text inside of JSON inside of a text. */
const EMBEDDED_MAX = 2;

/** A part of a record. */
export interface Part {
  readonly steps: readonly Step[];
  readonly value: DecodedValue;
}

/**
 * All parts below `value` but objects, whose parts come instead. A text with JSON in it comes as a
 * text, and then its parts; so does money with its currency. `entersArrays`: an array comes, and
 * its elements too, by `[]`.
 */
export function partsOf(value: DecodedValue, { entersArrays }: { entersArrays: boolean }): Part[] {
  const parts: Part[] = [];
  const visit = (at: DecodedValue, steps: readonly Step[], embedded: number): void => {
    if (parts.length >= PARTS_MAX) return;
    const told = at instanceof ValueWithParts ? at.told : undefined;
    if (at instanceof Map) {
      for (const [key, below] of at) {
        if (!told?.has(key)) visit(below, [...steps, { kind: "key", key }], embedded);
      }
      if (at.size > 0 && !told) return;
    }
    parts.push({ steps, value: at instanceof ValueWithParts ? at.whole : at });
    if (Array.isArray(at) && entersArrays) {
      for (const item of at) visit(item, [...steps, { kind: "each" }], embedded);
    }
    const inside = embedded < EMBEDDED_MAX ? jsonInside(at) : undefined;
    if (inside !== undefined) visit(inside, [...steps, { kind: "json" }], embedded + 1);
  };
  visit(value, [], 0);
  return parts;
}

/** Where `steps` lead from `value`; several values where they contain `[]`. */
export function valuesAt(value: DecodedValue, steps: readonly Step[]): DecodedValue[] {
  let values: DecodedValue[] = [value];
  for (const step of steps) values = values.flatMap((at) => next(at, step));
  return values;
}

function next(value: DecodedValue, step: Step): readonly DecodedValue[] {
  if (step.kind === "json") {
    const inside = jsonInside(value);
    return inside === undefined ? [] : [inside];
  }
  if (step.kind === "key") {
    const below =
      value instanceof Map ? (value.get(step.key) as DecodedValue | undefined) : undefined;
    return below === undefined ? [] : [below];
  }
  if (!Array.isArray(value)) return [];
  const items = value as readonly DecodedValue[];
  return step.kind === "each" ? items : items.slice(step.index, step.index + 1);
}

/** An object or array as JSON in a text: a scalar in a text is just a text. */
function jsonInside(value: DecodedValue): DecodedValue | undefined {
  return typeof value === "string" && /^\s*[{[]/.test(value) ? parsed(value) : undefined;
}

/** As a rule of a line names it; `` for the whole. */
export function nameOf(steps: readonly Step[]): string {
  return printPath({ origin: { kind: "line" }, steps });
}

/** As a rule names a place that begins at the record, beside a rule `lines`. */
export function recordPath(steps: readonly Step[]): Path {
  return { origin: { kind: "record" }, steps };
}

export type ValueType = "text" | "number" | "boolean" | "null" | "array" | "object";

export function typeOf(value: DecodedValue): ValueType {
  if (value === null) return "null";
  if (value instanceof NumberSource) return "number";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string" || value instanceof Uint8Array) return "text";
  return Array.isArray(value) ? "array" : "object";
}
