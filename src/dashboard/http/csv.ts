/** Comma-separated values (RFC 4180), safe to be opened in a spreadsheet. */

/** A text, or digits that are no text. */
export type Cell = { text: string } | { digits: string };

export function encodeCsv(head: readonly string[], rows: Iterable<readonly Cell[]>): string {
  return [...csvLines(head, rows)].join("");
}

/** With a byte order mark, by which spreadsheets know that it is UTF-8. */
export function* csvLines(
  head: readonly string[],
  rows: Iterable<readonly Cell[]>,
): Generator<string> {
  yield `\ufeff${lineOf(head.map((text) => ({ text })))}`;
  for (const row of rows) yield lineOf(row);
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

/**
 * Spreadsheets take a text that begins with one of these for a formula, and run it: an apostrophe
 * before it makes it a text (OWASP, CSV Injection).
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function cellOf(cell: Cell): string {
  if ("digits" in cell) return cell.digits;
  const text = FORMULA.test(cell.text) ? `'${cell.text}` : cell.text;
  // Where the decimal sign is a comma, spreadsheets part cells at semicolons.
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
