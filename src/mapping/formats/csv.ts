/** A line of csv (RFC 4180) → an object of its columns. */

import { type DecodedValue, UnreadableError } from "../model/value.ts";
import { decodeText } from "./json.ts";

/**
 * One record of csv without a header, with or without a line break at its end. A field that is
 * empty and has no quotes is null; `""` is an empty text. Spaces belong to a field.
 * @throws UnreadableError when `bytes` are no such line or have another number of columns
 */
export function decodeCsv(bytes: Uint8Array, columns: readonly string[]): DecodedValue {
  const fields = readLine(decodeText(bytes).replace(/\r?\n$/, ""));
  if (fields.length !== columns.length) {
    const received = fields.length === 1 ? "1 column" : `${fields.length} columns`;
    throw wrong(`${received}, expected ${columns.length}`);
  }
  return new Map(fields.map((field, i) => [columns[i] as string, field]));
}

function readLine(line: string): (string | null)[] {
  const fields: (string | null)[] = [];
  const plain = /[^",\r\n]*/y;
  const inQuotes = /"((?:[^"]|"")*)"/y;
  let at = 0;
  while (true) {
    const isQuoted = line[at] === '"';
    const pattern = isQuoted ? inQuotes : plain;
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (!match) throw wrong(`no closing quote in column ${fields.length + 1}`);
    fields.push(isQuoted ? (match[1] ?? "").replaceAll('""', '"') : match[0] || null);
    at += match[0].length;
    if (at === line.length) return fields;
    if (line[at] !== ",") throw wrong(problem(line[at] ?? "", isQuoted, fields.length));
    at++;
  }
}

function problem(character: string, isQuoted: boolean, column: number): string {
  if (/[\r\n]/.test(character)) return "more than one line";
  const place = isQuoted ? "a character behind the closing quote" : "a quote inside of a field";
  return `${place} in column ${column}`;
}

function wrong(problem: string): UnreadableError {
  return new UnreadableError(`csv: ${problem}`);
}
