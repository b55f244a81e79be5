import { describe, expect, test } from "bun:test";
import { isHeaderLike, readCsv } from "../../../src/inspect/sample/csv.ts";

describe("readCsv", () => {
  test("takes the names of the columns from the first line", () => {
    const csv = readCsv(["item, unit price", "Kettle,24.95", '"Mug, blue",7.50']);
    expect(csv?.columns).toEqual(["item", "unit price"]);
    expect(csv?.header).toEqual(["item", " unit price"]);
    expect(csv?.values).toEqual([
      undefined,
      new Map([
        ["item", "Kettle"],
        ["unit price", "24.95"],
      ]),
      new Map([
        ["item", "Mug, blue"],
        ["unit price", "7.50"],
      ]),
    ]);
  });

  test.each([
    ["a number", ["Kettle,1", "Mug,2"]],
    ["a name twice", ["item,item", "Kettle,1"]],
    ["an empty name", ["item,", "Kettle,1"]],
    ["no numbers below", ["Kettle,blue", "Mug,green"]],
  ])("makes up names when the first line has %s", (_, texts) => {
    expect(readCsv(texts)).toMatchObject({ columns: ["column1", "column2"], header: undefined });
  });

  // It was "csv, by its commas", of which the decimals have one each.
  test("is nothing when semicolons part the columns, and commas the decimals", () => {
    expect(readCsv(["item;units;price", "Tea;2;4,99", "Cup;1;7,50"])).toBeUndefined();
  });

  test("is nothing when the lines have no columns in common", () => {
    expect(readCsv(["a,b", "1", "2", "3"])).toBeUndefined();
  });
});

test("isHeaderLike tells names from records", () => {
  expect(isHeaderLike("order_id,Einzelpreis (EUR),Größe")).toBe(true);
  for (const text of ["item", "1,2", "a,2026-05-01", '{"a":1,"b":2}', "a,", '"a']) {
    expect(isHeaderLike(text)).toBe(false);
  }
});
