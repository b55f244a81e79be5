import { expect, test } from "bun:test";
import { HistoryPartition } from "../../../src/dashboard/model/history-partition.ts";
import { NotAHistoryError } from "../../../src/wire/history-record.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ["minutes/1", "{}"],
  ["minute/9999", "{}"],
  ["second/0", "no JSON"],
  ["second/0", '{"start":"2026-11-25T06:38:12Z","seconds":1,"products":[]}'],
  ["\0bookkeeping", '{"version":2}'],
])("HistoryPartition refuses %p: %p", (key, value) => {
  const partition = new HistoryPartition(() => 0);
  expect(() => partition.apply(bytes(key), bytes(value))).toThrow(NotAHistoryError);
  expect(partition.isWhole).toBe(true);
  expect(partition.note).toBeUndefined();
});
