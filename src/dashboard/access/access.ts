/** Decides who is let in: the only place that does. */

import type { Config } from "../../config/config.ts";
import { inNetworks } from "../../lib/addresses.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { Attempts } from "./attempts.ts";
import { NAME_MAX } from "./entries.ts";
import { Passwords } from "./passwords.ts";
import { type NameHeader, type Sender, senderOf } from "./proxy.ts";
import type { Reader } from "./reader.ts";
import { isSame, Sessions } from "./sessions.ts";
import { hashOfToken, isOver, parseTokens, type Token } from "./tokens.ts";
import { parseUsers, type User } from "./users.ts";
import { WatchedFile } from "./watched-file.ts";

/** What a request says of its sender. */
export interface Credentials {
  readonly sender: Sender;
  /** The cookie of a session. */
  readonly session: string | undefined;
  readonly basic: { readonly username: string; readonly password: string } | undefined;
  /** A bearer token. */
  readonly token: string | undefined;
}

/** Why somebody is not let in. */
export type Refusal =
  | { readonly why: "unknown" | "wrong" | "token" | "proxy" }
  | { readonly why: "slow"; readonly waitMs: number };

/** A name and password that somebody types or a program sends. */
export interface Login {
  readonly name: string;
  readonly password: string;
  readonly address: string;
  readonly way: "form" | "basic";
}

/** Refused tokens that are logged, until the next start. */
const REFUSED_MAX = 100;

/** Streams of readers whom a proxy lets in: so often it is asked anew. */
const PROXIED_MS_MAX = 3_600_000;

export interface AccessOptions {
  readonly users: WatchedFile<ReadonlyMap<string, User>> | undefined;
  readonly tokens: WatchedFile<ReadonlyMap<string, Token>> | undefined;
  /** The addresses of proxies that say who reads, and by which address. */
  readonly trustedProxy: readonly string[];
  readonly proxyUserHeader: NameHeader | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export class Access {
  /** There are users, so that people can log in. */
  readonly hasUsers: boolean;
  readonly #files: readonly WatchedFile<unknown>[];
  readonly #user: (name: string) => User | undefined;
  readonly #hasTokens: boolean;
  readonly #token: (hash: string) => Token | undefined;
  readonly #passwords: Passwords | undefined;
  readonly #sessions: Sessions;
  readonly #attempts: Attempts;
  /** Hashes of tokens whose refusal is logged already. */
  readonly #refused = new Set<string>();
  #isConflictLogged = false;
  readonly #trusts: (address: string) => boolean;
  readonly #nameHeader: NameHeader | undefined;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(options: AccessOptions) {
    const { users, tokens, trustedProxy, proxyUserHeader, clock, log } = options;
    const nobody: ReadonlyMap<string, User> = new Map();
    const [current, now] = [() => users?.value ?? nobody, () => clock.now()];
    this.hasUsers = users !== undefined;
    this.#files = [users, tokens].filter((file) => file !== undefined);
    this.#user = (name) => current().get(name);
    this.#hasTokens = tokens !== undefined;
    this.#token = (hash) => tokens?.value.get(hash);
    this.#trusts = inNetworks(trustedProxy);
    this.#nameHeader = proxyUserHeader;
    this.#clock = clock;
    this.#log = log;
    this.#passwords = users && new Passwords(current);
    this.#sessions = new Sessions(now, current);
    this.#attempts = new Attempts(now);
  }

  /** Who asks, or why nobody is let in. @throws LoginsBusyError */
  async identify({ sender, session, basic, token }: Credentials): Promise<Reader | Refusal> {
    const { reader, address } = sender;
    // With users, people log in here, and a proxy that lets everybody in must not say who they are.
    if (reader && !this.hasUsers) return this.#ofProxy(reader, address);
    if (token !== undefined && this.#hasTokens) return this.#ofToken(token, address);
    const owner = session === undefined ? undefined : this.#sessions.use(session);
    if (owner && session !== undefined) {
      return readerOf(owner, true, () => this.#sessions.use(session) !== undefined);
    }
    if (!basic || !this.#passwords) return { why: "unknown" };
    const { username: name, password } = basic;
    const user =
      this.#passwords.remembered(name, password) ??
      (await this.#check({ name, password, address, way: "basic" }));
    if ("why" in user) return user;
    return readerOf(user, false, () => isSame(user, this.#user(user.name)));
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
    for (const file of this.#files) file.check();
  }

  /** What a proxy says of a request; of an address that is not trusted, nothing is believed. */
  senderOf(peer: string, header: (name: string) => string | undefined): Sender {
    return senderOf({ peer, header, trusts: this.#trusts, nameHeader: this.#nameHeader });
  }

  #ofProxy(reader: NonNullable<Sender["reader"]>, address: string): Reader | Refusal {
    if (reader === "conflict") {
      if (!this.#isConflictLogged) {
        this.#log.warning(
          "Headers of a proxy name no reader, or two; further ones are not logged.",
          {
            address,
          },
        );
      }
      this.#isConflictLogged = true;
      return { why: "proxy" };
    }
    const since = this.#clock.now();
    return readerOf(reader, false, () => this.#clock.now() - since < PROXIED_MS_MAX);
  }

  #ofToken(text: string, address: string): Reader | Refusal {
    const hash = hashOfToken(text);
    const find = () => {
      const token = this.#token(hash);
      return token && !isOver(token, this.#clock.date()) ? token : undefined;
    };
    const token = find();
    if (token) return readerOf(token, false, () => find()?.role === token.role);
    // A program that goes on with an old token would fill the log.
    if (!this.#refused.has(hash) && this.#refused.size < REFUSED_MAX) {
      this.#refused.add(hash);
      const { name = "unknown" } = this.#token(hash) ?? {};
      this.#log.warning("A token was refused: it is unknown, or has ended.", { name, address });
    }
    return { why: "token" };
  }

  async #check({ name, password, address, way }: Login): Promise<User | Refusal> {
    const named = name.slice(0, NAME_MAX);
    const attempt = this.#attempts.begin(named, address);
    if (attempt.waitMs > 0) return { why: "slow", waitMs: attempt.waitMs };
    const user = await this.#passwords?.verify(name, password);
    if (user) {
      attempt.succeed();
      return user;
    }
    this.#log.warning("A login failed.", { name: named, address, way });
    return { why: "wrong" };
  }
}

function readerOf(
  { name, role }: Pick<Reader, "name" | "role">,
  hasSession: boolean,
  isLetIn: () => boolean,
): Reader {
  return { name, role, hasSession, isLetIn };
}

/**
 * Undefined = everybody who reaches the port is let in.
 * @throws SalesboardError when a file cannot be used, or passwords cannot be checked
 */
export function openAccess(of: { config: Config; clock: Clock; log: Log }): Access | undefined {
  const { config, clock, log } = of;
  const watched = <T>(option: string, path: string | undefined, parse: (text: string) => T) =>
    path === undefined ? undefined : new WatchedFile({ option, paths: [path], parse, log });
  const users = watched("--users", config.users, parseUsers);
  const tokens = watched("--tokens", config.tokens, parseTokens);
  const { trustedProxy, proxyUserHeader } = config;
  if (!users && !tokens && !trustedProxy) return undefined;
  const proxies = { trustedProxy: trustedProxy ?? [], proxyUserHeader };
  return new Access({ users, tokens, ...proxies, clock, log });
}
