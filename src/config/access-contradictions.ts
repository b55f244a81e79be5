/** Finds settings of access that contradict each other or the command, and words the errors. */

import { isLoopback } from "../lib/addresses.ts";
import { type GivenValue, sourceOf } from "./arguments.ts";
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
  for (const key of ["users", "tokens", "trustedProxy", "tlsCert", "tlsKey"] as const) {
    const isOfCommand = key === "tokens" && isToken;
    if (!isOption(key) || roles.includes("dashboard") || command === "config" || isOfCommand) {
      continue;
    }
    yield `Cannot use ${options[key].flag} with ${command}` +
      `${roles.length > 0 ? ` and the roles ${roles.join(",")}` : ""}: ` +
      "it applies only to serve, or to run with the role dashboard.";
  }
  yield* openListener(config, given);
  for (const [one, other] of [
    ["tlsCert", "tlsKey"],
    ["tlsKey", "tlsCert"],
  ] as const) {
    if (config[one] === undefined || config[other] !== undefined) continue;
    yield `Cannot use ${options[one].flag} without ${options[other].flag}: TLS needs a certificate ` +
      "and its key.";
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

/** Nobody shows the figures of a business to a whole network by accident. */
function* openListener(config: Config, given: ReadonlyMap<Key, GivenValue>): Generator<string> {
  const { command, roles, host, users, tokens, trustedProxy, insecureListen } = config;
  const asks = users !== undefined || tokens !== undefined || trustedProxy !== undefined;
  if (!roles.includes("dashboard") || command === "config") return;
  if (asks || insecureListen || isLoopback(host)) return;
  const entry = given.get("host");
  yield `Cannot use ${entry ? sourceOf(entry) : `--host ${host}`} alone: everybody who reaches this ` +
    "address would read the board. Let people log in with --users, programs with --tokens, or name " +
    "the proxy that asks them with --trusted-proxy. If everybody may read it, or only a proxy " +
    "reaches it, say so with --insecure-listen (SALESBOARD_INSECURE_LISTEN=true).";
}
