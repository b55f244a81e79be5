import { describe, expect, test } from "bun:test";
import {
  BOOKKEEPING_KEY,
  decodeBookkeeping,
  encodeBookkeeping,
  isBookkeepingKey,
  lawBroken,
  removedSentences,
} from "../../src/wire/bookkeeping.ts";
import { bookkeepingOf } from "../support/bookkeeping.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("decodeBookkeeping", () => {
  test("reads back what encodeBookkeeping wrote, under a key that is no product", () => {
    const note = {
      group: 'a"b',
      sequence: 3,
      inputOffset: 10,
      sales: 7n,
      returns: 2n,
      records: 9n,
      counted: 4n,
      filtered: 3n,
      deadLetters: 2n,
      untimed: 1n,
      skipped: 1n,
      mapping: "0123456789abcdef",
    };
    expect(decodeBookkeeping(encodeBookkeeping(note))).toEqual(note);
    const named = { ...note, writer: "a-1" };
    expect(decodeBookkeeping(encodeBookkeeping(named))).toEqual(named);
    expect(isBookkeepingKey(BOOKKEEPING_KEY)).toBe(true);
    expect(isBookkeepingKey(bytes("Laptop"))).toBe(false);
    expect(isBookkeepingKey(null)).toBe(false);
  });

  test("reads back what is known of days, which no version without days reads", () => {
    const note = bookkeepingOf({ sales: 7n, writer: "a-1" });
    const days = {
      zone: "Europe/Berlin",
      latest: "2026-11-26",
      outsideSales: 3n,
      outsideReturns: 0n,
    };
    const written = encodeBookkeeping({ ...note, days });
    expect(decodeBookkeeping(written)).toEqual({ ...note, days });
    expect(new TextDecoder().decode(written)).toContain(
      '{"version":2,"group":"salesboard","sequence":1,',
    );
    const since = { ...note, days: { ...days, since: "2026-11-20" } };
    expect(decodeBookkeeping(encodeBookkeeping(since))).toEqual(since);
    const noDate = encodeBookkeeping({ ...note, days: { ...days, latest: "yesterday" } });
    expect(() => decodeBookkeeping(noDate)).toThrow("must be a date such as 2026-11-26");
  });

  test("reads what builds without mappings wrote as that of the flat sale", () => {
    const text =
      '{"version":1,"group":"salesboard","sequence":1,"inputOffset":9,"sales":7,' +
      '"deadLetters":2,"skipped":0}';
    expect(decodeBookkeeping(bytes(text))).toEqual({
      group: "salesboard",
      sequence: 1,
      inputOffset: 9,
      sales: 7n,
      returns: 0n,
      records: 9n,
      counted: 7n,
      filtered: 0n,
      deadLetters: 2n,
      untimed: 0n,
      skipped: 0n,
      mapping: "flat",
    });
  });
});

describe("lawBroken", () => {
  const note = bookkeepingOf({ inputOffset: 10, sales: 5n, counted: 3n, filtered: 2n });

  test("finds nothing where each record has one outcome", () => {
    expect(lawBroken(note)).toBeUndefined();
    expect(lawBroken({ ...note, skipped: 5n })).toBeUndefined();
  });

  test("finds a record without an outcome", () => {
    expect(lawBroken({ ...note, records: 6n })).toBe(
      "6 records were judged, but the bookkeeping has 3 counted, 2 filtered and 0 dead letters",
    );
  });

  test("finds more records than there are offsets", () => {
    expect(lawBroken({ ...note, skipped: 6n })).toBe(
      "11 records were counted or skipped, but only 10 exist",
    );
  });
});

test("removedSentences says how many records of which partitions are in no total", () => {
  const of = (skipped: bigint, inputTopic: string, skippedAt?: string) => {
    return bookkeepingOf({ skipped, inputTopic, ...(skippedAt && { skippedAt }) });
  };
  const [early, late] = ["2026-11-26T06:38:12.000Z", "2026-11-27T06:38:12.000Z"];
  expect(removedSentences([])).toEqual([]);
  expect(removedSentences([[1, of(1n, "sales", early)]])).toEqual([
    "Retention removed 1 record of sales (partition 1) before it was counted, as was noticed at " +
      `${early}. No total contains it.`,
  ]);
  const all = [
    [10, of(3n, "sales", late)],
    [2, of(1n, "sales", early)],
    // Of an earlier build, which did not note when.
    [2, of(7n, "books")],
  ] as const;
  expect(removedSentences(all)).toEqual([
    "Retention removed 4 records of sales (partition 2, 10) before they were counted, as was " +
      `noticed at ${late}. No total contains them.`,
    "Retention removed 7 records of books (partition 2) before they were counted. No total " +
      "contains them.",
  ]);
});
