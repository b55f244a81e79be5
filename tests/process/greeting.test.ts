import { expect, test } from "bun:test";
import { greeting, logOptions } from "../../src/process/greeting.ts";
import { configOf } from "../support/context.ts";

const url = "http://127.0.0.1:3000/";

test("a person reads that the sales of the demo are made up, and the address last", () => {
  const text = greeting({ config: configOf("run"), url, brokers: "a:1", hasColours: true });
  expect(text.split("\n")).toEqual([
    "Salesboard is running. Ctrl+C stops it.",
    "This is a demo: 60 days of made-up sales, and more to come.",
    "The data is in memory, and is lost when Salesboard stops.",
    "Your own sales: salesboard --brokers HOST:9092 --input-topic TOPIC",
    "",
    "\u001b[1mhttp://127.0.0.1:3000/\u001b[0m",
    "",
  ]);
});

test.each([
  ["0d", "This is a demo: the sales are made up."],
  ["1d", "This is a demo: a day of made-up sales, and more to come."],
])("a person reads how much of them there is, with --demo-past %s", (days, sentence) => {
  const config = configOf("run", "--demo-past", days);
  expect(greeting({ config, url, brokers: "a:1", hasColours: true })).toContain(`\n${sentence}\n`);
});

test("a person reads where the sales come from", () => {
  const config = configOf("run", "--brokers", "kafka:9092", "--input-topic", "orders");
  const text = greeting({ config, url, brokers: "kafka:9092", hasColours: false });
  expect(text).toBe(
    "Salesboard is running. Ctrl+C stops it.\n" +
      "The sales come from the topic orders at kafka:9092.\n\n" +
      "http://127.0.0.1:3000/\n",
  );
});

test("an embedded broker without made-up sales says where to send some", () => {
  const config = configOf("run", "--roles", "aggregator,dashboard");
  const text = greeting({ config, url, brokers: "127.0.0.1:4", hasColours: false });
  expect(text).toContain("from the topic sales_topic_electronics at 127.0.0.1:4.\nThe data is in");
});

test("a person reads all topics that the sales come from", () => {
  const config = configOf("serve", "--brokers", "kafka:9092", "--input-topic", "orders,tills");
  const text = greeting({ config, url, brokers: "kafka:9092", hasColours: false });
  expect(text).toContain("\nThe sales come from the topics orders, tills at kafka:9092.\n");
});

// Its page stood below warnings of the client, which said the same in other words.
test("doctor logs what is an error alone, unless more is asked for", () => {
  const levelOf = (...args: string[]) => logOptions(configOf("doctor", ...args)).level;
  expect(levelOf()).toBe("error");
  expect(levelOf("--log-level", "info")).toBe("info");
  expect(logOptions(configOf("run")).level).toBe("auto");
});
