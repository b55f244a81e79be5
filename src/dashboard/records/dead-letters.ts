/** Dead letters: invalid records with their reasons and sources. */

import { dateOf, type RecordSearch, recordAt, type StoredRecord } from "./records.ts";

/** Letters that a page or a file shows. */
export const LETTERS_MAX = 100;
/** Letters whose reasons the page sums up. */
const REASONS_LETTERS_MAX = 1_000;
/** A number that no JSON reader rounds. */
const SAFE_INTEGER = /^\d{1,15}$/;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A letter with every byte. A part that is not UTF-8 is Base64, in a field whose name says so. */
export interface Letter extends Value {
  /** The time of the original record, ISO 8601. */
  readonly timestamp: string | null;
  readonly reason: string | null;
  readonly sourceTopic: string | null;
  readonly sourcePartition: number | null;
  readonly sourceOffset: number | null;
  readonly key?: string | null;
  readonly keyBase64?: string;
  /** All headers, including those of the aggregator. */
  readonly headers: readonly ({ readonly name: string } & Value)[];
  /** The dead-letter topic, which is another one for each input topic. */
  readonly topic: string;
  /** There. */
  readonly partition: number;
  readonly offset: number;
}

interface Value {
  readonly value?: string | null;
  readonly valueBase64?: string;
}

export function lettersWish(topic: string): RecordSearch<StoredRecord> {
  return { topic, count: LETTERS_MAX, pick: recordAt };
}

/** The same with more letters, for their reasons. */
export function reasonsWish(topic: string): RecordSearch<StoredRecord> {
  return { ...lettersWish(topic), count: REASONS_LETTERS_MAX };
}

/**
 * Missing headers become null: another program may have written the record. `topic`: where it is
 * from, if it does not say.
 */
export function letterOf(record: StoredRecord, topic: string): Letter {
  const text = (name: string) => {
    const value = headerOf(record, name);
    return value === null ? null : decoder.decode(value);
  };
  const integer = (name: string) => {
    const digits = text(name) ?? "";
    return SAFE_INTEGER.test(digits) ? Number(digits) : null;
  };
  const { key, value, headers, partition, offset } = record;
  return {
    timestamp: dateOf(record.timestamp)?.toISOString() ?? null,
    reason: text("error"),
    sourceTopic: text("source.topic"),
    sourcePartition: integer("source.partition"),
    sourceOffset: integer("source.offset"),
    ...field("key", key),
    ...field("value", value),
    headers: headers.map(({ name, value }) => ({ name, ...field("value", value) })),
    topic: record.topic ?? topic,
    partition,
    offset,
  };
}

/** The last header of the name, because a sender may have used a name of the aggregator. */
export function headerOf({ headers }: StoredRecord, name: string): Uint8Array | null {
  return headers.findLast((each) => each.name === name)?.value ?? null;
}

function field(name: "key" | "value", bytes: Uint8Array | null): object {
  try {
    return { [name]: bytes === null ? null : strictDecoder.decode(bytes) };
  } catch {
    return { [`${name}Base64`]: Buffer.from(bytes ?? []).toString("base64") };
  }
}
