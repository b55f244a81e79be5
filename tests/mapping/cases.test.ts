/** The shapes of sales events that were found in public: each gives exactly its totals. */

import { expect, test } from "bun:test";
import { headersOf, isJudged, sharedCases, valuesOf } from "../support/shared-cases.ts";
import { judgeOf, record, Tally } from "./records.ts";

for (const sample of sharedCases()) {
  const isSupported = isJudged(sample);
  if (!isSupported) {
    console.warn(`Skipped: ${sample.name}: ${sample.format} is not judged here`);
    continue;
  }
  test(sample.name, () => {
    const tally = new Tally();
    const { format, currency } = sample;
    const judge = judgeOf(sample.map.join("; "), { format, currency });
    for (const [i, value] of valuesOf(sample).entries()) {
      tally.add(judge.judge(record(value, { headers: headersOf(sample)[i] ?? {} })));
    }
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

function sorted(products: readonly { product: string }[]) {
  return [...products].sort((a, b) => (a.product < b.product ? -1 : 1));
}
