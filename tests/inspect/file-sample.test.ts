/** Csv files that begin with the names of their columns. */

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFileSample } from "../../src/inspect/file-sample.ts";
import { propose } from "../../src/inspect/proposal/propose.ts";
import { utc } from "../../src/mapping/exact/zone.ts";

const folder = mkdtempSync(join(tmpdir(), "file-sample-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(last: number, ...lines: string[]) {
  const path = join(folder, "sales.csv");
  writeFileSync(path, lines.join("\n"));
  const { records, of } = await readFileSample(path, { last, topic: "sales" });
  return {
    records,
    of,
    texts: records.map(({ value }) => new TextDecoder().decode(value ?? undefined)),
  };
}

const header = "id,placed_at,item,qty,unit_price";
const sales = Array.from({ length: 20 }, (_, i) => `${i},2026-05-01 09:0${i % 10},Kite,2,17.25`);

test("readFileSample keeps a header before the last lines, and no other first line", async () => {
  const { texts, of } = await read(3, header, ...sales);
  expect(texts).toEqual([header, ...sales.slice(-2)]);
  expect(of).toBe(21);
  expect((await read(3, ...sales)).texts).toEqual(sales.slice(-3));
  expect((await read(100, header, ...sales)).texts).toEqual([header, ...sales]);
});

// Of an export, only the numbers of the columns were known, and every rule was a guess.
test.each([1_000, 10])("a header names the columns, with --last %d", async (last) => {
  const { records } = await read(last, header, ...sales);
  const proposal = propose(records, { currency: "USD", zone: utc });
  expect(proposal?.rules.map(({ rule }) => rule)).toEqual([
    "columns: id, placed_at, item, qty, unit_price",
    "product: item",
    "quantity: qty",
    "price: unit_price",
    "time: placed_at",
    "only: id not in (id)",
  ]);
  expect(proposal).toMatchObject({
    format: "csv",
    sureness: "sure",
    outcomes: { counted: records.length - 1, filtered: 1, deadLetters: 0 },
  });
});
