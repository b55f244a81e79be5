/** Bearer tokens of programs: a file of lines `name:hash:role:end`, without the tokens themselves. */

import { createHash, randomBytes } from "node:crypto";
import { isReaderRole, type ReaderRole, readerRoles } from "./reader.ts";
import { isName, NAME_MAX } from "./users.ts";

const SECRET_BYTES = 32;
const TOKENS_MAX = 10_000;

export interface Token {
  readonly name: string;
  /** SHA-256 of the token, in hex. A token is too random to be guessed from that. */
  readonly hash: string;
  readonly role: ReaderRole;
  /** Undefined = never. */
  readonly end: Date | undefined;
}

/** A text that nobody can guess. Its start tells people and scanners what it is. */
export function newToken(): string {
  return `sb_${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

export function hashOfToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/**
 * Reads the tokens by hash. Empty lines and lines that begin with # say nothing.
 * @throws Error that says which line is wrong, and why
 */
export function parseTokens(text: string): ReadonlyMap<string, Token> {
  const tokens = new Map<string, Token>();
  const names = new Set<string>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const token = tokenOf(line);
    if (token === undefined) continue;
    const refuse = (reason: string) => new Error(`line ${i + 1}: ${reason}`);
    if (typeof token === "string") throw refuse(token);
    if (names.has(token.name)) throw refuse(`the name ${token.name} stands in the file twice`);
    names.add(token.name);
    tokens.set(token.hash, token);
    if (tokens.size > TOKENS_MAX) throw refuse(`there are more than ${TOKENS_MAX} tokens`);
  }
  return tokens;
}

/** The token of a line, or what is wrong with it; undefined = the line says nothing. */
export function tokenOf(line: string): Token | string | undefined {
  if (/^\s*(#|$)/.test(line)) return undefined;
  const [, name = "", hash, role = "", end] =
    /^([^:]*):([^:]*):([^:]*):(.*)$/.exec(line.trim()) ?? [];
  if (hash === undefined) return "it must be name:hash:role:end; salesboard token create writes it";
  if (!isName(name)) return `the name must have 1 to ${NAME_MAX} characters, without : and ,`;
  if (!/^[0-9a-f]{64}$/.test(hash)) return "the hash must be 64 digits from 0-9 and a-f";
  if (!isReaderRole(role)) return `the role must be one of ${readerRoles.join(", ")}`;
  if (end === "never") return { name, hash, role, end: undefined };
  const date = new Date(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(end ?? "") ? (end ?? "") : Number.NaN);
  if (Number.isNaN(date.getTime())) return "the end must be never, or such as 2027-01-31T00:00:00Z";
  return { name, hash, role, end: date };
}

export function lineOfToken({ name, hash, role, end }: Token): string {
  return `${name}:${hash}:${role}:${end?.toISOString() ?? "never"}`;
}

export function isOver({ end }: Token, now: Date): boolean {
  return end !== undefined && end <= now;
}
