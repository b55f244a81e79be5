/** How commands ask a running dashboard: where it is, and by which protocol. */

import { type ClientRequest, get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import type { Config } from "../config/config.ts";

/** The settings that say where the dashboard is. */
export type DashboardSettings = Pick<Config, "url" | "port" | "basePath" | "tlsCert">;

/** No certificate is made out to it, and nobody else answers there. */
const LOOPBACK = "127.0.0.1";

/** Where a path of the dashboard is that the settings name. */
export function dashboardUrl(
  { url: base, port, basePath, tlsCert }: DashboardSettings,
  path: string,
): URL {
  const url = new URL(base ?? `${tlsCert ? "https" : "http"}://${LOOPBACK}:${port}`);
  const before = url.pathname === "/" ? basePath : url.pathname;
  url.pathname = `${before.replace(/\/$/, "")}${path}`;
  return url;
}

/** What opens a dashboard that asks for a login. */
export function loginOf({
  dashboardToken: token,
}: Pick<Config, "dashboardToken">): Readonly<Record<string, string>> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/**
 * Begins a request, which follows no redirect. The caller bounds the wait, and handles "error".
 * Not `fetch`: it would use HTTP_PROXY, and a proxy cannot reach 127.0.0.1 of a container.
 */
export function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest {
  const get = url.protocol === "https:" ? getHttps : getHttp;
  return get(url, { headers, rejectUnauthorized: url.hostname !== LOOPBACK }, onResponse);
}
