/** Bytes ⇄ bookkeeping: what each transaction records of an input partition beside its totals. */

import { z } from "zod";
import { decodeOutput, wholeNumber } from "./output-record.ts";

const encoder = new TextEncoder();

/** First byte of the keys of bookkeeping records: no product can start with it. */
const BOOKKEEPING_MARK = 0x00;
export const BOOKKEEPING_KEY = encoder.encode("\0bookkeeping");

/**
 * What each transaction notes for each input partition it moved: with it a restore can tell whether
 * offsets and totals belong together.
 */
export interface Bookkeeping {
  group: string;
  /** 1 for the first transaction of the partition, then one more each time. */
  sequence: number;
  /** Next input offset: equals the group's committed offset. */
  inputOffset: number;
  /** Sales in the totals of this partition: equals the sum over its products. */
  sales: bigint;
  deadLetters: bigint;
  /** Records that retention removed before they were read. */
  skipped: bigint;
  /** The `transactional.id` of the process; undefined in what older versions wrote. */
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

/** At most as many as there are offsets: each has one record or none. */
export function recordsCounted({ sales, deadLetters, skipped }: Bookkeeping): bigint {
  return sales + deadLetters + skipped;
}
