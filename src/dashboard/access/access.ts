/** Decides who is let in: the only place that does. */

import type { Config } from "../../config/config.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { Attempts } from "./attempts.ts";
import { Passwords } from "./passwords.ts";
import type { Reader } from "./reader.ts";
import { isSame, Sessions } from "./sessions.ts";
import { NAME_MAX, parseUsers, type User } from "./users.ts";
import { WatchedFile } from "./watched-file.ts";

/** What a request says of its sender. */
export interface Asked {
  /** The network address it comes from; "" = unknown. */
  readonly address: string;
  /** The cookie of a session. */
  readonly session: string | undefined;
  readonly basic: { readonly username: string; readonly password: string } | undefined;
}

/** Why somebody is not let in. */
export type Refusal =
  | { readonly why: "unknown" | "wrong" }
  | { readonly why: "slow"; readonly waitMs: number };

/** A name and password that somebody types or a program sends. */
export interface Login {
  readonly name: string;
  readonly password: string;
  readonly address: string;
  readonly way: "form" | "basic";
}

export class Access {
  readonly #users: WatchedFile<ReadonlyMap<string, User>>;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;
  readonly #attempts: Attempts;
  readonly #log: Log;

  constructor(of: { users: WatchedFile<ReadonlyMap<string, User>>; clock: Clock; log: Log }) {
    const { users, clock, log } = of;
    const [current, now] = [() => users.value, () => clock.now()];
    this.#users = users;
    this.#log = log;
    this.#passwords = new Passwords(current);
    this.#sessions = new Sessions(now, current);
    this.#attempts = new Attempts(now);
  }

  /** Who asks, or why nobody is let in. @throws LoginsBusyError */
  async identify({ address, session, basic }: Asked): Promise<Reader | Refusal> {
    const owner = session === undefined ? undefined : this.#sessions.use(session);
    if (owner && session !== undefined) {
      return readerOf(owner, true, () => this.#sessions.use(session) !== undefined);
    }
    if (!basic) return { why: "unknown" };
    const { username: name, password } = basic;
    const user =
      this.#passwords.remembered(name, password) ??
      (await this.#check({ name, password, address, way: "basic" }));
    if ("why" in user) return user;
    return readerOf(user, false, () => isSame(user, this.#users.value.get(user.name)));
  }

  /** The secret of a new session, for a cookie. @throws LoginsBusyError */
  async login(login: Login): Promise<{ session: string } | Refusal> {
    const user = await this.#check(login);
    if ("why" in user) return user;
    const { name, address } = login;
    this.#log.info("Somebody logged in.", { name, address });
    return { session: this.#sessions.open(user) };
  }

  logout(session: string): void {
    this.#sessions.close(session);
  }

  /** Reads files that changed. Call each second. */
  turn(): void {
    this.#users.check();
  }

  async #check({ name, password, address, way }: Login): Promise<User | Refusal> {
    const named = name.slice(0, NAME_MAX);
    const attempt = this.#attempts.begin(named, address);
    if (attempt.waitMs > 0) return { why: "slow", waitMs: attempt.waitMs };
    const user = await this.#passwords.verify(name, password);
    if (user) {
      attempt.succeed();
      return user;
    }
    this.#log.warning("A login failed.", { name: named, address, way });
    return { why: "wrong" };
  }
}

function readerOf({ name, role }: User, hasSession: boolean, isLetIn: () => boolean): Reader {
  return { name, role, hasSession, isLetIn };
}

/**
 * Undefined = everybody who reaches the port is let in.
 * @throws SalesboardError when the file of users cannot be used, or passwords cannot be checked
 */
export function openAccess(of: { config: Config; clock: Clock; log: Log }): Access | undefined {
  const { config, clock, log } = of;
  if (config.users === undefined) return undefined;
  const users = new WatchedFile({
    option: "--users",
    path: config.users,
    parse: parseUsers,
    log,
  });
  return new Access({ users, clock, log });
}
