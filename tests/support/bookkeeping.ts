/** Bookkeeping as an aggregator writes it, for tests that care about a part of it. */

import { type Bookkeeping, encodeBookkeeping } from "../../src/wire/bookkeeping.ts";

/** Of flat sales, one of each record, unless `part` says more. */
export function bookkeepingOf(part: Partial<Bookkeeping> = {}): Bookkeeping {
  const none = { filtered: 0n, deadLetters: 0n, untimed: 0n, skipped: 0n };
  const head = { group: "salesboard", sequence: 1, inputOffset: 0, mapping: "flat" };
  const counts = { ...none, sales: 0n, returns: 0n, ...part };
  const counted = part.counted ?? counts.sales;
  const records = counted + counts.filtered + counts.deadLetters;
  return { ...head, counted, records, ...counts };
}

export function bookkeepingRecord(part: Partial<Bookkeeping> = {}): Uint8Array {
  return encodeBookkeeping(bookkeepingOf(part));
}
