/** The options that say where the dashboard listens, and who is let in. */

import { z } from "zod";
import { isLoopback, isNetwork } from "../lib/addresses.ts";
import {
  flag,
  host,
  hostNames,
  integer,
  type Kind,
  type Option,
  oneOf,
  origins,
  plainText,
} from "./option-types.ts";

const NAME_MAX = 128;
const TEXT_MAX = 4096;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS_MAX = 3_650;
const TOKEN_MAX = 4096;

export const accessOptions = {
  host: {
    flag: "--host",
    argument: "H",
    env: "HOST",
    // Loopback, so that nobody publishes the figures of a business by accident.
    default: "127.0.0.1",
    kind: host(),
    meaning: "address that the dashboard listens on",
  },
  allowedHosts: {
    flag: "--allowed-hosts",
    argument: "NAMES",
    env: "SALESBOARD_ALLOWED_HOSTS",
    absent: "on loopback its own names, else any",
    kind: hostNames(),
    meaning: "names that browsers call the dashboard by, such as sales.example.com",
  },
  frameAncestors: {
    flag: "--frame-ancestors",
    argument: "ORIGINS",
    env: "SALESBOARD_FRAME_ANCESTORS",
    absent: "none",
    kind: origins(),
    meaning: "sites that may show pages in a frame, such as https://intranet.example.com",
  },
  metricsPort: {
    flag: "--metrics-port",
    argument: "N",
    env: "SALESBOARD_METRICS_PORT",
    absent: "/metrics is on --port",
    kind: integer(0, 65_535),
    meaning: "port of its own for /metrics and probes: plain HTTP, without a login",
  },
  users: {
    flag: "--users",
    argument: "FILE",
    env: "SALESBOARD_USERS",
    absent: "nobody logs in",
    kind: plainText(4096),
    meaning: "file of those who may log in: a line name:hash[:role] each, as htpasswd -B writes it",
  },
  tokens: {
    flag: "--tokens",
    argument: "FILE",
    env: "SALESBOARD_TOKENS",
    absent: "no tokens",
    kind: plainText(4096),
    meaning: "file of the bearer tokens of programs, as the command token writes it",
  },
  tokenName: {
    flag: "--name",
    argument: "N",
    absent: "none",
    kind: readerName(),
    meaning: "with token: the name of the token",
  },
  tokenRole: {
    flag: "--role",
    argument: "R",
    default: "viewer",
    kind: oneOf(["viewer", "guest"]),
    meaning: "with token create: viewer, or guest, who sees no amounts",
  },
  tokenExpires: {
    flag: "--expires",
    argument: "LIFE",
    default: "90d",
    kind: lifetime(),
    meaning: "with token create: how long it is valid, such as 90d or 12h, or never",
  },
  trustedProxy: {
    flag: "--trusted-proxy",
    argument: "NETS",
    env: "SALESBOARD_TRUSTED_PROXY",
    absent: "none",
    kind: networks(),
    meaning: "addresses of proxies whose headers are believed, such as 127.0.0.1,10.0.0.0/8",
  },
  proxyUserHeader: {
    flag: "--proxy-user-header",
    argument: "NAME",
    env: "SALESBOARD_PROXY_USER_HEADER",
    absent: "either",
    kind: oneOf(["X-Forwarded-User", "Remote-User"]),
    meaning:
      "with --trusted-proxy: the one header that says who reads, X-Forwarded-User or Remote-User",
  },
  insecureListen: {
    flag: "--insecure-listen",
    env: "SALESBOARD_INSECURE_LISTEN",
    default: "false",
    kind: flag(),
    meaning: "listen for other machines although nobody is asked for a password",
  },
  tlsCert: {
    flag: "--tls-cert",
    argument: "FILE",
    env: "SALESBOARD_TLS_CERT",
    absent: "plain HTTP",
    kind: plainText(4096),
    meaning: "certificate of the dashboard in PEM, with those that signed it",
  },
  tlsKey: {
    flag: "--tls-key",
    argument: "FILE",
    env: "SALESBOARD_TLS_KEY",
    absent: "plain HTTP",
    kind: plainText(4096),
    meaning: "its key in PEM, without a password",
  },
  httpRedirectPort: {
    flag: "--http-redirect-port",
    argument: "N",
    env: "SALESBOARD_HTTP_REDIRECT_PORT",
    absent: "none",
    kind: integer(0, 65_535),
    meaning: "with --tls-cert: port that leads http:// addresses to https://, such as 80",
  },
  dashboardToken: {
    flag: "--dashboard-token",
    argument: "TOKEN",
    env: "SALESBOARD_DASHBOARD_TOKEN",
    absent: "none",
    kind: bearerToken(),
    meaning: "bearer token with which `top` and `doctor` read a dashboard that asks for a login",
    isSecret: true,
  },
} as const satisfies Record<string, Option<unknown>>;

interface AccessSettings {
  readonly command: string;
  readonly action: string | undefined;
  readonly roles: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number | undefined;
  readonly httpRedirectPort: number | undefined;
  readonly users: string | undefined;
  readonly tokens: string | undefined;
  readonly tokenName: string | undefined;
  readonly trustedProxy: readonly string[] | undefined;
  readonly proxyUserHeader: string | undefined;
  readonly insecureListen: boolean;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

/** Contradictions of who is let in, and where. `named`: a setting, as the user gave it. */
export function* accessContradictions(
  config: AccessSettings,
  named: (key: (keyof AccessSettings & keyof typeof accessOptions) | "port") => string,
): Generator<string> {
  const { command, action } = config;
  yield* openListener(config, named("host"));
  for (const [one, other] of [
    ["tlsCert", "tlsKey"],
    ["tlsKey", "tlsCert"],
  ] as const) {
    if (config[one] === undefined || config[other] !== undefined) continue;
    yield `Cannot use ${accessOptions[one].flag} without ${accessOptions[other].flag}: TLS needs a ` +
      "certificate and its key.";
  }
  if (config.httpRedirectPort !== undefined && config.tlsCert === undefined) {
    yield `Cannot use ${named("httpRedirectPort")} without --tls-cert: there is no https:// address ` +
      "to lead to. Give --tls-cert and --tls-key, or leave the port out.";
  }
  if (config.proxyUserHeader !== undefined && config.trustedProxy === undefined) {
    yield `Cannot use ${named("proxyUserHeader")} without --trusted-proxy: no proxy is believed. ` +
      "Give its addresses with --trusted-proxy, or leave the header out.";
  }
  for (const [one, other] of [
    ["metricsPort", "port"],
    ["httpRedirectPort", "port"],
    ["httpRedirectPort", "metricsPort"],
  ] as const) {
    if (!config[one] || config[one] !== config[other]) continue;
    yield `Cannot use ${named(one)} together with ${named(other)}: each needs a port of its own.`;
  }
  if (command !== "token") return;
  if (config.tokens === undefined) {
    yield `Cannot use token ${action} without --tokens (SALESBOARD_TOKENS): it names the file.`;
  }
  if (action !== "list" && config.tokenName === undefined) {
    yield `Cannot use token ${action} without --name: it names the token.`;
  }
}

/** Nobody shows the figures of a business to a whole network by accident. */
function* openListener(config: AccessSettings, host: string): Generator<string> {
  const { command, roles, users, tokens, trustedProxy, insecureListen } = config;
  const asks = users !== undefined || tokens !== undefined || trustedProxy !== undefined;
  if (!roles.includes("dashboard") || command === "config") return;
  if (asks || insecureListen || isLoopback(config.host)) return;
  yield `Cannot use ${host} alone: everybody who reaches this ` +
    "address would read the board. Let people log in with --users, programs with --tokens, or name " +
    "the proxy that asks them with --trusted-proxy. If everybody may read it, or only a proxy " +
    "reaches it, say so with --insecure-listen (SALESBOARD_INSECURE_LISTEN=true).";
}

/** As it can stand in a line of a file of users or tokens. */
function readerName(): Kind<string> {
  return {
    accepts: `1 to ${NAME_MAX} characters without :, comma and control characters`,
    schema: z
      .string()
      .trim()
      .max(NAME_MAX)
      .regex(/^[^\p{Cc}:,#][^\p{Cc}:,]*$/u),
  };
}

function bearerToken(): Kind<string> {
  return {
    accepts: `1 to ${TOKEN_MAX} visible characters of ASCII, without spaces`,
    schema: z
      .string()
      .max(TOKEN_MAX)
      .regex(/^[\x21-\x7e]+$/),
  };
}

function networks(): Kind<readonly string[]> {
  return {
    accepts: "addresses or networks, comma-separated, such as 127.0.0.1,10.0.0.0/8",
    schema: z
      .string()
      .max(TEXT_MAX)
      .transform((text) => text.split(",").map((part) => part.trim()))
      .refine((parts) => parts.every(isNetwork)),
    format: (parts) => parts.join(","),
  };
}

/** Milliseconds, or "never". */
function lifetime(): Kind<number | "never"> {
  return {
    accepts: `never, or hours or days up to ${DAYS_MAX}d, such as 12h or 90d`,
    schema: z
      .string()
      .regex(/^(never|[1-9]\d{0,5}[hd])$/)
      .transform((text) => (text === "never" ? text : msOf(text)))
      .refine((life) => life === "never" || life <= DAYS_MAX * DAY_MS),
    format: (life) => {
      if (life === "never") return life;
      return life % DAY_MS === 0 ? `${life / DAY_MS}d` : `${life / HOUR_MS}h`;
    },
  };
}

function msOf(text: string): number {
  return Number(text.slice(0, -1)) * (text.endsWith("d") ? DAY_MS : HOUR_MS);
}
