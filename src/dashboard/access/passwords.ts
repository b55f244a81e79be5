/** Checks names and passwords, off the event loop, a few at once. */

import { createHmac, randomBytes } from "node:crypto";
import { usageError } from "../../lib/errors.ts";
import type { User } from "./users.ts";

/** Each takes a core for a tenth of a second, and may take megabytes. */
const AT_ONCE_MAX = 2;
const WAITING_MAX = 32;
/** Right passwords that are remembered, because programs send theirs with each request. */
const KNOWN_MAX = 256;
/** Characters. Longer ones are only work. */
const PASSWORD_MAX = 1024;

/** Too many logins are waiting. */
export class LoginsBusyError extends Error {
  override readonly name = "LoginsBusyError";
}

export class Passwords {
  readonly #users: () => ReadonlyMap<string, User>;
  /** Digests of right passwords; the key is random, so that they are of no use elsewhere. */
  readonly #known = new Set<string>();
  readonly #key = randomBytes(32);
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @throws SalesboardError where there is no Bun */
  constructor(users: () => ReadonlyMap<string, User>) {
    if (typeof Bun === "undefined") {
      throw usageError("Cannot use --users on Deno: Bun checks the passwords.");
    }
    this.#users = users;
  }

  /** The user, if this password was right a while ago and the user's line is the same. */
  remembered(name: string, password: string): User | undefined {
    const user = this.#users().get(name);
    return user && this.#known.has(this.#digest(user, password)) ? user : undefined;
  }

  /**
   * The user with this name and password. A name that nobody has costs the time of another user's
   * password.
   * @throws LoginsBusyError when too many wait
   */
  async verify(name: string, password: string): Promise<User | undefined> {
    const users = this.#users();
    if (users.size === 0) return undefined;
    const user = users.get(name);
    const { hash } = user ?? this.#decoy(name, users);
    await this.#enter();
    try {
      const isRight = await Bun.password.verify(password.slice(0, PASSWORD_MAX), hash);
      if (!user || !isRight || password.length > PASSWORD_MAX) return undefined;
      this.#remember(this.#digest(user, password));
      return user;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** The same one each time, as if the name had a hash. */
  #decoy(name: string, users: ReadonlyMap<string, User>): User {
    const place = createHmac("sha256", this.#key).update(name).digest().readUInt32BE();
    const all = [...users.values()];
    return all[place % all.length] as User;
  }

  async #enter(): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) {
      throw new LoginsBusyError("Too many people are logging in.");
    }
    // A turn that was given up is taken at once by the next in line.
    while (this.#running >= AT_ONCE_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }

  #digest({ name, hash }: User, password: string): string {
    const text = JSON.stringify([name, hash, password]);
    return createHmac("sha256", this.#key).update(text).digest("base64");
  }

  #remember(digest: string): void {
    this.#known.add(digest);
    const [oldest] = this.#known;
    if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest);
  }
}
