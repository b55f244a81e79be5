/** The examples of docs/mapping.md, as they stand there. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { utc } from "../../src/mapping/exact/zone.ts";
import { judgeOf, record, told } from "./records.ts";

interface Example {
  title: string;
  /** Language of a block → its text: rules, json or csv, lines, and headers where there are any. */
  blocks: Record<string, string>;
}

const path = fileURLToPath(new URL("../../docs/mapping.md", import.meta.url));
const examples = readFileSync(path, "utf8")
  .split(/^###? /m)
  .map((section): Example => {
    const blocks = [...section.matchAll(/^```(\w+)\n(.*?)\n```$/gms)];
    return {
      title: section.slice(0, section.indexOf("\n")),
      blocks: Object.fromEntries(blocks.map(([, language = "", text = ""]) => [language, text])),
    };
  })
  .filter(({ blocks }) => blocks.rules !== undefined);

test("the document has an example for each of these", () => {
  const shapes = "Shopify WooCommerce Square Stripe commercetools Segment GA4 Debezium outbox";
  const missing = `${shapes} CloudEvents csv`
    .split(" ")
    .filter((shape) => !examples.some(({ title }) => title.includes(shape)));
  expect(missing).toEqual([]);
});

test.each(examples.map((example) => [example.title, example] as const))("%s", (_, { blocks }) => {
  const { rules = "", json, csv, headers = "", lines = "" } = blocks;
  const format = csv === undefined ? "json" : "csv";
  const judge = judgeOf(rules, { format, currency: "USD", zone: utc });
  const pairs = headers.split("\n").map((line) => line.split(": "));
  const verdict = judge.judge(record(json ?? csv ?? "", { headers: Object.fromEntries(pairs) }));
  expect(told(verdict)).toEqual(lines.split("\n"));
  expect(verdict).toMatchObject({ kind: "counted", untimed: 0 });
});
