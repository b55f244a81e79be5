/** The examples of docs/mapping.md, as they stand there. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { judgeWhenReady } from "../../src/mapping/awaiting.ts";
import { utc } from "../../src/mapping/exact/zone.ts";
import { RegistrySchemas } from "../../src/mapping/registry/registry-schemas.ts";
import { startRegistry } from "../support/registry.ts";
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
  const missing = `${shapes} CloudEvents Avro csv`
    .split(" ")
    .filter((shape) => !examples.some(({ title }) => title.includes(shape)));
  expect(missing).toEqual([]);
});

const examplesByTitle = examples.map((example) => [example.title, example] as const);

test.each(examplesByTitle)("%s", async (_, { blocks }) => {
  const { rules = "", json, csv, avsc, base64 = "", headers = "", lines = "" } = blocks;
  const format = avsc ? "avro" : csv === undefined ? "json" : "csv";
  const schema = avsc ?? "null";
  const registry = startRegistry({ schemas: { 7: { schemaType: "AVRO", schema } } });
  const access = { url: registry.url, ca: undefined, token: undefined, requestMs: 30_000 };
  const schemas = new RegistrySchemas({ access, format: "avro", topic: "purchases" });
  const given = { format, currency: "USD", zone: utc } as const;
  const judge = judgeOf(rules, avsc ? { ...given, schemas } : given);
  const pairs = headers.split("\n").map((line) => line.split(": "));
  const value = json ?? csv ?? Uint8Array.from(Buffer.from(base64, "base64"));
  const one = record(value, { headers: Object.fromEntries(pairs) });
  const verdict = await judgeWhenReady(judge, one, ({ arrival }) => arrival);
  await registry.stop();
  expect(told(verdict)).toEqual(lines.split("\n"));
  expect(verdict).toMatchObject({ kind: "counted", untimed: 0 });
});
