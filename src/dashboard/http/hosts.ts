/**
 * The names that the dashboard answers under. A stranger's web page can give its own name the
 * address 127.0.0.1 (DNS rebinding): the browser then takes the dashboard for a part of that page,
 * which could read all of it. But the browser says the name in the header `Host`.
 */

import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { isLoopback } from "../../lib/addresses.ts";
import { quoted } from "../../lib/text.ts";

/** Nobody can give these another address. */
export const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
/** Characters of a name in a sentence: the longest that DNS has. */
const NAME_MAX = 253;

/**
 * As the header `Host` has them. Undefined = any: the dashboard listens for other machines, which
 * call it by names that it does not know.
 * @param of.host the address that it listens on
 * @param of.allowedHosts the names that it has besides
 */
export function allowedNames(of: {
  host: string;
  allowedHosts: readonly string[] | undefined;
}): ReadonlySet<string> | undefined {
  const { host, allowedHosts } = of;
  if (!isLoopback(host) && allowedHosts === undefined) return undefined;
  return new Set([...loopbackNames, ...[host, ...(allowedHosts ?? [])].map(inHeader)]);
}

/** Why a request for `host`, with or without a port, is refused; undefined = it is not. */
export function hostProblem(host: string, names: ReadonlySet<string>): string | undefined {
  const name = nameIn(host);
  if (names.has(name)) return undefined;
  return (
    `Salesboard does not answer under the name ${name.slice(0, NAME_MAX)}, because a stranger's web ` +
    "page could read it by such a name. If the name is yours, start Salesboard with --allowed-hosts " +
    "(SALESBOARD_ALLOWED_HOSTS) and this name."
  );
}

/**
 * Refuses a request whose header `Host` makes its address unreadable, such as `localhost:99999`.
 * Add it before all handlers, because they read the address.
 */
export const refuseNoAddress: MiddlewareHandler = (c, next) => {
  if (URL.canParse(c.req.url, "http://localhost")) return next();
  const message =
    "The header Host must be a name or an address, with or without a port from 0 to 65535; " +
    `received ${quoted(c.req.header("Host") ?? "")}.\n`;
  return Promise.resolve(c.text(message, 400, { "Cache-Control": "no-store" }));
};

/** Without the port, and without the point of the root. */
export function nameIn(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

/** As browsers write it. */
function inHeader(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname : name.toLowerCase();
}
