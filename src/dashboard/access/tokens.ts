/** Bearer tokens of programs: a file of lines `name:hash:role:end`, without the tokens themselves. */

import { createHash, randomBytes } from "node:crypto";
import { isName, NAME_PROBLEM, parseEntries, ROLE_PROBLEM } from "./entries.ts";
import { isReaderRole, type ReaderRole } from "./reader.ts";

const SECRET_BYTES = 32;

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

/** By hash. @throws Error that says which line is wrong, and why */
export function parseTokens(text: string): ReadonlyMap<string, Token> {
  const tokens = parseEntries(text, tokenOf).values();
  return new Map(tokens.map((token) => [token.hash, token]));
}

/** The token of a line, or what is wrong with it. */
export function tokenOf(line: string): Token | string {
  const [, name = "", hash, role = "", end] =
    /^([^:]*):([^:]*):([^:]*):(.*)$/.exec(line.trim()) ?? [];
  if (hash === undefined) return "it must be name:hash:role:end; salesboard token create writes it";
  if (!isName(name)) return NAME_PROBLEM;
  if (!/^[0-9a-f]{64}$/.test(hash)) return "the hash must be 64 digits from 0-9 and a-f";
  if (!isReaderRole(role)) return ROLE_PROBLEM;
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
