import { describe, expect, test } from "bun:test";
import { boardTopics, boardTopicsAmong, pairedTopics } from "../../src/config/config.ts";
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

  test("finds those of former mappings by their names", () => {
    const there = [
      "totals",
      "totals.by-till",
      "totals.by-",
      "totals.by-A",
      "x.by-a",
      "totals.by-a",
    ];
    expect(boardTopicsAmong(there, "totals")).toEqual([
      { name: "a", topic: "totals.by-a" },
      { name: "till", topic: "totals.by-till" },
    ]);
  });

  test("stands beside the other topics that are as the input is", () => {
    const mapping = parseMapping("product: p; price: 1; by a: b");
    const config = { mapping, outputTopic: "o", historyTopic: "h" };
    expect(pairedTopics({ ...config, history: "on" })).toEqual(["o", "h", "o.by-a"]);
    expect(pairedTopics({ ...config, history: "off" })).toEqual(["o", "o.by-a"]);
  });

  test("without a rule or a mapping there is none", () => {
    expect(of("")).toEqual([]);
    expect(boardTopics({ outputTopic: "totals", mapping: undefined })).toEqual([]);
  });
});
