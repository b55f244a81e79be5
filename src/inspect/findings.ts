/** A sample of records → all that `inspect` says of them. */

import type { InputFormat } from "../mapping/judge.ts";
import type { Judge, JudgedRecord } from "../mapping/model/judgement.ts";
import type { DecodedValue } from "../mapping/model/value.ts";
import { type Proposal, propose, type SampleOptions } from "./proposal/propose.ts";
import { readCsv } from "./sample/csv.ts";
import { type DecodedRecord, decodeRecord, parsed, type ValueForm } from "./sample/decode.ts";
import { looksLike } from "./sample/looks.ts";
import { type Outcomes, outcomesOf } from "./sample/outcomes.ts";
import { type Profile, profileOf } from "./sample/profile.ts";

/** Ids of schemas that are told. */
const SCHEMAS_MAX = 10;

/** `binary`: Avro or Protobuf behind a registry's prefix; `unknown`: none of these. */
export type SampleFormat = InputFormat | "binary" | "unknown" | "none";

export interface Findings {
  readonly records: number;
  readonly format: SampleFormat;
  /** How many values are of each form. */
  readonly forms: Readonly<Record<ValueForm, number>>;
  /** Records with a registry's prefix, and the ids of schemas in it. */
  readonly prefixed: number;
  readonly schemaIds: readonly number[];
  /** Of csv: its first line names the columns. */
  readonly hasHeader: boolean;
  /** Of values that cannot be read: what the first of them looks like, where that is known. */
  readonly looks: string | undefined;
  readonly profile: Profile;
  readonly present: Outcomes;
  /** All records are counted or filtered, and there is a sale among them. */
  readonly fits: boolean;
  /** Undefined when the present mapping fits, or nothing could be found. */
  readonly proposal: Proposal | undefined;
}

export function findingsOf(
  records: readonly JudgedRecord[],
  { judge, ...options }: SampleOptions & { judge: Judge },
): Findings {
  const { binary } = options;
  const decoded = records.map((record) => decodeRecord(record, binary?.schemas));
  const forms: Record<ValueForm, number> = {
    none: 0,
    json: 0,
    decoded: 0,
    text: 0,
    framed: 0,
    binary: 0,
  };
  for (const { form } of decoded) forms[form]++;
  const ids = new Set(decoded.flatMap(({ schemaId }) => schemaId ?? []));
  const values = decoded.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const csv = values.length === 0 && !binary ? csvOf(decoded) : undefined;
  const present = outcomesOf(judge, records);
  const format = csv ? "csv" : formatOf(forms, binary?.format);
  const unread = decoded.findIndex(({ form }) => form === "text" || form === "binary");
  const bytes = format === "csv" ? null : records[unread]?.value;
  const fits = present.deadLetters === 0 && present.counted > 0;
  return {
    records: records.length,
    format,
    forms,
    prefixed: decoded.filter(({ schemaId }) => schemaId !== undefined).length,
    schemaIds: [...ids].slice(0, SCHEMAS_MAX),
    hasHeader: csv?.header !== undefined,
    looks: areQuoted(values) ? "JSON inside of a JSON text" : bytes ? looksLike(bytes) : undefined,
    profile: profileOf(csv ? csv.values.flatMap((value) => value ?? []) : values),
    present,
    fits,
    proposal: fits ? undefined : propose(records, options),
  };
}

/** JSON that was made JSON twice: no path begins inside of the text. */
function areQuoted(values: readonly DecodedValue[]): boolean {
  const isQuoted = (value: DecodedValue) =>
    typeof value === "string" && /^\s*[[{]/.test(value) && parsed(value) !== undefined;
  return values.length > 0 && values.every(isQuoted);
}

function csvOf(decoded: readonly DecodedRecord[]) {
  return readCsv(decoded.flatMap(({ text }) => text ?? []));
}

function formatOf(
  forms: Readonly<Record<ValueForm, number>>,
  given: "avro" | "protobuf" | undefined,
): SampleFormat {
  if (given && forms.decoded > 0) return given;
  if (forms.json > 0) return "json";
  if (forms.framed > 0) return "binary";
  return forms.text + forms.binary > 0 ? "unknown" : "none";
}
