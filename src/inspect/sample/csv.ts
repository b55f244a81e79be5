/** Lines of csv: how many columns they have, and their names: of the first line, or made up. */

import { decodeCsv } from "../../mapping/formats/csv.ts";
import { type DecodedValue, UnreadableError } from "../../mapping/model/value.ts";

const COLUMNS_MAX = 100;
/** What a header calls a column, in any language. */
const NAME = /^[\p{L}_][\p{L}\p{N}_ .:/()#%€$-]{0,62}$/u;
const NUMBER = /^\s*[-+]?\d+([.,]\d+)?\s*$/;
const encoder = new TextEncoder();

export interface CsvTable {
  readonly columns: readonly string[];
  /** The first text names the columns: its fields as they stand there. */
  readonly header: readonly string[] | undefined;
  /** By text; undefined = another number of columns, or the header. */
  readonly values: readonly (DecodedValue | undefined)[];
}

/** JSON that is not strict, and XML, have commas too. */
const OTHER = /^\uFEFF?\s*[[{<]/;

/** Decimals have the commas: `Tea;2;4,99`. */
function isOther(text: string): boolean {
  const semicolons = text.split(";").length;
  return OTHER.test(text) || (semicolons > 2 && semicolons >= text.split(",").length);
}

/** Undefined when the texts are no csv: one column only, or most have different numbers of them. */
export function readCsv(texts: readonly string[]): CsvTable | undefined {
  const counts = new Map<number, number>();
  if (texts.filter(isOther).length * 2 > texts.length) return undefined;
  for (const text of texts) {
    const count = columnsIn(text);
    if (count > 1 && count <= COLUMNS_MAX) counts.set(count, (counts.get(count) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  if (!most || most[1] * 2 <= texts.length) return undefined;
  const madeUp = numbered(most[0]);
  const [first, ...others] = texts.map((text) => read(text, madeUp));
  const header = headerOf(first, others);
  if (!header) return { columns: madeUp, header, values: [first, ...others] };
  const columns = header.map((name) => name.trim());
  const values = texts.slice(1).map((text) => read(text, columns));
  return { columns, header, values: [undefined, ...values] };
}

/** Names, all different, where lines below have numbers. */
function headerOf(
  first: DecodedValue | undefined,
  others: readonly (DecodedValue | undefined)[],
): readonly string[] | undefined {
  const names = namesIn(first);
  const hasNumber = (value: DecodedValue | undefined) =>
    value instanceof Map && [...value.values()].some((field) => NUMBER.test(String(field)));
  return others.some(hasNumber) ? names : undefined;
}

/** A line that can be the header of csv: worth keeping before the last lines of a file. */
export function isHeaderLike(text: string): boolean {
  const count = columnsIn(text);
  if (count < 2 || count > COLUMNS_MAX) return false;
  return namesIn(read(text, numbered(count))) !== undefined;
}

/** Of one line; commas in quotes are none. */
function columnsIn(text: string): number {
  return text.replace(/"(?:[^"]|"")*"/g, "").split(",").length;
}

function read(text: string, columns: readonly string[]): DecodedValue | undefined {
  try {
    return decodeCsv(encoder.encode(text), columns);
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}

/** The fields of a line if all of them can be names, and differ. */
function namesIn(line: DecodedValue | undefined): readonly string[] | undefined {
  if (!(line instanceof Map)) return undefined;
  const names = [...line.values()].map((name) => (typeof name === "string" ? name : ""));
  const trimmed = names.map((name) => name.trim());
  const areNames = trimmed.every((name) => NAME.test(name));
  return areNames && new Set(trimmed).size === names.length ? names : undefined;
}

function numbered(columns: number): string[] {
  return Array.from({ length: columns }, (_, i) => `column${i + 1}`);
}
