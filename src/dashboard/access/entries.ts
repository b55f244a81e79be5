/** What files of users and of tokens have in common: an entry a line, with a name and a role. */

import { readerRoles } from "./reader.ts";

/** The longest name, in characters. */
export const NAME_MAX = 128;
const ENTRIES_MAX = 10_000;

const ALLOWED = "without :, comma and control characters";
export const NAME_PROBLEM = `the name must have 1 to ${NAME_MAX} characters ${ALLOWED}`;
export const ROLE_PROBLEM = `the role must be one of ${readerRoles.join(", ")}`;

/** Whether a text can be the name of a user or a token. */
export function isName(text: string): boolean {
  return text.length <= NAME_MAX && /^[^\p{Cc}:,]+$/u.test(text) && text === text.trim();
}

/**
 * Reads the entries by name. Empty lines and lines that begin with # say nothing. `entryOf`: the
 * entry of a line, or what is wrong with it, without what is secret.
 * @throws Error that says which line is wrong, and why
 */
export function parseEntries<T extends { readonly name: string }>(
  text: string,
  entryOf: (line: string) => T | string,
): Map<string, T> {
  const entries = new Map<string, T>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const refuse = (reason: string) => new Error(`line ${i + 1}: ${reason}`);
    const entry = entryOf(line);
    if (typeof entry === "string") throw refuse(entry);
    if (entries.has(entry.name)) throw refuse(`the name ${entry.name} stands in the file twice`);
    entries.set(entry.name, entry);
    if (entries.size > ENTRIES_MAX) throw refuse(`there are more than ${ENTRIES_MAX} names`);
  }
  return entries;
}
