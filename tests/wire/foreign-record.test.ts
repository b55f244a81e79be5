/** What a person reads of a record in the output topic that this version did not write. */

import { describe, expect, test } from "bun:test";
import { decodeBookkeeping } from "../../src/wire/bookkeeping.ts";
import { foreignTotal, skippedSentence } from "../../src/wire/foreign-record.ts";
import { NotATotalError } from "../../src/wire/output-record.ts";
import { decodeTotalRecord } from "../../src/wire/total-record.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const place = { topic: "out", partition: 3, offset: 17 };
const note = '{"version":2,"group":"g","sequence":1,"inputOffset":2,"sales":1,"deadLetters":0';

function errorOf(decode: () => unknown): NotATotalError {
  try {
    decode();
  } catch (error) {
    if (error instanceof NotATotalError) return error;
    throw error;
  }
  throw new Error("It was read");
}

// "✖ Invalid input: expected string, received undefined → at product", on several lines.
describe("what is odd about a record is said in words:", () => {
  test.each([
    ["", "the value is empty"],
    ["hello", "the value is not JSON"],
    ["[1]", "the value is no JSON object"],
    ["null", "the value is no JSON object"],
    ["{}", "the value has no product"],
    ['{"product":"Tea","totalQuantity":"x"}', 'totalQuantity is "x"'],
    [
      '{"product":"Tea","totalQuantity":1.1234567}',
      "totalQuantity must be a number with at most 6 decimals, received 1.1234567",
    ],
  ])("a total of %p", (value, reason) => {
    const { message } = errorOf(() => decodeTotalRecord(bytes("Tea"), bytes(value)));
    expect(message).toBe(reason);
  });

  test.each([
    ['{"version":1.5}', "version must be an integer, received 1.5"],
    ['{"version":0}', "version must be 1 or 2, received 0"],
    [`${note},"skipped":0,"days":{"zone":5}}`, "days.zone is 5"],
    [`${note}}`, "the value has no skipped"],
  ])("bookkeeping of %p", (value, reason) => {
    expect(errorOf(() => decodeBookkeeping(bytes(value))).message).toBe(reason);
  });
});

test("a refusal names the place, what it means, and what to do", () => {
  const odd = errorOf(() => decodeTotalRecord(bytes("Tea"), bytes("hello")));
  expect(foreignTotal(place, odd)).toBe(
    "out, partition 3, offset 17, holds a record that Salesboard did not write (the value is not " +
      "JSON), so that the totals beside it cannot be trusted. Keep the program that wrote it away " +
      "from this topic, or give Salesboard another --output-topic",
  );
  expect(skippedSentence(place, odd)).toBe(
    "Skipped: out, partition 3, offset 17, holds a record that Salesboard did not write (the value " +
      "is not JSON). It counts for nothing here. Further ones are not logged.",
  );
});

// A build before it was started again: to count anew would have thrown good totals away.
test("totals of a later version are left to it", () => {
  const later = errorOf(() => decodeBookkeeping(bytes('{"version":3,"shape":"new"}')));
  const written =
    "out, partition 3, offset 17, was written by a later version of Salesboard (its bookkeeping " +
    "has version 3, and this one reads up to 2)";
  expect(foreignTotal(place, later)).toBe(
    `${written}. Run that version, which goes on from these totals`,
  );
  expect(skippedSentence(place, later)).toStartWith(`Skipped: ${written}. It counts for nothing`);
});
