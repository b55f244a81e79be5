/**
 * What brokers hold against our clients at the moment: a quota, a refused login, a certificate. The
 * requests that suffer from it say only that no answer came. And when any broker last answered.
 */

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { messageOf } from "../lib/errors.ts";
import { BROKEN_LOGIN, REFUSED_CERTIFICATE } from "./explanations.ts";

/**
 * A client says the same of a broker once in 30 s, and waits up to 20 s for its next login
 * (refused-login.patch). What is older is over.
 */
const TROUBLE_MS_MAX = 55_000;
/** Who is held back hears that with each answer. */
const THROTTLE_MS_MAX = 20_000;
/** Each client tells once that it meets another cluster, and what is missing there stays so. */
const OTHER_CLUSTER_MS_MAX = 1_800_000;
const OTHER_CLUSTER = /reports different ClusterId/;
const ANOTHER_CLUSTER =
  "The brokers' addresses lead to another Kafka cluster than before: the addresses are wrong, or " +
  "the cluster was made anew";
/** A shorter delay holds nobody up for long. */
const THROTTLE_MS_MIN = 500;
/** Errors of a connection that waiting does not cure. */
const REFUSED = new Set(["_AUTHENTICATION", "_SSL", "SASL_AUTHENTICATION_FAILED"]);

/** Whether a client's error says that it is refused. `raw`: the client's own words. */
export function isRefusal(code: string, raw = ""): boolean {
  return REFUSED.has(code) && !BROKEN_LOGIN.test(raw);
}

/**
 * What is known against the certificate that the client shows, as a clause; undefined = nothing.
 * Looks into the file, because that may have been renewed. `now`: epoch milliseconds.
 */
export function ownCertificateProblem(
  properties: Readonly<Record<string, string>>,
  now = Date.now(),
): string | undefined {
  const { "ssl.certificate.location": path, "ssl.certificate.pem": pem } = properties;
  if (path === undefined && pem === undefined) return undefined;
  // Where both are given, librdkafka shows the text.
  const [where, mend] =
    pem === undefined
      ? [path, "Renew the files of certificate and key: the next connection uses them"]
      : ["ssl.certificate.pem", "Renew it, and restart: a text is read once, unlike a file"];
  try {
    const { validTo } = new X509Certificate(pem ?? readFileSync(path ?? ""));
    const until = Date.parse(validTo);
    if (until > now) return undefined;
    return `the one in ${where} ended at ${new Date(until).toISOString()}. ${mend}`;
  } catch (error) {
    return `there is none in ${where}: ${messageOf(error)}`;
  }
}

export class Troubles {
  readonly #now: () => number;
  #last: { clause: string; until: number } | undefined;

  /** `now`: milliseconds of a monotonic clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A clause; undefined = nothing is known at the moment. */
  get current(): string | undefined {
    return this.#last && this.#now() < this.#last.until ? this.#last.clause : undefined;
  }

  /** `clause`: the explanation of a client's error. `raw`: its own words. */
  failed(code: string, clause: string, raw = ""): void {
    // With TLS 1.3 a broker refuses our certificate after the handshake: the connection breaks.
    const isRefused = isRefusal(code, raw) || REFUSED_CERTIFICATE.test(raw);
    if (isRefused) this.#note(clause, TROUBLE_MS_MAX);
  }

  /** A broker has delayed an answer by `ms`. Returns the clause, if that is worth a word. */
  throttled(broker: number, ms: number, user: string | undefined): string | undefined {
    if (ms < THROTTLE_MS_MIN) return undefined;
    const whose = user ? `user ${user}, or of the client id` : "client id or user";
    const clause =
      `A quota holds Salesboard back: broker ${broker} delays its answers. Raise ` +
      `producer_byte_rate, consumer_byte_rate and request_percentage of the ${whose} ` +
      "(kafka-configs.sh --entity-type users or clients)";
    // The next answer comes when this delay is over.
    this.#note(clause, ms + THROTTLE_MS_MAX);
    return clause;
  }

  /** A line of a client's log. */
  line(message: string): void {
    if (OTHER_CLUSTER.test(message)) this.#note(ANOTHER_CLUSTER, OTHER_CLUSTER_MS_MAX);
  }

  #note(clause: string, ms: number): void {
    this.#last = { clause, until: this.#now() + ms };
  }
}

/** Readers hear from their brokers more often. */
const HEARD_MS_MAX = 2_000;

/** Knows when any broker has last answered any of the clients that are still there. */
export class Hearing<T extends object> {
  readonly #clients = new Set<WeakRef<T>>();
  readonly #answeredMsAgo: (client: T) => number | undefined;

  /** `answeredMsAgo`: how long ago a client had an answer; undefined = never. */
  constructor(answeredMsAgo: (client: T) => number | undefined) {
    this.#answeredMsAgo = answeredMsAgo;
  }

  /** Returns the client. Its answers count from now on. */
  added<C extends T>(client: C): C {
    for (const ref of this.#clients) if (!ref.deref()) this.#clients.delete(ref);
    this.#clients.add(new WeakRef<T>(client));
    return client;
  }

  /**
   * Whether the error of this code is only that a client has lost its connections while others are
   * answered: brokers and proxies end those that are idle. Who is refused afterwards says more.
   */
  isIdleEnd(code: string): boolean {
    return code === "_ALL_BROKERS_DOWN" && (this.msAgo ?? HEARD_MS_MAX) < HEARD_MS_MAX;
  }

  /** Milliseconds since the last answer; undefined = there was none. */
  get msAgo(): number | undefined {
    const all = [...this.#clients].flatMap((ref) => {
      const client = ref.deref();
      return client ? (this.#answeredMsAgo(client) ?? []) : [];
    });
    return all.length === 0 ? undefined : Math.min(...all);
  }
}

/** What a line of the client means. Its own words stand beside the sentence. */
export function lineSentence(message: string): string {
  if (OTHER_CLUSTER.test(message)) return `${ANOTHER_CLUSTER}.`;
  if (/Certificate files have changed/.test(message)) {
    return "The files of certificates have changed: new connections use what they hold now.";
  }
  if (/Changed certificate files/.test(message)) {
    return (
      "Changed certificate files cannot be used, perhaps because only one of certificate and key " +
      "is replaced so far: the ones before stay in use."
    );
  }
  if (/preferred replica/.test(message)) {
    return "The broker that this reader prefers is away, so that another one is read.";
  }
  if (/ApiVersion.*timed out/i.test(message)) {
    return "A broker does not answer new connections: it is frozen, overloaded, or starting.";
  }
  if (/broker version|api\.version/i.test(message)) {
    return "A port does not answer like a Kafka broker: check --brokers and -X security.protocol.";
  }
  if (/acquire .*PID/i.test(message)) {
    return "The transactions of this process cannot be opened yet. Kafka is asked again.";
  }
  if (/Timed out \d+ in-flight/.test(message)) {
    return "A broker did not answer in time. What was asked is asked again.";
  }
  if (/session timed out/.test(message)) {
    return "The coordinator of the group is silent: the partitions are given up, and asked for again.";
  }
  return "The Kafka client reports something that needs no action as long as sales are counted.";
}
