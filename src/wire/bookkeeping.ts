/** Bytes ⇄ bookkeeping: what a transaction records about an input partition besides totals. */

import { z } from "zod";
import { FLAT_FINGERPRINT } from "../mapping/rules/fingerprint.ts";
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
  /** Lines sold in the totals of this partition. Equals the sum over its products. */
  sales: bigint;
  /** Lines returned, likewise. */
  returns: bigint;
  /** All records that were judged: the counted, filtered and dead-letter ones. */
  records: bigint;
  /** Records with lines in the totals. */
  counted: bigint;
  /** Records that are not about a sale. */
  filtered: bigint;
  deadLetters: bigint;
  /** Lines whose time could not be read, so that the record's time counted. */
  untimed: bigint;
  /** Records that retention removed before the aggregator read them. */
  skipped: bigint;
  /** The `transactional.id` of the process; undefined in records of older versions. */
  writer?: string | undefined;
  /** The fingerprint of the mapping that the records were judged by. */
  mapping: string;
  /** Where the records come from; undefined in records of older versions. */
  inputTopic?: string | undefined;
  /** Undefined also when the brokers do not tell. */
  inputTopicId?: string | undefined;
  clusterId?: string | undefined;
  /** The leader epoch of the record before `inputOffset`; undefined = unknown. */
  inputEpoch?: number | undefined;
}

export function isBookkeepingKey(key: Uint8Array | null): boolean {
  return key !== null && key[0] === BOOKKEEPING_MARK;
}

export function encodeBookkeeping(note: Bookkeeping): Uint8Array {
  const { writer, inputTopic, inputTopicId, clusterId, inputEpoch } = note;
  // `JSON.stringify` leaves out what is undefined, and begins with a brace.
  const known = JSON.stringify({ writer, inputTopic, inputTopicId, clusterId, inputEpoch });
  const rest = known === "{}" ? "}" : `,${known.slice(1)}`;
  return encoder.encode(
    `{"version":1,"group":${JSON.stringify(note.group)},"sequence":${note.sequence},` +
      `"inputOffset":${note.inputOffset},"sales":${note.sales},"returns":${note.returns},` +
      `"records":${note.records},"counted":${note.counted},"filtered":${note.filtered},` +
      `"deadLetters":${note.deadLetters},"untimed":${note.untimed},` +
      `"skipped":${note.skipped},"mapping":${JSON.stringify(note.mapping)}${rest}`,
  );
}

const bookkeepingSchema = z
  .object({
    version: wholeNumber.refine((version) => version === 1n, "must be 1"),
    group: z.string(),
    sequence: wholeNumber.transform(Number),
    inputOffset: wholeNumber.transform(Number),
    sales: wholeNumber,
    returns: wholeNumber.optional(),
    records: wholeNumber.optional(),
    counted: wholeNumber.optional(),
    filtered: wholeNumber.optional(),
    deadLetters: wholeNumber,
    untimed: wholeNumber.optional(),
    skipped: wholeNumber,
    mapping: z.string().optional(),
    writer: z.string().optional(),
    inputTopic: z.string().optional(),
    inputTopicId: z.string().optional(),
    clusterId: z.string().optional(),
    inputEpoch: wholeNumber.transform(Number).optional(),
  })
  // Builds without mappings wrote none of the figures that have defaults.
  .transform(
    ({ version: _, ...note }): Bookkeeping => ({
      ...note,
      returns: note.returns ?? 0n,
      records: note.records ?? note.sales + note.deadLetters,
      counted: note.counted ?? note.sales,
      filtered: note.filtered ?? 0n,
      untimed: note.untimed ?? 0n,
      mapping: note.mapping ?? FLAT_FINGERPRINT,
    }),
  );

/** @throws NotATotalError */
export function decodeBookkeeping(bytes: Uint8Array): Bookkeeping {
  return decodeOutput(bytes, bookkeepingSchema);
}

/** Whether an id that was noted names something else than an id of now. Unknown = no. */
export function isOther(noted: string | undefined, now: string | undefined): boolean {
  return noted !== undefined && now !== undefined && noted !== now;
}

/**
 * How bookkeeping breaks its laws: each record has exactly one outcome, and each offset at most one
 * record. Undefined = they hold.
 */
export function lawBroken(note: Bookkeeping): string | undefined {
  const { records, counted, filtered, deadLetters, skipped, inputOffset } = note;
  if (records !== counted + filtered + deadLetters) {
    return (
      `${records} records were judged, but the bookkeeping has ${counted} counted, ` +
      `${filtered} filtered and ${deadLetters} dead letters`
    );
  }
  const all = records + skipped;
  if (all <= inputOffset) return undefined;
  return `${all} records were counted or skipped, but only ${inputOffset} exist`;
}
