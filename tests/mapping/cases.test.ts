/** The shapes of sales events that were found in public: each gives exactly its totals. */

import { expect, test } from "bun:test";
import { judgeWhenReady } from "../../src/mapping/awaiting.ts";
import { inputSchemas } from "../../src/mapping/input-judge.ts";
import { configOf } from "../support/context.ts";
import { startRegistry } from "../support/registry.ts";
import {
  headersOf,
  isJudged,
  schemaOptionsOf,
  sharedCases,
  valuesOf,
} from "../support/shared-cases.ts";
import { judgeOf, record, Tally } from "./records.ts";

for (const sample of sharedCases()) {
  const isSupported = isJudged(sample);
  if (!isSupported) {
    console.warn(`Skipped: ${sample.name}: ${sample.format} is not judged here`);
    continue;
  }
  test(sample.name, async () => {
    const tally = new Tally();
    const { format, currency } = sample;
    const { schemas: stored, options } = schemaOptionsOf(sample);
    const registry = startRegistry({ schemas: stored });
    const asked = format === "avro" ? ["--schema-registry", registry.url] : options;
    const schemas = inputSchemas(configOf("config", "--input-format", csvFree(format), ...asked));
    const judge = judgeOf(sample.map.join("; "), { format, currency, ...(schemas && { schemas }) });
    for (const [i, value] of valuesOf(sample).entries()) {
      const one = record(value, { headers: headersOf(sample)[i] ?? {} });
      tally.add(await judgeWhenReady(judge, one, ({ arrival }) => arrival));
    }
    await registry.stop();
    expect({
      records: tally.records,
      sales: tally.sales,
      returns: tally.returns,
      filtered: tally.filtered,
      deadLetters: tally.deadLetters.map(({ line }) => `line ${line}`),
      products: tally.products,
    }).toEqual({
      records: sample.records,
      sales: sample.sales,
      returns: sample.returns,
      filtered: sample.filtered,
      deadLetters: sample.deadLetters.map((text) => text.replace(/^(line \d+): .*/, "$1")),
      products: sorted(sample.products) as typeof tally.products,
    });
  });
}

/** csv would need its columns. */
function csvFree(format: string): string {
  return format === "csv" ? "json" : format;
}

function sorted(products: readonly { product: string }[]) {
  return [...products].sort((a, b) => (a.product < b.product ? -1 : 1));
}
