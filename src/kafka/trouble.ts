/**
 * What brokers hold against our clients at the moment: a quota, a refused login, a certificate. The
 * requests that suffer from it say only that no answer came.
 */

/** A client that is refused tries again within seconds, so that what is older is over. */
const TROUBLE_MS_MAX = 20_000;
/** A shorter delay holds nobody up for long. */
const THROTTLE_MS_MIN = 500;
/** Errors of a connection that waiting does not cure. */
const REFUSED = new Set(["_AUTHENTICATION", "_SSL", "SASL_AUTHENTICATION_FAILED"]);

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

  /** `clause`: the explanation of a client's error. */
  failed(code: string, clause: string): void {
    if (REFUSED.has(code)) this.#note(clause, TROUBLE_MS_MAX);
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
    this.#note(clause, ms + TROUBLE_MS_MAX);
    return clause;
  }

  #note(clause: string, ms: number): void {
    this.#last = { clause, until: this.#now() + ms };
  }
}
