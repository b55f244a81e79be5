/** Lines of csv: how many columns they have, and names for those. */

import { decodeCsv } from "../../mapping/formats/csv.ts";
import { type DecodedValue, UnreadableError } from "../../mapping/model/value.ts";

const COLUMNS_MAX = 100;
const encoder = new TextEncoder();

export interface CsvTable {
  readonly columns: readonly string[];
  /** By text; undefined = another number of columns. */
  readonly values: readonly (DecodedValue | undefined)[];
}

/** Undefined when the texts are no csv: one column only, or most have different numbers of them. */
export function readCsv(texts: readonly string[]): CsvTable | undefined {
  const counts = new Map<number, number>();
  for (const text of texts) {
    const count = columnsIn(text);
    if (count > 1 && count <= COLUMNS_MAX) counts.set(count, (counts.get(count) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  if (!most || most[1] * 2 <= texts.length) return undefined;
  const columns = Array.from({ length: most[0] }, (_, i) => `column${i + 1}`);
  return { columns, values: texts.map((text) => read(text, columns)) };
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
