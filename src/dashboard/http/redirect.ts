/** The port for those who type http://: it says where the dashboard is by TLS, and nothing else. */

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { Hono } from "hono";
import { quoted } from "../../lib/text.ts";
import type { WatchedFile } from "../access/watched-file.ts";
import type { Env } from "./answers.ts";
import type { KeyPair } from "./certificate.ts";
import { loopbackNames, nameIn, refuseNoAddress } from "./hosts.ts";

const HTTPS_PORT = 443;

export interface RedirectDeps {
  /** As of the pages; undefined = only the certificate knows them. */
  readonly names: ReadonlySet<string> | undefined;
  readonly certificate: Pick<WatchedFile<KeyPair>, "value">;
  /** Of TLS. */
  readonly port: number;
}

/**
 * Leads to the same address by TLS, under names of this dashboard alone: it would else send people
 * wherever a request says. A form is not led on, because it has crossed the network already.
 */
export function createRedirectApp({ names, certificate, port }: RedirectDeps): Hono<Env> {
  const isOwn = (name: string) => names?.has(name) ?? isCertified(name, certificate.value.cert);
  const app = new Hono<Env>();
  app.use(refuseNoAddress);
  app.all("*", (c) => {
    c.header("Cache-Control", "no-store");
    const name = nameIn(c.req.header("Host") ?? "");
    if (!isOwn(name)) return c.text(strangeName(name), 421);
    if (!["GET", "HEAD"].includes(c.req.method)) {
      c.header("Allow", "GET, HEAD");
      return c.text(
        "This port accepts only GET and HEAD. Send forms to the https:// address.\n",
        405,
      );
    }
    const { pathname, search } = new URL(c.req.url, "http://localhost");
    const at = port === HTTPS_PORT ? "" : `:${port}`;
    return c.redirect(`https://${name}${at}${pathname}${search}`, 308);
  });
  return app;
}

function strangeName(name: string): string {
  return (
    `Salesboard leads to https only under its own names; received ${quoted(name)}. If this name is ` +
    "yours, add it to --allowed-hosts (SALESBOARD_ALLOWED_HOSTS).\n"
  );
}

/** Whether the certificate is for this name, as a browser judges it. */
function isCertified(name: string, cert: string): boolean {
  // Nobody can give these another address.
  if (loopbackNames.includes(name)) return true;
  const certificate = new X509Certificate(cert);
  const address = name.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) > 0) return certificate.checkIP(address) !== undefined;
  // The library throws at what cannot be a name.
  return /^[\w-]+(\.[\w-]+)*$/.test(name) && certificate.checkHost(name) !== undefined;
}
