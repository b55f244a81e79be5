/** Bytes that are nearly always nearly a request by HTTP/1.1. */

import type { Random } from "./generate.ts";

const PATHS = [
  ...["/", "/index.html", "/graph", "/product", "/product/sales", "/rejected", "/livez", "/readyz"],
  ...["/api/v1/totals", "/api/totals", "/api/v1/history", "/api/v1/alerts", "/metrics", "/login"],
  ...["/download/totals.csv", "/api/v1/download/totals.json", "/download/dead-letters.ndjson"],
  ...["/download/history.csv", "/openapi.json", "/asyncapi.json", "/assets/x", "/logout", "/api"],
  ...["/nothing", "*", "", "//", "/..", "/./graph", "http://evil.example/", "localhost:1"],
];
const PIECES = [
  ...["%", "%0", "%zz", "%00", "%ff", "%c0%af", "%2e%2e%2f", "%0d%0aX: y", "%F0%9F%98%80", "+"],
  ...["../", "\\", "\u0000", "\u007f", "é", "😀", "<script>", "'", '"', ";", "&", "=", "#", "?"],
  ...["a".repeat(3_000), "%41".repeat(1_000), "/".repeat(500), "[", "]", "{", "}", " ", "\t"],
];
const NAMES = [
  ...["view", "lang", "period", "tz", "theme", "kiosk", "mask", "sort", "q", "page", "window"],
  ...["measure", "shape", "product", "next", "__proto__", "constructor", "", "product[]", "a.b"],
];
const VALUES = [
  ...["", "true", "false", "1", "-1", "0", "1e9", "99999999999999999999", "NaN", "null", "table"],
  ...["graph", "product", "letters", "today", "7d", "all", "-price", "sales", "24h", "units", "de"],
  ...["Europe/Vienna", "../../etc/passwd", "Etc/GMT+14", "Laptop", "lines", "//evil", "/graph?x"],
];
const METHODS = [
  ...Array<string>(14).fill("GET"),
  ...["HEAD", "POST", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"],
  ...["CONNECT", "PROPFIND", "get", "G\u0000T", "", "X".repeat(200)],
];
const HOSTS = [
  ...["localhost", "localhost", "127.0.0.1:1", "[::1]", "evil.example", "", " ", "localhost:99999"],
  ...[
    "[::1",
    "a b",
    "localhost,evil",
    "\u00e9",
    "localhost\u0000",
    "x".repeat(5_000),
    "user@localhost",
  ],
];
const TYPES = [
  ...[
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=b",
  ],
  ...["application/json", "text/plain", "", "x", "multipart/form-data; boundary="],
];
const BODIES = [
  ...["name=ada&password=x", "", "name", "&&&&", "%%%", "name[]=1", "{", "name=%00&next=//evil"],
  ...[
    '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nada\r\n--b--\r\n',
    "--b\r\n\r\n--b",
  ],
];

export function nearlyRequest(random: Random, session: string): Buffer {
  const host = random.below(15) > 0 ? "localhost" : random.pick(HOSTS);
  const headers = random.below(40) === 0 ? [] : [`Host: ${host}`];
  for (let i = random.below(4); i > 0; i--) headers.push(oddHeader(random, session));
  const method = random.pick(METHODS);
  const body = bodyOf(random, method);
  if (body !== undefined) headers.push(...framing(random, body));
  const version =
    random.below(30) === 0 ? random.pick(["HTTP/1.0", "HTTP/9.9", "x", ""]) : "HTTP/1.1";
  const end = random.below(50) === 0 ? "\n" : "\r\n";
  const head = [`${method} ${target(random)} ${version}`, "Connection: close", ...headers];
  return Buffer.from(`${head.join(end)}${end}${end}${body ?? ""}`);
}

function target(random: Random): string {
  let path = random.pick(PATHS);
  if (random.below(5) === 0) {
    const at = random.below(path.length + 1);
    path = path.slice(0, at) + random.pick(PIECES) + path.slice(at);
  }
  const query: string[] = [];
  for (let i = random.below(4); i > 0; i--) {
    const value = random.below(3) === 0 ? random.pick(PIECES) : random.pick(VALUES);
    query.push(`${random.pick(NAMES)}=${value}`);
  }
  // White space would end the address, and make another request of what follows.
  const whole = query.length === 0 ? path : `${path}?${query.join("&")}`;
  return random.below(20) === 0 ? whole : whole.replace(/\s/g, "+");
}

function bodyOf(random: Random, method: string): string | undefined {
  if (method !== "POST" && random.below(6) > 0) return undefined;
  return random.below(15) === 0 ? "x".repeat(200_000) : random.pick(BODIES);
}

function framing(random: Random, body: string): string[] {
  const type = `Content-Type: ${random.pick(TYPES)}`;
  const length = Buffer.byteLength(body);
  switch (random.below(10)) {
    case 0:
      return [type, `Content-Length: ${length + 10}`];
    case 1:
      return [type, "Transfer-Encoding: chunked"];
    case 2:
      return [type, `Content-Length: ${random.pick(["-1", "x", "1e3", "99999999999999999999"])}`];
    case 3:
      return [type, `Content-Length: ${length}`, "Transfer-Encoding: chunked"];
    default:
      return [type, `Content-Length: ${length}`];
  }
}

function oddHeader(random: Random, session: string): string {
  const text = random.pick([...PIECES, ...VALUES]);
  const base64 = Buffer.from(text).toString("base64");
  return random.pick([
    `Cookie: salesboard_session=${random.below(2) === 0 ? session : text}`,
    `Cookie: ${"a=b; ".repeat(random.below(500))}${text}`,
    `Authorization: Basic ${random.pick([base64, text, "YWRh", ""])}`,
    `Authorization: Bearer ${text}`,
    `Authorization: ${text}`,
    `Accept-Language: ${random.pick(["de", "*", "x-y-z;q=9", ",,;;", text])}`,
    `Accept: ${random.pick(["text/html", "*/*", text])}`,
    `Accept-Encoding: ${random.pick(["gzip", "gzip;q=0", text])}`,
    `If-None-Match: ${random.pick(["*", '"x"', 'W/"', ",,", text])}`,
    `X-Forwarded-For: ${random.pick(["1.2.3.4, ::1", "x", ",", text])}`,
    `X-Forwarded-User: ${text}`,
    `X-Forwarded-Proto: ${text}`,
    `Origin: ${random.pick(["null", "http://evil.example", "http://", text])}`,
    `Sec-Fetch-Site: ${random.pick(["cross-site", "same-origin", text])}`,
    `Range: bytes=${text}`,
    `Expect: 100-continue`,
    `Upgrade: ${random.pick(["websocket", "h2c"])}`,
    `Host: evil.example`,
    text,
  ]);
}
