/** What is said of a record in one of our topics that this version of Salesboard cannot read. */

import type { UnreadableRecordError } from "../lib/errors.ts";
import { LaterVersionError } from "./output-record.ts";

/** Where a record stands. */
export interface RecordPlace {
  topic: string;
  partition: number;
  offset: number;
}

/** The record and what is odd about it, in a clause. */
export function foreignRecord(
  { topic, partition, offset }: RecordPlace,
  { message }: UnreadableRecordError,
): string {
  return (
    `${topic}, partition ${partition}, offset ${offset}, holds a record that Salesboard did not ` +
    `write (${message})`
  );
}

/** What a reader says of such a record. */
export function skippedSentence(place: RecordPlace, error: UnreadableRecordError): string {
  const record =
    error instanceof LaterVersionError ? laterRecord(place, error) : foreignRecord(place, error);
  return `Skipped: ${record}. It counts for nothing here. Further ones are not logged.`;
}

/** What such a record means for the totals beside it, and what to do before they are made anew. */
export function foreignTotal(place: RecordPlace, error: UnreadableRecordError): string {
  if (error instanceof LaterVersionError) {
    return `${laterRecord(place, error)}. Run that version, which goes on from these totals`;
  }
  return (
    `${foreignRecord(place, error)}, so that the totals beside it cannot be trusted. Keep the ` +
    "program that wrote it away from this topic, or give Salesboard another --output-topic"
  );
}

function laterRecord({ topic, partition, offset }: RecordPlace, { message }: Error): string {
  return (
    `${topic}, partition ${partition}, offset ${offset}, was written by a later version of ` +
    `Salesboard (${message})`
  );
}
