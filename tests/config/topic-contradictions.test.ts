/** Names of topics that no command accepts, however they are given. */

import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { kafka, read, refusal } from "../support/settings.ts";

const several = ["--input-topic", "a,b"];

describe("several input topics", () => {
  test("are read from option, variable and file alike", () => {
    const folder = mkdtempSync(`${tmpdir()}/topics-`);
    const [file, list] = [`${folder}/text.toml`, `${folder}/list.toml`];
    writeFileSync(file, 'input-topic = "a, b"');
    writeFileSync(list, 'input-topic = ["a", "b"]');
    const given = [
      read(["aggregate", ...kafka, ...several]),
      read(["aggregate", ...kafka], { SALESBOARD_INPUT_TOPIC: "a,b" }),
      read(["aggregate", ...kafka, "--config", file]),
      read(["aggregate", ...kafka, "--config", list]),
    ];
    for (const { config } of given) {
      expect(config.inputTopics).toEqual(["a", "b"]);
      expect(config.inputTopic).toBe("a");
    }
  });

  test.each([
    ["a,a"],
    ["a,"],
    [",a"],
    ["a,b/c"],
    ["a,.."],
    ["/^sales_.*/"],
    ["^sales"],
    ["sales_[ab]"],
    ["sales_?"],
    ["sales *"],
    ["*,*"],
    [Array.from({ length: 17 }, (_, i) => `t${i}*`).join(",")],
    [Array.from({ length: 17 }, (_, i) => `t${i}`).join(",")],
  ])("are not %s", (text) => {
    const must =
      "it must be a topic name: 1 to 249 characters from a-z, A-Z, 0-9, ., _ and -, but not . or " +
      "..; or up to 16 such names, comma-separated, each once. In a name, * stands for any " +
      "characters, such as sales_topic_*; nothing else is a pattern.";
    const shown = text.includes(" ") ? `"${text}"` : text;
    expect(refusal(["--input-topic", text])).toBe(`Cannot use --input-topic ${shown}: ${must}`);
    const variable = refusal([], { SALESBOARD_INPUT_TOPIC: text });
    expect(variable).toBe(`Cannot use SALESBOARD_INPUT_TOPIC=${shown}: ${must}`);
  });

  // Each of them is one topic for all.
  test.each(["--output-topic", "--dead-letter-topic", "--history-topic"])(
    "stand in no list of %s",
    (flag) => {
      expect(refusal([flag, "a,b"])).toStartWith(
        `Cannot use ${flag} a,b: it must be a topic name: 1 to 249 characters`,
      );
    },
  );

  test("are refused by who reads or sends to one topic, with what to do", () => {
    expect(refusal(["inspect", ...kafka, ...several])).toBe(
      "Cannot use --input-topic a,b with inspect: it looks at one topic. Name one of them.",
    );
    expect(refusal(["produce", ...kafka, ...several])).toBe(
      "Cannot use --input-topic a,b with produce: it sends to one topic. Name one of them.",
    );
    expect(refusal(["run", ...several])).toBe(
      "Cannot use --input-topic a,b with the role producer: it sends to one topic. Use --roles " +
        "aggregator,dashboard, and produce --input-topic a beside it.",
    );
    for (const command of ["run", "aggregate", "serve", "verify", "doctor", "reset", "config"]) {
      expect(read([command, ...kafka, ...several]).config.inputTopics).toEqual(["a", "b"]);
    }
  });

  test("may not be topics that we write, nor may two of ours be the same", () => {
    const all = (topics: string, ...args: string[]) =>
      refusal(["aggregate", ...kafka, "--input-topic", topics, ...args]);
    expect(all("a,a.dlq")).toBe(
      "Cannot use --input-topic a,a.dlq: a.dlq would hold the dead letters and the input topic a.dlq.",
    );
    expect(all("a,b,o.of-b", "--output-topic", "o")).toContain(
      "o.of-b would hold the totals of b and the input topic o.of-b.",
    );
    const rules = ["--map", "product: p; price: 1; by x: c", "--history-topic", "o.of-b.by-x"];
    expect(all("a,b", "--output-topic", "o", ...rules)).toContain(
      "o.of-b.by-x would hold the history of a and the totals of b by x.",
    );
  });

  test("have names that leave room for those of our topics", () => {
    const long = "b".repeat(240);
    expect(refusal(["aggregate", ...kafka, "--input-topic", `a,${long}`])).toContain(
      `the topic for the totals of ${long} would have more than 249 characters, processed_sales`,
    );
  });
});

describe("a pattern", () => {
  test("stands beside names, which alone are known before the brokers have answered", () => {
    const { config } = read(["serve", ...kafka, "--input-topic", "a, sales_*,b"]);
    expect(config).toMatchObject({
      inputs: ["a", "sales_*", "b"],
      inputTopics: ["a", "b"],
      foundTopics: [],
      inputTopic: "a",
      deadLetterTopic: "a.dlq",
    });
    const alone = read(["serve", ...kafka, "--input-topic", "sales_*"]).config;
    expect(alone).toMatchObject({ inputs: ["sales_*"], inputTopics: [] });
  });

  test("needs brokers that know more topics than those that are named", () => {
    const sentence =
      "Cannot use --input-topic sales_* without --brokers (KAFKA_BOOTSTRAP_SERVERS): the embedded " +
      "broker has only topics that are named, so that there is none to find. Name each topic.";
    const args = ["--input-topic", "sales_*"];
    expect(refusal(args)).toBe(sentence);
    expect(refusal(["--roles", "aggregator,dashboard", ...args])).toBe(sentence);
    // A container asks for the health of its service in the same environment.
    expect(read(["health"], { SALESBOARD_INPUT_TOPIC: "sales_*" }).config.inputs).toEqual([
      "sales_*",
    ]);
  });

  test("is refused by who reads or sends to one topic, with what to do", () => {
    const args = [...kafka, "--input-topic", "sales_*"];
    expect(refusal(["inspect", ...args])).toBe(
      "Cannot use --input-topic sales_* with inspect: it looks at one topic. Name one of them.",
    );
    expect(refusal(["produce", ...args])).toBe(
      "Cannot use --input-topic sales_* with produce: it sends to one topic. Name one of them.",
    );
    expect(refusal(["run", "--roles", "producer,aggregator", ...args])).toBe(
      "Cannot use --input-topic sales_* with the role producer: it sends to one topic. Use --roles " +
        "aggregator,dashboard, and produce --input-topic NAME beside it.",
    );
    for (const command of ["run", "aggregate", "serve", "verify", "doctor", "reset", "config"]) {
      expect(read([command, ...args]).config.inputs).toEqual(["sales_*"]);
    }
  });
});
