/** The file of users: lines `name:hash[:role]`, as `htpasswd -B` writes them. */

import { isName, NAME_PROBLEM, parseEntries, ROLE_PROBLEM } from "./entries.ts";
import { isReaderRole, type ReaderRole } from "./reader.ts";

/** 2^14 rounds take a second. */
const BCRYPT_COST_MAX = 14;
/** Of argon2, in KiB: 256 MiB for each login under way. */
const ARGON_MEMORY_MAX = 256 * 1024;
const ARGON_PASSES_MAX = 20;
const ARGON_LANES_MAX = 16;
/** The bits of the last letters of salt and hash that belong to no byte are 0: Bun insists. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;
const ARGON = /^\$argon2(?:id|i|d)\$v=19\$m=(\d+),t=([1-9]\d*),p=([1-9]\d*)\$([^$]+)\$([^$]+)$/;
/** What Bun can check. */
const SALT_BYTES = { min: 8, max: 64 };
const DIGEST_BYTES = { min: 4, max: 64 };

export interface User {
  readonly name: string;
  readonly hash: string;
  readonly role: ReaderRole;
}

/** By name. @throws Error that says which line is wrong, and why, without the hash */
export function parseUsers(text: string): ReadonlyMap<string, User> {
  const users = parseEntries(text, userOf);
  if (users.size === 0) throw new Error("it names no user");
  return users;
}

function userOf(line: string): User | string {
  const [name = "", hash, role = "viewer", ...more] = line.trim().split(":");
  if (hash === undefined || more.length > 0) return "it must be name:hash[:role]";
  if (!isName(name)) return NAME_PROBLEM;
  const problem = hashProblem(hash);
  if (problem) return problem;
  return isReaderRole(role) ? { name, hash, role } : ROLE_PROBLEM;
}

function hashProblem(hash: string): string | undefined {
  const bcrypt = BCRYPT.exec(hash);
  if (bcrypt) {
    const cost = Number(bcrypt[1]);
    if (cost >= 4 && cost <= BCRYPT_COST_MAX) return undefined;
    return `the cost of bcrypt must be 4 to ${BCRYPT_COST_MAX}`;
  }
  const argon = ARGON.exec(hash);
  if (argon && isBase64(argon[4], SALT_BYTES) && isBase64(argon[5], DIGEST_BYTES)) {
    const [memory = 0, passes = 0, lanes = 0] = argon.slice(1, 4).map(Number);
    const isBounded =
      memory <= ARGON_MEMORY_MAX && passes <= ARGON_PASSES_MAX && lanes <= ARGON_LANES_MAX;
    if (isBounded) return undefined;
    return `argon2 may have at most m=${ARGON_MEMORY_MAX}, t=${ARGON_PASSES_MAX} and p=${ARGON_LANES_MAX}`;
  }
  return "the hash must be of bcrypt or argon2; htpasswd -B makes one";
}

/** Without padding. A text that was cut has bits at its end that belong to no byte. */
function isBase64(text = "", { min, max }: { min: number; max: number }): boolean {
  const bytes = Buffer.from(text, "base64");
  const again = bytes.toString("base64").replace(/=+$/, "");
  return text === again && bytes.length >= min && bytes.length <= max;
}
