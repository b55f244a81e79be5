import { describe, expect, test } from "bun:test";
import { boardTopics, boardTopicsAmong, pairedTopics, perTopic } from "../../src/config/config.ts";
import { parseMapping } from "../../src/mapping/rules/parse.ts";
import { configOf } from "../support/context.ts";

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

describe("perTopic", () => {
  const named = (...args: string[]) =>
    perTopic(configOf("aggregate", "--brokers", "k:9092", ...args)).map((of) => {
      const { inputTopics, inputTopic, outputTopic, historyTopic, deadLetterTopic, group } = of;
      expect(inputTopics).toEqual([inputTopic]);
      return { inputTopic, outputTopic, historyTopic, deadLetterTopic, group };
    });

  test("the first topic keeps the names of the settings, and the others have their own", () => {
    const [first, second, ...others] = named("--input-topic", "a,b");
    expect(others).toEqual([]);
    expect(first).toEqual(named("--input-topic", "a")[0] as typeof first);
    expect(second).toEqual({
      inputTopic: "b",
      outputTopic: "processed_sales_topic.of-b",
      historyTopic: "processed_sales_topic.of-b.history",
      deadLetterTopic: "b.dlq",
      group: "salesboard.of-b",
    });
  });

  test("follows names that were given, and shares the dead letters that have one", () => {
    const own = ["--output-topic", "o", "--history-topic", "h", "--dead-letter-topic", "d"];
    const [, second] = named("--input-topic", "a,b", "--group", "g", ...own);
    expect(second).toEqual({
      inputTopic: "b",
      outputTopic: "o.of-b",
      historyTopic: "h.of-b",
      deadLetterTopic: "d",
      group: "g.of-b",
    });
  });

  // So that one of several can be verified, reset and counted by itself, by its names.
  test("the names of a topic, given by hand, are those of that topic alone", () => {
    const [, second] = named("--input-topic", "a,b");
    const output = ["--output-topic", "processed_sales_topic.of-b"];
    const alone = named("--input-topic", "b", ...output, "--group", "salesboard.of-b");
    expect(alone).toEqual([second as NonNullable<typeof second>]);
  });
});
