/** The shapes of sales events that were found in public, with their exact results. */

import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import { type InputFormat, inputFormats } from "../../src/mapping/judge.ts";
import type { StoredSchema } from "./registry.ts";
import { sharedData } from "./require.ts";

export interface SharedCase {
  name: string;
  format: string;
  map: string[];
  records: number;
  sales: number;
  returns: number;
  filtered: number;
  /** `line 5: …`, counted from 1; the words of the reasons are ours to choose. */
  deadLetters: string[];
  products: {
    product: string;
    totalQuantity: string;
    totalPrice: string;
    sales: number;
    returns: number;
  }[];
  currency: string;
}

/** Empty, with a warning, where the shared data are not there. */
export function sharedCases(): SharedCase[] {
  const cases = sharedData("payloads/cases.json");
  if (!cases) console.warn("Skipped: the shared samples of sales events are not there");
  return JSON.parse(cases?.text() ?? "[]");
}

export function isJudged(sample: SharedCase): sample is SharedCase & { format: InputFormat } {
  return inputFormats.some((format) => format === sample.format);
}

/** In a format that needs no schema. */
export function isText(sample: SharedCase): sample is SharedCase & { format: "json" | "csv" } {
  return sample.format === "json" || sample.format === "csv";
}

/** A line is a record's value: as it stands, `null`, a line of csv as a text, or bytes. */
export function valuesOf({ name, format }: SharedCase): (string | Uint8Array | null)[] {
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

/** The Avro schema beside the case, by the id that its records name; and the `.proto` file. */
export function schemaOptionsOf(sample: SharedCase): {
  schemas: Record<string, StoredSchema>;
  options: string[];
} {
  const schema = sharedData(`payloads/${sample.name}.avsc`)?.text();
  if (schema) return { schemas: { 7: { schemaType: "AVRO", schema } }, options: [] };
  const proto = sharedData(`payloads/${sample.name}.proto`);
  if (!proto) return { schemas: {}, options: [] };
  return { schemas: {}, options: ["--schema", proto.path, "--message", "shop.OrderResult"] };
}

export function headersOf({ name }: SharedCase): Record<string, string>[] {
  return JSON.parse(sharedData(`payloads/${name}.headers.json`)?.text() ?? "[]");
}

/** The records of a case as a producer sends them. */
export function recordsOf(sample: SharedCase): OutgoingRecord[] {
  const encoder = new TextEncoder();
  const headers = headersOf(sample);
  return valuesOf(sample).map((value, i) => ({
    value: typeof value === "string" ? encoder.encode(value) : value,
    headers: Object.entries(headers[i] ?? {}).map(([name, text]) => ({
      name,
      value: encoder.encode(text),
    })),
  }));
}
