/** What `doctor` says of a pattern. */

import { expect, test } from "bun:test";
import { findInputs } from "../../src/doctor/inputs.ts";
import { KafkaError } from "../../src/kafka/kafka.ts";
import { configOf } from "../support/context.ts";

const of = (inputs: string) => configOf("doctor", "--brokers", "k:9092", "--input-topic", inputs);
const looked = (inputs: string, ...names: string[]) =>
  findInputs(of(inputs), { topicNames: async () => names });

test("of names nothing is asked", async () => {
  const topicNames = () => Promise.reject(new Error("asked"));
  expect((await findInputs(of("a,b"), { topicNames })).findings).toEqual([]);
});

test("what a pattern finds is named, and looked at as if it were named", async () => {
  const { config, findings } = await looked("a,s*", "s2", "s1", "a", "s1.dlq");
  expect(config.inputTopics).toEqual(["a", "s1", "s2"]);
  expect(findings).toMatchObject([
    { check: "topics", state: "ok", text: "What matches s* is s1, s2." },
  ]);
});

test("nothing that matches is a problem, with what there is", async () => {
  const { findings } = await looked("s*", "a", "b");
  expect(findings).toMatchObject([
    { state: "problem", text: "No topic matches s*. The brokers have a, b." },
  ]);
});

test("topics that are too many, and totals that nobody sees, are warnings", async () => {
  const many = Array.from({ length: 17 }, (_, i) => `s${i}`);
  const { findings } = await looked("s*", ...many, "processed_sales_topic.of-sold");
  expect(findings.map(({ state }) => state)).toEqual(["ok", "warning", "warning"]);
  expect(findings[1]?.text).toStartWith("The topic s9 matches s* and is not counted: a board has");
  expect(findings[2]?.text).toContain("the topic sold is gone");
});

test("brokers that name no topic are a problem", async () => {
  const error = new KafkaError("Away.", { code: "_TRANSPORT", verdict: "retry" });
  const { findings } = await findInputs(of("s*"), { topicNames: () => Promise.reject(error) });
  expect(findings).toMatchObject([
    { state: "problem", text: "It is not known which topics match s*: Away." },
  ]);
});
