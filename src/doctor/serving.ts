/** Whether a dashboard runs at the address that is set, and whether its stream comes through. */

import type { Config } from "../config/config.ts";
import { messageOf } from "../lib/errors.ts";
import { withoutStop } from "../lib/text.ts";
import {
  ask,
  type DashboardSettings,
  dashboardUrl,
  loginOf,
} from "../process/dashboard-request.ts";
import { checkHealth } from "../process/health.ts";
import { lookAt } from "../process/port-look.ts";
import { type Finding, say } from "./finding.ts";

/** A page hears a heartbeat each second; a proxy that buffers lets many through at once. */
const STREAM_MS_MAX = 8_000;
const BEAT_MS_MIN = 500;
const BEAT = "event: hb\n";
const NOT_READY = 503;
const NO_LOGIN = 401;

type ServingSettings = DashboardSettings & Pick<Config, "dashboardToken" | "host" | "roles">;

export async function checkDashboard(config: ServingSettings): Promise<Finding[]> {
  const { ok, warning, problem } = say("dashboard");
  const { url, host, port, roles } = config;
  if (url === undefined && (!roles.includes("dashboard") || port === 0)) return [];
  const health = await checkHealth(config);
  if (health.ready) return [ok(`${health.url} is ready`)];
  if (health.status === NOT_READY) {
    const why = health.reasons.map(withoutStop).join("; ");
    return [warning(`${health.url} is not ready: ${why}`)];
  }
  if (url !== undefined) {
    const answer =
      health.status === null ? health.reasons.join("; ") : `it answers ${health.status}`;
    return [problem(`${health.url} is no ready dashboard: ${answer}`, "--url, or --base-path")];
  }
  const address = `${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}:${port}`;
  const seen = await lookAt(address);
  if (seen === "refused") return [ok(`No dashboard runs at ${address}, and the port is free`)];
  return [problem(`Another program listens at ${address}`, "--port N")];
}

/** @param waitMs for tests */
export async function checkStream(
  config: ServingSettings,
  waitMs = STREAM_MS_MAX,
): Promise<Finding[]> {
  if (config.url === undefined) return [];
  const { ok, problem, skipped } = say("stream");
  const url = dashboardUrl(config, "/events");
  const mend = "Switch buffering and compression off in the proxy: see docs/proxies.md";
  try {
    const { status, type, encoding, isAlive } = await firstBeats(url, loginOf(config), waitMs);
    if (status === NO_LOGIN) {
      const token = "--dashboard-token TOKEN";
      return config.dashboardToken === undefined
        ? [skipped(`The stream of ${url.href} was not looked at: it asks for a login`, token)]
        : [problem(`${url.href} refuses the token`, token)];
    }
    if (status !== 200 || !type.startsWith("text/event-stream")) {
      return [problem(`${url.href} is no stream: it answers ${status} with ${type || "no type"}`)];
    }
    if (!isAlive) return [problem(`A proxy holds the stream of ${url.href} back`, mend)];
    if (encoding) return [problem(`A proxy compresses the stream of ${url.href}`, mend)];
    return [ok(`The stream of ${url.href} comes through at once`)];
  } catch (error) {
    return [problem(`${url.href} does not answer: ${messageOf(error)}`, mend)];
  }
}

interface StreamStart {
  readonly status: number;
  readonly type: string;
  readonly encoding: string;
  /** Two heartbeats came within the wait, each by itself; of what is compressed, anything. */
  readonly isAlive: boolean;
}

/**
 * Waits for two heartbeats, and hangs up. Headers can come from a proxy, and the first bytes too:
 * the first message is larger than its buffer.
 */
function firstBeats(
  url: URL,
  login: ReturnType<typeof loginOf>,
  waitMs: number,
): Promise<StreamStart> {
  const { promise, resolve, reject } = Promise.withResolvers<StreamStart>();
  let start: Omit<StreamStart, "isAlive"> | undefined;
  const headers = { ...login, Accept: "text/event-stream", "Accept-Encoding": "gzip" };
  const request = ask(url, headers, (response) => {
    start = {
      status: response.statusCode ?? 0,
      type: response.headers["content-type"] ?? "",
      encoding: response.headers["content-encoding"] ?? "",
    };
    const found = start;
    const isStream = found.type.startsWith("text/event-stream");
    if (found.status !== 200 || !isStream) resolve({ ...found, isAlive: false });
    let text = "";
    let firstAt: number | undefined;
    response.on("data", (bytes: Buffer) => {
      text = text.slice(1 - BEAT.length) + bytes.toString("latin1");
      const now = performance.now();
      if (text.includes(BEAT)) firstAt ??= now;
      const isNext = text.includes(BEAT) && now - (firstAt ?? now) >= BEAT_MS_MIN;
      if (found.encoding || isNext) resolve({ ...found, isAlive: true });
    });
    response.on("end", () => resolve({ ...found, isAlive: false }));
    response.on("error", reject);
  });
  request.on("error", reject);
  const timer = setTimeout(() => {
    const silent = { status: 200, type: "text/event-stream", encoding: "" };
    resolve({ ...(start ?? silent), isAlive: false });
  }, waitMs);
  return promise.finally(() => {
    clearTimeout(timer);
    request.destroy();
  });
}
