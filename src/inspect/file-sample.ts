/** The last records of a file or of standard input: one record a line. */

import type { JudgedRecord } from "../mapping/model/judgement.ts";
import { readLines, valueOfLine } from "../producer/input.ts";
import { isHeaderLike } from "./sample/csv.ts";

/** Of what is kept; older lines give way. */
const SAMPLE_BYTES_MAX = 64 * 1024 * 1024;

export interface RecordSample {
  /** The oldest first. */
  readonly records: readonly JudgedRecord[];
  /** Records in all; undefined = not known. */
  readonly of: number | undefined;
  /** Where they come from, for a sentence: `orders.ndjson`, `topic sales`. */
  readonly source: string;
}

/**
 * The last `last` lines that are not empty; the first line of csv stays if it can name the columns. @throws SalesboardError when the file cannot be read
 */
export async function readFileSample(
  path: string,
  { last, topic }: { last: number; topic: string },
): Promise<RecordSample> {
  const kept: Uint8Array[] = [];
  let header: Uint8Array | undefined;
  let first = 0;
  let bytesKept = 0;
  let of = 0;
  for await (const lines of readLines(path, new AbortController().signal)) {
    for (const { bytes } of lines) {
      of++;
      if (of === 1 && isHeaderLike(new TextDecoder().decode(bytes))) header = bytes.slice();
      kept.push(bytes.slice());
      bytesKept += bytes.length;
      while (kept.length - first > last || (bytesKept > SAMPLE_BYTES_MAX && kept.length > first)) {
        bytesKept -= kept[first]?.length ?? 0;
        first++;
      }
      // Dropped in one go now and then, because each shift would move all.
      if (first > last) first = drop(kept, first);
    }
  }
  // The names of columns are worth more than one record.
  if (header && of > kept.length - first) kept[first] = header;
  const records = kept.slice(first).map((bytes) => recordOfLine(bytes, topic));
  return { records, of, source: path === "-" ? "standard input" : path };
}

function drop(kept: Uint8Array[], count: number): 0 {
  kept.splice(0, count);
  return 0;
}

function recordOfLine(bytes: Uint8Array, topic: string): JudgedRecord {
  return { topic, key: null, value: valueOfLine(bytes), headers: [] };
}
