/** Words of messages and command lines: a user's own, the known one that is meant, and counts. */

const QUOTED_MAX = 100;

/** A user's value for a message: bare when harmless, else quoted, escaped and cut. */
export function quoted(text: string): string {
  if (/^[\x21-\x7e]{1,100}$/.test(text)) return text;
  const cut = text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text;
  // JSON does not escape DEL and C1, and terminals act on them.
  return JSON.stringify(cut).replace(
    /[\x7f-\x9f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A word of a command line. Nothing in single quotes means anything to a shell. */
export function shellQuoted(text: string): string {
  return /^[\w.,:=@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** With a capital letter, as the beginning of a sentence. */
export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Without the full stop, for the middle of a sentence. */
export function withoutStop(text: string): string {
  return text.replace(/\.$/, "");
}

/** "1 record", "2,000 records". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** "; did you mean --port?" when a known word is at most 2 letters, or a third, away; else "". */
export function didYouMean(word: string, known: readonly string[]): string {
  const editsMax = Math.max(2, Math.floor(Math.min(word.length, 60) / 3));
  let nearest = { edits: editsMax + 1, candidate: "" };
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > editsMax) continue;
    const edits = editDistance(word, candidate);
    // Two words without a letter in common are not near.
    const isNear = edits < Math.max(word.length, candidate.length);
    if (isNear && edits < nearest.edits) nearest = { edits, candidate };
  }
  return nearest.candidate && `; did you mean ${nearest.candidate}?`;
}

/** The Levenshtein distance: insertions, deletions and replacements between two words. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = at(row, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, at(row, j) + 1, at(next, j - 1) + 1));
    }
    row = next;
  }
  return at(row, to.length);
}

function at(row: readonly number[], i: number): number {
  return row[i] ?? Number.POSITIVE_INFINITY;
}
