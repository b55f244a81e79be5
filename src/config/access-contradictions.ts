/** Finds settings of access that contradict each other or the command, and words the errors. */

import type { GivenValue } from "./arguments.ts";
import type { Config } from "./config.ts";
import { type Key, options } from "./options.ts";

/** One sentence for each contradiction. */
export function* accessContradictions(
  config: Config,
  given: ReadonlyMap<Key, GivenValue>,
): Generator<string> {
  const { command, action, roles } = config;
  const isOption = (key: Key) => given.get(key)?.origin === "option";
  const isToken = command === "token";
  for (const key of ["users", "tokens", "trustedProxy"] as const) {
    const isOfCommand = key === "tokens" && isToken;
    if (!isOption(key) || roles.includes("dashboard") || command === "config" || isOfCommand) {
      continue;
    }
    yield `Cannot use ${options[key].flag} with ${command}` +
      `${roles.length > 0 ? ` and the roles ${roles.join(",")}` : ""}: ` +
      "it applies only to serve, or to run with the role dashboard.";
  }
  for (const key of ["tokenName", "tokenRole", "tokenExpires"] as const) {
    if (!isOption(key) || isToken || command === "config") continue;
    yield `Cannot use ${options[key].flag} with ${command}: it applies only to the command token.`;
  }
  if (!isToken) return;
  if (config.tokens === undefined) {
    yield `Cannot use token ${action} without --tokens (SALESBOARD_TOKENS): it names the file.`;
  }
  if (action !== "list" && config.tokenName === undefined) {
    yield `Cannot use token ${action} without --name: it names the token.`;
  }
}
