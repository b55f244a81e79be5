/** Sessions of people who logged in: in memory only, and the value of the cookie only as a hash. */

import { createHash, randomBytes } from "node:crypto";
import type { User } from "./users.ts";

/** An open page counts as use. */
export const SESSION_IDLE_MS_MAX = 2 * 3_600_000;
export const SESSION_MS_MAX = 7 * 24 * 3_600_000;
const SESSIONS_MAX = 10_000;
const SESSIONS_OF_USER_MAX = 50;
const SECRET_BYTES = 32;

interface Session {
  readonly user: User;
  /** By `Clock.now`. */
  readonly since: number;
  usedAt: number;
}

export class Sessions {
  readonly #now: () => number;
  readonly #users: () => ReadonlyMap<string, User>;
  /** By the hash of the cookie, in the order of last use. */
  readonly #sessions = new Map<string, Session>();

  /** `now`: milliseconds of a monotonic clock. */
  constructor(now: () => number, users: () => ReadonlyMap<string, User>) {
    this.#now = now;
    this.#users = users;
  }

  /** Opens a session, and returns its secret: the value of a cookie. */
  open(user: User): string {
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const ofUser = [...this.#sessions].filter(([, session]) => session.user.name === user.name);
    if (ofUser.length >= SESSIONS_OF_USER_MAX) this.#sessions.delete(ofUser[0]?.[0] ?? "");
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= SESSIONS_MAX) this.#sessions.delete(oldest ?? "");
    const now = this.#now();
    this.#sessions.set(hashOf(secret), { user, since: now, usedAt: now });
    return secret;
  }

  /** Whose session this is, and uses it. Undefined = it is unknown, or has ended. */
  use(secret: string): User | undefined {
    const hash = hashOf(secret);
    const session = this.#sessions.get(hash);
    if (!session) return undefined;
    const now = this.#now();
    const isOver =
      now - session.usedAt > SESSION_IDLE_MS_MAX || now - session.since > SESSION_MS_MAX;
    this.#sessions.delete(hash);
    if (isOver || !isSame(session.user, this.#users().get(session.user.name))) return undefined;
    session.usedAt = now;
    this.#sessions.set(hash, session);
    return session.user;
  }

  close(secret: string): void {
    this.#sessions.delete(hashOf(secret));
  }

  get size(): number {
    return this.#sessions.size;
  }
}

/** Another password or role ends what was opened with the old one. */
export function isSame(user: User, now: User | undefined): boolean {
  return now?.hash === user.hash && now.role === user.role;
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
