/** The command `token`: creates, lists and revokes tokens in a file. */

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Config } from "../../config/config.ts";
import { messageOf, SalesboardError, usageError } from "../../lib/errors.ts";
import {
  hashOfToken,
  isOver,
  lineOfToken,
  newToken,
  parseTokens,
  type Token,
  tokenOf,
} from "./tokens.ts";

/** Only the owner may read the file. */
const MODE = 0o600;

export interface TokenCommand {
  readonly config: Pick<Config, "action" | "tokens" | "tokenName" | "tokenRole" | "tokenExpires">;
  readonly now: Date;
  readonly print: (text: string) => void;
}

/**
 * Prints the answer. A server that has the file reads it again by itself.
 * @throws SalesboardError when the file cannot be read or written, or the name does not fit
 */
export function runToken({ config, now, print }: TokenCommand): void {
  const { action, tokens: path = "" } = config;
  try {
    const text = existsSync(path) || action !== "create" ? readFileSync(path, "utf8") : "";
    const tokens = [...parseTokens(text).values()];
    if (action === "create") print(create(config, { path, text, tokens, now }));
    else if (action === "revoke") print(revoke(config.tokenName ?? "", { path, text, tokens }));
    else print(listOf(tokens, now));
  } catch (error) {
    if (error instanceof SalesboardError) throw error;
    throw usageError(`Cannot use --tokens ${path}: ${messageOf(error)}.`);
  }
}

interface TokenFile {
  readonly path: string;
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** The new token: this is the only time that anybody sees it. */
function create(config: TokenCommand["config"], of: TokenFile & { now: Date }): string {
  const { path, text, tokens, now } = of;
  const { tokenName: name = "", tokenRole: role, tokenExpires: life } = config;
  if (tokens.some((token) => token.name === name)) {
    throw usageError(
      `Cannot create ${name}: ${path} has a token of this name. Choose another --name, or revoke it first.`,
    );
  }
  const token = newToken();
  const end = life === "never" ? undefined : new Date(now.getTime() + life);
  const line = lineOfToken({ name, hash: hashOfToken(token), role, end });
  const start = text === "" || text.endsWith("\n") ? "" : "\n";
  appendFileSync(path, `${start}${line}\n`, { mode: MODE });
  return token;
}

function revoke(name: string, { path, text, tokens }: TokenFile): string {
  if (!tokens.some((token) => token.name === name)) {
    throw usageError(`Cannot revoke ${name}: ${path} has no token of this name.`);
  }
  const kept = text.split("\n").filter((line) => nameOf(line) !== name);
  // As a whole: a server never reads a half.
  writeFileSync(`${path}.new`, kept.join("\n"), { mode: MODE });
  renameSync(`${path}.new`, path);
  return `The token ${name} is revoked.`;
}

function nameOf(line: string): string | undefined {
  const token = tokenOf(line);
  return typeof token === "object" ? token.name : undefined;
}

function listOf(tokens: readonly Token[], now: Date): string {
  if (tokens.length === 0) return "There are no tokens.";
  const width = Math.max(...tokens.map(({ name }) => name.length));
  return tokens
    .map((token) => {
      const end = token.end?.toISOString() ?? "never";
      const state = isOver(token, now) ? "ended" : "ends";
      return `${token.name.padEnd(width)}  ${token.role.padEnd(6)}  ${state.padEnd(5)}  ${end}`;
    })
    .join("\n");
}
