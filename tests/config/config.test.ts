import { describe, expect, test } from "bun:test";
import { boardTopics } from "../../src/config/config.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";

const of = (by: string) =>
  boardTopics({
    outputTopic: "totals",
    mapping: parseMapping(`product: p; price: 1; ${by}`),
  });

describe("boardTopics", () => {
  test("a dimension has a topic of its own, by the name of the rule", () => {
    expect(of("by till: t; by store: $.store_id")).toEqual([
      { name: "store", topic: "totals.by-store" },
      { name: "till", topic: "totals.by-till" },
    ]);
  });

  test("without a rule or a mapping there is none", () => {
    expect(of("")).toEqual([]);
    expect(boardTopics({ outputTopic: "totals", mapping: undefined })).toEqual([]);
  });
});
