/** Comma-separated values (RFC 4180) that are safe to open in a spreadsheet. */

/** A text, or digits, which are written as they are. */
export type Cell = { text: string } | { digits: string };

export function encodeCsv(head: readonly string[], rows: Iterable<readonly Cell[]>): string {
  return [...csvLines(head, rows)].join("");
}

/** Begins with a byte order mark, which tells spreadsheets that the file is UTF-8. */
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
 * Spreadsheets run a text that begins with one of these as a formula. A leading apostrophe prevents
 * that (OWASP, CSV Injection).
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function cellOf(cell: Cell): string {
  if ("digits" in cell) return cell.digits;
  const text = FORMULA.test(cell.text) ? `'${cell.text}` : cell.text;
  // Spreadsheets split cells at semicolons where the decimal sign is a comma.
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
