/** Tables and colours for a terminal of 80 columns. */

import { quotedExcerpt } from "../mapping/model/value.ts";

const COLUMNS = 80;
const GAP = "  ";

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/** Without colours every text stays as it is. */
export function styleOf(hasColours: boolean): Style {
  const paint = (code: number) => (text: string) =>
    hasColours && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), yellow: paint(33) };
}

/**
 * The first row is the head. `widths`: of each column at most; the last one takes what is left.
 * Columns from `numbersFrom` on stand to the right.
 */
export function table(
  rows: readonly (readonly string[])[],
  options: { widths: readonly number[]; style: Style; numbersFrom?: number },
): string[] {
  const { widths, style, numbersFrom = Number.POSITIVE_INFINITY } = options;
  const clean = rows.map((row) => row.map(visibleText));
  let left = COLUMNS - GAP.length;
  const columns = widths.map((most, i) => {
    const needed = Math.max(...clean.map((row) => widthOf(row[i] ?? "")));
    const width = Math.max(0, Math.min(most, needed, left));
    left -= width + GAP.length;
    return width;
  });
  return clean.map((row, at) => {
    const cells = row.map((cell, i) => {
      const width = columns[i] ?? 0;
      const text = cut(cell, width);
      const space = " ".repeat(Math.max(0, width - widthOf(text)));
      return i >= numbersFrom ? space + text : text + space;
    });
    const line = `${GAP}${cells.join(GAP)}`.trimEnd();
    return at === 0 ? style.dim(line) : line;
  });
}

/** Lines of at most 80 columns, all behind `indent`. */
export function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of visibleText(text).split(" ")) {
    const last = lines.at(-1);
    const isFull = last === undefined || widthOf(last) + 1 + widthOf(word) > COLUMNS;
    if (isFull) lines.push(indent + word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return text === "" ? [] : lines;
}

/** A terminal obeys no text of a stranger. */
export function visibleText(text: string): string {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)
    ? quotedExcerpt(text).replace(/\p{Cf}/gu, "?")
    : text;
}

const WIDE_FROM = "\u1100";
/** From there on: East Asian characters but those of half width, and pictures. */
const WIDE =
  /(?![\uff61-\uffdc])[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{EPres}\uff01-\uff60]/u;
const MARK = /[\p{Mn}\p{Me}]/u;

/** At most `width` columns: the last character is "…" where something is left out. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  for (const character of text) {
    if (widthOf(kept + character) >= width) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Columns of a terminal: a character of Chinese takes two, and an accent by itself none. */
export function widthOf(text: string): number {
  const characters = [...text];
  const isWide = (character: string) => character >= WIDE_FROM && WIDE.test(character);
  const marks = characters.filter((character) => MARK.test(character)).length;
  return characters.length + characters.filter(isWide).length - marks;
}
