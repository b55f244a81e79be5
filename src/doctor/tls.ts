/** What the certificate at an address says, looked at as a client of Kafka does. */

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import { explained } from "../kafka/kafka.ts";
import { messageOf } from "../lib/errors.ts";
import { counted } from "../lib/text.ts";
import { type Finding, say } from "./finding.ts";

const LOOK_MS_MAX = 3_000;
const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
/** Who renews by hand needs some days. */
const DAYS_LEFT_MIN = 14;
/** Of the time of a certificate that a machine renews. */
const SHARE_LEFT_MIN = 0.25;
/** Longer times are told in days. */
const HOURS_MAX = 48;

type Properties = Readonly<Record<string, string>>;

export function usesTls(properties: Properties): boolean {
  return /SSL$/i.test(properties["security.protocol"] ?? "");
}

/** One finding for each address. Never rejects. */
export function checkCertificates(
  addresses: readonly string[],
  properties: Properties,
  now = Date.now(),
): Promise<Finding[]> {
  return Promise.all(addresses.map((address) => checkCertificate(address, properties, now)));
}

/** What the client shows to brokers that want a certificate; nothing of one in a keystore. */
export function checkOwnCertificate(properties: Properties, now = Date.now()): Finding[] {
  const told = say("tls");
  const path = properties["ssl.certificate.location"];
  const pem = properties["ssl.certificate.pem"];
  if (path === undefined && pem === undefined) return [];
  // Where both are given, librdkafka shows the text.
  const what = pem === undefined ? `the file ${path}` : "ssl.certificate.pem";
  const mend =
    pem === undefined
      ? "Renew it: new connections show what the file holds then, without a restart"
      : "Renew it, and restart: a text is read once, unlike a file (ssl.certificate.location)";
  const name = `The certificate that this client shows, in ${what},`;
  try {
    const text = pem ?? readFileSync(path ?? "");
    return [lifeOf(told, { name, over: "no broker accepts it", mend }, text, now)];
  } catch (error) {
    const text = `There is no certificate of this client in ${what}: ${messageOf(error)}`;
    return [told.problem(text)];
  }
}

/**
 * How long a certificate of our own lasts. `over`: what follows when it has ended.
 * @throws Error when it cannot be read
 */
export function lifeOf(
  { ok, problem, warning }: ReturnType<typeof say>,
  { name, over, mend }: { name: string; over: string; mend: string },
  certificate: string | Buffer,
  now: number,
): Finding {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
  if (until <= now) return problem(`${name} ended ${lengthOf(now - until)} ago: ${over}`, mend);
  const text = `${name} ends in ${lengthOf(until - now)}`;
  // Machines renew those of some hours or days, often after two thirds of their time.
  const isLate = until - now < Math.min(DAYS_LEFT_MIN * DAY_MS, (until - from) * SHARE_LEFT_MIN);
  return isLate ? warning(text, mend) : ok(text);
}

/** In days, or in hours when it is short. */
export function lengthOf(ms: number): string {
  if (ms < HOUR_MS) return "less than an hour";
  const isLong = ms >= HOURS_MAX * HOUR_MS;
  return isLong
    ? counted(Math.floor(ms / DAY_MS), "day")
    : counted(Math.floor(ms / HOUR_MS), "hour");
}

interface SeenCertificate {
  /** Why it is refused; empty = it is good. */
  readonly refusal: string;
  /** The end of its time, epoch milliseconds; NaN = unknown. */
  readonly until: number;
}

async function checkCertificate(address: string, properties: Properties, now: number) {
  const { ok, problem, warning } = say("tls");
  try {
    const { refusal, until } = await lookAtCertificate(address, properties);
    if (refusal) return problem(`${address}: ${explained("_SSL", refusal)}`, mendOf(refusal));
    if (Number.isNaN(until)) return ok(`The certificate of ${address} is trusted`);
    const days = Math.floor((until - now) / DAY_MS);
    const left = `is trusted, and ends in ${counted(days, "day")}`;
    const text = `The certificate of ${address} ${left}`;
    return days < DAYS_LEFT_MIN ? warning(text, "Renew it on the broker") : ok(text);
  } catch (error) {
    return problem(`There is no TLS at ${address}: ${explained("_SSL", messageOf(error))}`);
  }
}

function mendOf(refusal: string): string | undefined {
  const isUnknown = /issuer|self.signed|leaf.signature|verify the first/i.test(refusal);
  return isUnknown ? "-X ssl.ca.location=FILE, with the authority's certificate" : undefined;
}

function lookAtCertificate(address: string, properties: Properties): Promise<SeenCertificate> {
  const { promise, resolve, reject } = Promise.withResolvers<SeenCertificate>();
  const [, host = "", port = ""] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(address) ?? [];
  // Looked at and told, instead of a connection that only breaks.
  const options: ConnectionOptions = { host, port: Number(port), rejectUnauthorized: false };
  if (isIP(host) === 0) options.servername = host;
  const socket = connect({ ...options, ...filesOf(properties) }, () => {
    const { valid_to: until } = socket.getPeerCertificate();
    const error: unknown = socket.authorizationError;
    const refusal = error ? wordsOf(error) : "";
    const isAllowed = namesAreIgnored(properties) && /ALTNAME/.test(refusal);
    resolve({ refusal: isAllowed ? "" : refusal, until: Date.parse(until ?? "") });
    socket.destroy();
  });
  socket.setTimeout(LOOK_MS_MAX, () => socket.destroy(new Error("no answer in time")));
  socket.on("error", reject);
  return promise;
}

/** Node names the reason by a code, or by an error. */
function wordsOf(error: unknown): string {
  const text =
    error instanceof Error ? `${"code" in error ? error.code : ""} ${error.message}` : "";
  const words = `${text || error}`.trim().replaceAll("_", " ").toLowerCase();
  if (/expired/.test(words)) return "certificate has expired";
  return /altname/.test(words) ? "hostname mismatch (ALTNAME)" : words;
}

function namesAreIgnored(properties: Properties): boolean {
  return properties["ssl.endpoint.identification.algorithm"] === "none";
}

/** The certificates and keys that the properties name. @throws Error when a file is missing */
function filesOf(properties: Properties): ConnectionOptions {
  const content = (name: string) => {
    const path = properties[`ssl.${name}.location`];
    return properties[`ssl.${name}.pem`] ?? (path === undefined ? undefined : readFileSync(path));
  };
  const [ca, cert, key] = [content("ca"), content("certificate"), content("key")];
  const passphrase = properties["ssl.key.password"];
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
  };
}
