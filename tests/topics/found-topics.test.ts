/** Which topics a pattern finds, and what is said of those that are not counted. */

import { describe, expect, test } from "bun:test";
import { type Config, perTopic } from "../../src/config/config.ts";
import { findTopics, matches, matching } from "../../src/topics/found-topics.ts";
import { configOf } from "../support/context.ts";
import { seededRandom } from "../support/seed.ts";

const of = (inputs: string, command = "aggregate", ...args: string[]): Config =>
  configOf(command, "--brokers", "k:9092", "--input-topic", inputs, ...args);
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => `s${String(i).padStart(2, "0")}`);
const totalsOf = (topics: readonly string[]) =>
  topics.map((topic) => `processed_sales_topic.of-${topic}`);

describe("a pattern", () => {
  test.each([
    ["sales_*", "sales_", true],
    ["sales_*", "sales_books", true],
    ["sales_*", "Sales_books", false],
    ["sales_*", "my.sales_books", false],
    ["*_sales", "books_sales", true],
    ["*_sales", "books_sales2", false],
    ["a*b*c", "abc", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "acb", false],
    ["ab*ba", "aba", false],
    ["a*aa*a", "aaa", false],
    ["a*aa*a", "aaaa", true],
    ["**", "x", true],
    ["s.*", "s.a", true],
    ["s.*", "sxa", false],
    ["*", "anything.at-all", true],
    ["*", "_schemas", false],
    ["_*", "_schemas", true],
  ])("%s of %s: %p", (pattern, topic, isMatch) => {
    expect(matches(pattern, topic)).toBe(isMatch);
  });

  test("means what the same regular expression means, for made-up names", () => {
    const random = seededRandom("PATTERNS_SEED");
    const word = (letters: string) =>
      Array.from({ length: random.below(8) }, () => random.pick([...letters])).join("");
    for (let i = 0; i < 5_000; i++) {
      const [pattern, topic] = [`${word("ab*")}*${word("ab*")}`, word("ab")];
      const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
      expect([pattern, topic, matches(pattern, topic)]).toEqual([
        pattern,
        topic,
        expression.test(topic),
      ]);
    }
  });

  // With the regular expression that it looks like, this takes longer than the universe is old.
  test("with many stars is decided at once", () => {
    expect(matches(`${"a*".repeat(120)}b`, `${"a".repeat(248)}c`)).toBe(false);
  });
});

describe("what Salesboard writes", () => {
  const ours = [
    ...["processed_sales_topic", "processed_sales_topic.history", "processed_sales_topic.by-till"],
    ...["processed_sales_topic.of-a", "processed_sales_topic.of-a.history", "a.dlq", "gone.dlq"],
    ...["other_totals.of-a", "__consumer_offsets", "__transaction_state"],
  ];

  test("is never found, not by * either: to count our own topics would be a loop", () => {
    expect(matching(of("*"), ["b", ...ours, "a"])).toEqual(["a", "b"]);
    const own = ["--output-topic", "o", "--history-topic", "h", "--dead-letter-topic", "d"];
    const named = of("*", "aggregate", ...own);
    expect(matching(named, ["a", "o", "h", "d", "o.history", "o.by-x", "d.dlq"])).toEqual(["a"]);
  });

  test("is not found when all that is found is counted", () => {
    const { config } = findTopics(of("*,first"), ["a", "b", ...ours]);
    expect(config.inputTopics).toEqual(["first", "a", "b"]);
    const written = perTopic(config).flatMap((each) => {
      return [each.outputTopic, each.historyTopic, each.deadLetterTopic];
    });
    expect(findTopics(config, ["a", "b", ...ours, ...written])).toEqual({
      config,
      uncounted: [],
      notes: [],
    });
  });
});

describe("findTopics", () => {
  test("keeps what was found, in its place, also when the topic is gone", () => {
    const first = findTopics(of("sales_*"), ["sales_b", "x"]).config;
    expect(first.inputTopics).toEqual(["sales_b"]);
    const second = findTopics(first, ["sales_a", "sales_b"]).config;
    expect(second.inputTopics).toEqual(["sales_b", "sales_a"]);
    expect(second).toMatchObject({ inputTopic: "sales_b", deadLetterTopic: "sales_b.dlq" });
    expect(findTopics(second, ["x"]).config.inputTopics).toEqual(["sales_b", "sales_a"]);
  });

  // Each was a sentence in every snapshot of the page.
  test("that matches thousands says so of twenty, and how many more there are", () => {
    const { uncounted } = findTopics(of("s*"), many(2_016));
    expect(uncounted.length).toBe(21);
    expect(uncounted.at(-1)?.text).toMatch(
      /^Beyond these, 1,980 topics that match .* first of them s1022,/,
    );
  });

  test("finds no topic again that is named", () => {
    const { config } = findTopics(of("sales_b,sales_*"), ["sales_a", "sales_b"]);
    expect(config.inputTopics).toEqual(["sales_b", "sales_a"]);
    expect(config.foundTopics).toEqual(["sales_a"]);
  });

  test("says of a 17th topic that it is not counted, and lets it take no other's place", () => {
    const { config, uncounted } = findTopics(of("first,s*"), many(16));
    expect(config.inputTopics).toEqual(["first", ...many(15)]);
    const text = (topic: string) =>
      `The topic ${topic} matches s* and is not counted: a board has at most 16 input topics. ` +
      "Narrow the pattern of --input-topic, or count the topic on another board.";
    expect(uncounted).toEqual([{ topic: "s15", text: text("s15") }]);
    const more = findTopics(config, ["s", ...many(16)]);
    expect(more.config.inputTopics).toEqual(config.inputTopics);
    expect(more.uncounted.map((each) => each.text)).toEqual([text("s"), text("s15")]);
    // One that a restart finds in the order of names would drop a topic that is on the board.
    const restarted = findTopics(of("first,s*"), ["s", ...many(16), ...totalsOf(many(15))]);
    expect(restarted.config.inputTopics).toEqual(config.inputTopics);
  });

  test("lets a reset find all, also what other processes have counted", () => {
    const { config, uncounted } = findTopics(of("s*", "reset"), many(20));
    expect([config.inputTopics.length, uncounted]).toEqual([20, []]);
  });

  // A board that waits for the totals of a topic that nobody counts would show nothing at all.
  test.each(["serve", "verify"])("%s waits for totals, and says of which topic", (command) => {
    const names = ["sales_a", "sales_b", ...totalsOf(["sales_a"])];
    const { config, uncounted } = findTopics(of("sales_*", command), names);
    expect(config.inputTopics).toEqual(["sales_a"]);
    expect(uncounted).toEqual([
      {
        topic: "sales_b",
        text:
          "The topic sales_b matches sales_* and is not counted: there is no topic " +
          "processed_sales_topic.of-sales_b. An aggregator makes it that has the same " +
          "--input-topic, --output-topic and --group.",
      },
    ]);
    // As with a list: then each page says which topic it waits for.
    const none = findTopics(of("sales_*", command), ["sales_a", "sales_b"]);
    expect(none.config.inputTopics).toEqual(["sales_a", "sales_b"]);
  });

  test("counts no topic whose name leaves no room for those of our topics", () => {
    const long = `sales_${"b".repeat(230)}`;
    const { config, uncounted } = findTopics(of("sales_*"), ["sales_a", long]);
    expect(config.inputTopics).toEqual(["sales_a"]);
    expect(uncounted[0]?.text).toStartWith(
      `The topic ${long} matches sales_* and is not counted: the topic for the totals of ${long} ` +
        "would have more than 249 characters, processed_sales_topic.of-sales_bbb",
    );
  });
});

describe("notes", () => {
  test("name totals of topics that are gone, and no others", () => {
    const written = totalsOf(["sales_a", "sales_gone", "orders"]);
    const names = [
      ...["sales_a", ...written, ...written.map((topic) => `${topic}.history`)],
      ...written.map((topic) => `${topic}.by-till`),
    ];
    expect(findTopics(of("sales_*"), names).notes).toEqual([
      "The totals in processed_sales_topic.of-sales_gone are not on the board: the topic " +
        "sales_gone is gone.",
    ]);
  });

  test("say of a topic that was found before, and is gone, that its totals are on the board", () => {
    const { config } = findTopics(of("sales_*"), ["sales_a", "sales_b"]);
    const left = ["sales_b", ...totalsOf(["sales_a", "sales_b"])];
    expect(findTopics(config, left).notes).toEqual([
      "The topic sales_a is gone. Its totals are on the board until a restart.",
    ]);
  });

  // Who puts a pattern where a name was would count anew, and see less where records are gone.
  test("say how totals that were counted by a name go on", () => {
    const names = ["sales_a", "processed_sales_topic"];
    expect(findTopics(of("sales_*"), names).notes).toEqual([
      "The totals in processed_sales_topic are not on the board: a topic that a pattern finds has " +
        "names of its own, and is counted from its beginning. To go on with these totals, put the " +
        "name of their topic first, such as --input-topic NAME,sales_*.",
    ]);
    expect(findTopics(of("sales_a,sales_*"), names).notes).toEqual([]);
  });
});
