/** What the options of access accept and refuse, for the test of all options. */

import type { Config } from "../../src/config/config.ts";
import type { Env } from "./settings.ts";

const token = ["token", "create", "--tokens", "t"];

/** Arguments, environment with the same effect, key, value. */
export const accessAccepted: [string[], Env | undefined, keyof Config, unknown][] = [
  [["--allowed-hosts=b, [::1]"], undefined, "allowedHosts", ["b", "::1"]],
  [
    ["--frame-ancestors", "https://Wall.example.com, http://10.0.0.7:8080"],
    { SALESBOARD_FRAME_ANCESTORS: "https://wall.example.com,http://10.0.0.7:8080" },
    "frameAncestors",
    ["https://wall.example.com", "http://10.0.0.7:8080"],
  ],
  [
    ["--host", "my_container", "--insecure-listen"],
    { HOST: "my_container", SALESBOARD_INSECURE_LISTEN: "true" },
    "host",
    "my_container",
  ],
  [
    ["--tls-cert", "c", "--tls-key", "k"],
    { SALESBOARD_TLS_CERT: "c", SALESBOARD_TLS_KEY: "k" },
    "tlsCert",
    "c",
  ],
  [["--tls-cert", "c", "--tls-key", "k"], undefined, "tlsKey", "k"],
  [
    ["--tls-cert", "c", "--tls-key", "k", "--http-redirect-port", "80"],
    { SALESBOARD_TLS_CERT: "c", SALESBOARD_TLS_KEY: "k", SALESBOARD_HTTP_REDIRECT_PORT: "80" },
    "httpRedirectPort",
    80,
  ],
  [["--metrics-port", "9100"], { SALESBOARD_METRICS_PORT: "9100" }, "metricsPort", 9100],
  [["--insecure-listen"], { SALESBOARD_INSECURE_LISTEN: "true" }, "insecureListen", true],
  [["--host", "::1"], { HOST: "::1" }, "host", "::1"],
  [["--users", "u"], { SALESBOARD_USERS: "u" }, "users", "u"],
  [
    ["--trusted-proxy", "127.0.0.1, 10.0.0.0/8,fd00::/8"],
    { SALESBOARD_TRUSTED_PROXY: "127.0.0.1,10.0.0.0/8,fd00::/8" },
    "trustedProxy",
    ["127.0.0.1", "10.0.0.0/8", "fd00::/8"],
  ],
  [
    ["--trusted-proxy", "::1", "--proxy-user-header", "Remote-User"],
    { SALESBOARD_TRUSTED_PROXY: "::1", SALESBOARD_PROXY_USER_HEADER: "Remote-User" },
    "proxyUserHeader",
    "Remote-User",
  ],
  [["--tokens", "t"], { SALESBOARD_TOKENS: "t" }, "tokens", "t"],
  [
    ["top", "--dashboard-token", "sb_x"],
    { SALESBOARD_DASHBOARD_TOKEN: "sb_x" },
    "dashboardToken",
    "sb_x",
  ],
  [[...token, "--name", " till 7 "], undefined, "tokenName", "till 7"],
  [[...token, "--name", "t", "--role", "guest"], undefined, "tokenRole", "guest"],
  [[...token, "--name", "t", "--expires", "12h"], undefined, "tokenExpires", 12 * 3_600_000],
  [[...token, "--name", "t", "--expires", "2d"], undefined, "tokenExpires", 48 * 3_600_000],
  [[...token, "--name", "t", "--expires", "never"], undefined, "tokenExpires", "never"],
];

export const accessRefused: [string, string[]][] = [
  ["--allowed-hosts", ["a b", "host:80", "a,,b", "http://a", "*"]],
  [
    "--frame-ancestors",
    ["", "*", "a.example.com", "http://a/x", "https://a; script-src *", "http://a,", "'self'"],
  ],
  ["--host", ["a b", "host:80", "-a", "a..b", "http://a"]],
  ["--metrics-port", ["-1", "65536", "1.5", "x", ""]],
  ["--http-redirect-port", ["-1", "65536", "http", ""]],
  ["--trusted-proxy", ["", "proxy", "10.0.0.0/33", "::1/129", "10.0.0.0/8/8", "1.2.3.4,", "*"]],
  ["--proxy-user-header", ["", "Remote-Groups", "X-Forwarded-User,Remote-User", "both"]],
  ["--role", ["boss", "Viewer", ""]],
  ["--name", ["", " ", "a:b", "a,b", "#a", "a\nb", "x".repeat(129)]],
  ["--expires", ["90", "0d", "3651d", "1m", "1.5d", "-1d", "Never", "9999999h"]],
];
