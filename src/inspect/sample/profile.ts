/** What stands in a sample: each field with its types, how often it is there, and examples. */

import { type DecodedValue, excerpt } from "../../mapping/model/value.ts";
import { scalarText } from "../../mapping/plan/choices.ts";
import { nameOf, partsOf, typeOf, type ValueType } from "./walk.ts";

/** Records whose keys are data would have more fields than anybody can read. */
const FIELDS_MAX = 300;
const EXAMPLES_MAX = 3;

export interface FieldProfile {
  /** As a rule names it, with `[]` behind each array. */
  readonly path: string;
  readonly types: readonly ValueType[];
  /** Records in which the field is there, and not null. */
  readonly records: number;
  /** Values in all: more than records where it stands in an array. */
  readonly values: number;
  /** Distinct ones, the first that were met, cut. */
  readonly examples: readonly string[];
}

export interface Profile {
  readonly fields: readonly FieldProfile[];
  /** Fields beyond those; their number is a lower bound. */
  readonly more: number;
}

interface ProfileDraft {
  types: Set<ValueType>;
  records: number;
  last: number;
  values: number;
  examples: Set<string>;
}

/** Values of records in JSON. In memory are only counts, and a few examples of each field. */
export function profileOf(values: Iterable<DecodedValue>): Profile {
  const drafts = new Map<string, ProfileDraft>();
  const more = new Set<string>();
  let record = 0;
  for (const value of values) {
    record++;
    for (const part of partsOf(value, { entersArrays: true })) {
      const path = nameOf(part.steps) || "(the record)";
      const draft = drafts.get(path) ?? emptyDraft();
      if (!drafts.has(path)) {
        if (drafts.size >= FIELDS_MAX) {
          if (more.size < FIELDS_MAX) more.add(path);
          continue;
        }
        drafts.set(path, draft);
      }
      count(draft, part.value, record);
    }
  }
  const fields = [...drafts].map(([path, { types, records, values, examples }]) => ({
    path,
    types: [...types],
    records,
    values,
    examples: [...examples],
  }));
  return { fields, more: more.size };
}

function emptyDraft(): ProfileDraft {
  return { types: new Set(), records: 0, last: 0, values: 0, examples: new Set() };
}

function count(draft: ProfileDraft, value: DecodedValue, record: number): void {
  draft.types.add(typeOf(value));
  if (value === null) return;
  draft.values++;
  if (draft.last !== record) draft.records++;
  draft.last = record;
  const text = scalarText(value);
  if (text === undefined || draft.examples.size >= EXAMPLES_MAX) return;
  draft.examples.add(excerpt(text));
}
