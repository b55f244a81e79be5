/** Bytes ⇄ bookkeeping: what a transaction records about an input partition besides totals. */

import { z } from "zod";
import { FLAT_FINGERPRINT } from "../mapping/rules/fingerprint.ts";
import { dateText } from "./day-record.ts";
import { decodeOutput, LaterVersionError, wholeNumber } from "./output-record.ts";

const encoder = new TextEncoder();

/** Of the form that this version writes where there are days. */
const VERSION_MAX = 2n;

/** No product can start with its first byte. */
export const BOOKKEEPING_KEY = encoder.encode("\0bookkeeping");

/** What is known of the days of a partition. */
export interface DaysNote {
  /** The time zone that the days are of, by its IANA name. */
  zone: string;
  /** "2026-11-26": the latest day with a sale. It and the 61 days before it are kept. */
  latest: string;
  /** Lines sold that are in the totals and in no day that is kept. */
  outsideSales: bigint;
  /** Lines returned, likewise. */
  outsideReturns: bigint;
  /**
   * Days up to and including this one may lack sales, or be of another zone. Undefined = all days
   * are complete.
   */
  since?: string | undefined;
}

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
  /** When the last of these were found to be gone, ISO 8601; undefined = none are, or unknown. */
  skippedAt?: string | undefined;
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
  /** Undefined = no day was ever kept: history is off, or an earlier version wrote the record. */
  days?: DaysNote | undefined;
}

export function isBookkeepingKey(key: Uint8Array | null): boolean {
  return key?.[0] === 0 && Buffer.compare(key, BOOKKEEPING_KEY) === 0;
}

export function encodeBookkeeping(note: Bookkeeping): Uint8Array {
  const { writer, inputTopic, inputTopicId, clusterId, inputEpoch, skippedAt } = note;
  // `JSON.stringify` leaves out what is undefined, and begins with a brace.
  const source = { inputTopic, inputTopicId, clusterId, inputEpoch };
  const known = JSON.stringify({ skippedAt, writer, ...source });
  const rest = known === "{}" ? "}" : `,${known.slice(1)}`;
  // A version that knows no days would lose them, so that it must not go on from this record.
  const version = note.days ? 2 : 1;
  return encoder.encode(
    `{"version":${version},"group":${JSON.stringify(note.group)},"sequence":${note.sequence},` +
      `"inputOffset":${note.inputOffset},"sales":${note.sales},"returns":${note.returns},` +
      `"records":${note.records},"counted":${note.counted},"filtered":${note.filtered},` +
      `"deadLetters":${note.deadLetters},"untimed":${note.untimed},` +
      `"skipped":${note.skipped},"mapping":${JSON.stringify(note.mapping)}` +
      `${note.days ? daysField(note.days) : ""}${rest}`,
  );
}

function daysField({ zone, latest, outsideSales, outsideReturns, since }: DaysNote): string {
  return (
    `,"days":{"zone":${JSON.stringify(zone)},"latest":"${latest}",` +
    `"outsideSales":${outsideSales},"outsideReturns":${outsideReturns}` +
    `${since === undefined ? "" : `,"since":"${since}"`}}`
  );
}

/** A count on the second level, whose source is not kept: at most 2^53. */
const smallCount = z.int().nonnegative().transform(BigInt);

const daysSchema = z.object({
  zone: z.string(),
  latest: dateText,
  outsideSales: smallCount,
  outsideReturns: smallCount,
  since: dateText.optional(),
});

const bookkeepingSchema = z
  .object({
    version: wholeNumber.refine((version) => version === 1n || version === VERSION_MAX, {
      error: "must be 1 or 2",
    }),
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
    skippedAt: z.iso.datetime().optional(),
    mapping: z.string().optional(),
    writer: z.string().optional(),
    inputTopic: z.string().optional(),
    inputTopicId: z.string().optional(),
    clusterId: z.string().optional(),
    inputEpoch: wholeNumber.transform(Number).optional(),
    days: daysSchema.optional(),
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
  try {
    return decodeOutput(bytes, bookkeepingSchema);
  } catch (cause) {
    const version = versionOf(bytes);
    if (version <= VERSION_MAX) throw cause;
    const known = `this one reads up to ${VERSION_MAX}`;
    throw new LaterVersionError(`its bookkeeping has version ${version}, and ${known}`, { cause });
  }
}

/** 0 where there is none. */
function versionOf(bytes: Uint8Array): bigint {
  try {
    return decodeOutput(bytes, z.object({ version: wholeNumber })).version;
  } catch {
    return 0n;
  }
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

/** What retention removed before it was counted: a sentence for each input topic. */
export function removedSentences(notes: readonly (readonly [number, Bookkeeping])[]): string[] {
  const topics = Map.groupBy(notes, ([, { inputTopic }]) => inputTopic ?? "the input");
  return [...topics].map(([topic, parts]) => {
    const records = parts.reduce((sum, [, { skipped }]) => sum + skipped, 0n);
    const ids = parts.map(([id]) => id).sort((a, b) => a - b);
    const at = parts
      .flatMap(([, { skippedAt }]) => skippedAt ?? [])
      .sort()
      .at(-1);
    const isOne = records === 1n;
    return (
      `Retention removed ${records} ${isOne ? "record" : "records"} of ${topic} (partition ` +
      `${ids.join(", ")}) before ${isOne ? "it was" : "they were"} counted` +
      `${at === undefined ? "" : `, as was noticed at ${at}`}. No total contains ` +
      `${isOne ? "it" : "them"}.`
    );
  });
}
