/** The shapes of sales events that were found in public: each gives exactly its totals. */

import { expect, test } from "bun:test";
import type { InputFormat } from "../../src/mapping/judge.ts";
import { sharedData } from "../support/require.ts";
import { judgeOf, record, Tally } from "./records.ts";

interface Case {
  name: string;
  format: string;
  map: string[];
  records: number;
  sales: number;
  returns: number;
  filtered: number;
  /** `line 5: …`, counted from 1; the words of the reasons are ours to choose. */
  deadLetters: string[];
  products: { product: string }[];
  currency: string;
}

const formats: readonly string[] = ["json", "csv"] satisfies InputFormat[];
const cases = sharedData("payloads/cases.json");
if (!cases) console.warn("Skipped: the shared samples of sales events are not there");

for (const sample of JSON.parse(cases?.text() ?? "[]") as Case[]) {
  const isSupported = formats.includes(sample.format);
  if (!isSupported) console.warn(`Skipped: ${sample.name}: ${sample.format} is not judged here`);
  test.skipIf(!isSupported)(sample.name, () => {
    const tally = new Tally();
    const { format, currency } = sample as Case & { format: InputFormat };
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

/** A line is a record's value: as it stands, `null`, a line of csv as a text, or bytes. */
function valuesOf({ name, format }: Case): (string | Uint8Array | null)[] {
  const lines = (sharedData(`payloads/${name}.ndjson`)?.text() ?? "").split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (value === null) return null;
      if (format === "csv") return String(value);
      const { value_base64: base64 } = value as { value_base64?: string };
      return base64 === undefined ? line : Uint8Array.from(Buffer.from(base64, "base64"));
    });
}

function headersOf({ name }: Case): Record<string, string>[] {
  return JSON.parse(sharedData(`payloads/${name}.headers.json`)?.text() ?? "[]");
}
