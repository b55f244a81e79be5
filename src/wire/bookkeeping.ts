/** Bytes ⇄ bookkeeping: what a transaction records about an input partition besides totals. */

import { z } from "zod";
import { decodeOutput, wholeNumber } from "./output-record.ts";

const encoder = new TextEncoder();

/** The first byte of a bookkeeping key. No product can start with it. */
const BOOKKEEPING_MARK = 0x00;
export const BOOKKEEPING_KEY = encoder.encode("\0bookkeeping");

/**
 * What each transaction records for each input partition that it advanced. A restore uses the
 * record to check that offsets and totals belong together.
 */
export interface Bookkeeping {
  group: string;
  /** 1 for the first transaction of the partition, and one more for each that follows. */
  sequence: number;
  /** The next input offset. Equals the group's committed offset. */
  inputOffset: number;
  /** Sales in the totals of this partition. Equals the sum over its products. */
  sales: bigint;
  deadLetters: bigint;
  /** Records that retention removed before the aggregator read them. */
  skipped: bigint;
  /** The `transactional.id` of the process; undefined in records of older versions. */
  writer?: string | undefined;
}

export function isBookkeepingKey(key: Uint8Array | null): boolean {
  return key !== null && key[0] === BOOKKEEPING_MARK;
}

export function encodeBookkeeping(note: Bookkeeping): Uint8Array {
  const writer = note.writer === undefined ? "" : `,"writer":${JSON.stringify(note.writer)}`;
  return encoder.encode(
    `{"version":1,"group":${JSON.stringify(note.group)},"sequence":${note.sequence},` +
      `"inputOffset":${note.inputOffset},"sales":${note.sales},` +
      `"deadLetters":${note.deadLetters},"skipped":${note.skipped}${writer}}`,
  );
}

const bookkeepingSchema = z
  .object({
    version: wholeNumber.refine((version) => version === 1n, "must be 1"),
    group: z.string(),
    sequence: wholeNumber.transform(Number),
    inputOffset: wholeNumber.transform(Number),
    sales: wholeNumber,
    deadLetters: wholeNumber,
    skipped: wholeNumber,
    writer: z.string().optional(),
  })
  .transform(({ version: _, ...note }): Bookkeeping => note);

/** @throws NotATotalError */
export function decodeBookkeeping(bytes: Uint8Array): Bookkeeping {
  return decodeOutput(bytes, bookkeepingSchema);
}

/** Never more than there are offsets, because each offset has at most one record. */
export function recordsCounted({ sales, deadLetters, skipped }: Bookkeeping): bigint {
  return sales + deadLetters + skipped;
}
