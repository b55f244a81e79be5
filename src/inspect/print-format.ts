/** The format of a sample, in a sentence. */

import type { Findings } from "./findings.ts";
import { mendOf } from "./sample/looks.ts";

export function formatText({
  format,
  forms,
  prefixed,
  schemaIds,
  records,
  hasHeader,
  looks,
}: Findings): string {
  if (records === 0) return "";
  const empty = forms.none > 0 ? `; ${forms.none} without a value` : "";
  const ids = schemaIds.length === 1 ? `schema id ${schemaIds[0]}` : `schema ids ${schemaIds}`;
  if (format === "json") {
    const prefix = prefixed > 0 ? `, ${prefixed} of them behind a registry's prefix (${ids})` : "";
    const others = forms.text + forms.framed + forms.binary;
    if (looks && others === 0) return unsupported(looks) + empty;
    const like = looks ? `, the first of them ${looks}` : "";
    const other = others > 0 ? `; ${others} are not JSON${like}` : "";
    return `Format: JSON${prefix}${other}${empty}`;
  }
  if (format === "csv") {
    const named = hasHeader ? "; the first line names the columns" : "";
    return `Format: csv, by its commas${named}${empty}`;
  }
  if (format === "avro" || format === "protobuf") {
    const name = format === "avro" ? "Avro" : "Protobuf";
    const prefix = prefixed > 0 ? `, behind a registry's prefix (${ids})` : "";
    const others = forms.text + forms.framed + forms.binary + forms.json;
    const other = others > 0 ? `; ${others} cannot be read by their schema` : "";
    return `Format: ${name}${prefix}${other}${empty}`;
  }
  if (format === "binary") {
    return (
      `Format: Avro or Protobuf behind a registry's prefix (${ids}). Add ` +
      `--schema-registry URL and --input-format avro, or protobuf${empty}`
    );
  }
  if (format === "none") return "Format: no record has a value";
  if (looks) return unsupported(looks) + empty;
  if (forms.binary > 0) {
    return (
      "Format: binary without a registry's prefix. If it is Avro or Protobuf, add " +
      `--schema FILE and --input-format avro, or protobuf${empty}`
    );
  }
  return unsupported("text that is not JSON") + empty;
}

function unsupported(looks: string): string {
  return `Format: ${looks}. Salesboard does not read it: ${mendOf(looks)}`;
}
