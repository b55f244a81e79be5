import { describe, expect, test } from "bun:test";
import {
  boardTopics,
  boardTopicsAmong,
  pairedTopics,
  perTopic,
  withFound,
} from "../../src/config/config.ts";
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

  /** As `named`, with the topics that the patterns in `inputs` have found. */
  const found = (inputs: string, topics: readonly string[], ...args: string[]) => {
    const given = configOf("aggregate", "--brokers", "k:9092", "--input-topic", inputs, ...args);
    return perTopic(withFound(given, topics)).map((of) => {
      expect(of).toMatchObject({ inputs: [of.inputTopic], foundTopics: [] });
      const { inputTopic, outputTopic, historyTopic, deadLetterTopic, group } = of;
      return { inputTopic, outputTopic, historyTopic, deadLetterTopic, group };
    });
  };
  const longNames = (topic: string) => ({
    inputTopic: topic,
    outputTopic: `processed_sales_topic.of-${topic}`,
    historyTopic: `processed_sales_topic.of-${topic}.history`,
    deadLetterTopic: `${topic}.dlq`,
    group: `salesboard.of-${topic}`,
  });

  // Two processes that look at different times, or a topic that sorts first, would otherwise take
  // each other's names.
  test("a topic that a pattern found has the long names, even as the first or the only one", () => {
    expect(found("sales_*", ["sales_b"])).toEqual([longNames("sales_b")]);
    const both = ["sales_b", "sales_a"].map(longNames);
    expect(found("sales_*", ["sales_b", "sales_a"])).toEqual(both);
    expect(found("sales_*", [])).toEqual([]);
  });

  test("beside a pattern, the first name keeps the names of the settings, wherever it stands", () => {
    const [first] = named("--input-topic", "sales_a");
    expect(found("sales_a,sales_*", ["sales_b"])).toEqual([
      first as NonNullable<typeof first>,
      longNames("sales_b"),
    ]);
    expect(found("sales_*,sales_a,c", ["sales_b"]).map((of) => of.outputTopic)).toEqual([
      "processed_sales_topic",
      "processed_sales_topic.of-c",
      "processed_sales_topic.of-sales_b",
    ]);
    expect(found("sales_a,sales_*", [])).toEqual([first as NonNullable<typeof first>]);
  });

  test("a found topic follows names that were given, as any further topic does", () => {
    const own = ["--output-topic", "o", "--history-topic", "h", "--dead-letter-topic", "d"];
    expect(found("*", ["b"], ...own)).toMatchObject([
      { outputTopic: "o.of-b", historyTopic: "h.of-b", deadLetterTopic: "d" },
    ]);
  });

  // So that one of several can be verified, reset and counted by itself, by its names.
  test("the names of a topic, given by hand, are those of that topic alone", () => {
    const [, second] = named("--input-topic", "a,b");
    const output = ["--output-topic", "processed_sales_topic.of-b"];
    const alone = named("--input-topic", "b", ...output, "--group", "salesboard.of-b");
    expect(alone).toEqual([second as NonNullable<typeof second>]);
  });
});
