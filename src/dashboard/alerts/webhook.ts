/**
 * Posts alerts to the user's webhook one by one, in order. Nothing waits for the webhook. The
 * queue, the time-out and the number of tries are bounded.
 */

import type { Log } from "../../lib/log.ts";
import { pause } from "../../lib/wait.ts";
import { type Site, totalsText } from "../look/site.ts";
import { type AlertEvent, formatValue } from "./alerts.ts";

/** A start and an end for each of fifty rules. */
const QUEUE_MAX = 100;
const TRIES_MAX = 5;
const TIMEOUT_MS = 10_000;
/** The wait before the second try. Doubles before each further try: 1, 2, 4 and 8 s. */
const BACKOFF_MS = 1_000;

export interface WebhookOptions {
  /** Contains a secret, so logs and errors show only its host. */
  readonly url: string;
  readonly log: Log;
  readonly backoffMs?: number;
  readonly timeoutMs?: number;
}

/** The outcome of a try: delivered, worth another try, or refused for good. */
type PostOutcome = {
  readonly isDelivered: boolean;
  readonly isFinal: boolean;
  readonly reason: string;
};

export class Webhook {
  readonly #options: WebhookOptions;
  readonly #queue: string[] = [];
  readonly #closing = new AbortController();
  /** The running delivery; undefined while the queue is empty. */
  #sending: Promise<void> | undefined;
  /** A failure is logged once, until an alert is delivered again. */
  #isFailing = false;
  #delivered = 0;
  #failed = 0;
  #retried = 0;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** Alerts delivered; alerts given up or refused by a full queue; tries after the first. */
  get stats(): { delivered: number; failed: number; retried: number } {
    return { delivered: this.#delivered, failed: this.#failed, retried: this.#retried };
  }

  /** Sends the alert once those before it are sent or given up. `site`: the source of its value. */
  post(event: AlertEvent, site: Site): void {
    if (this.#closing.signal.aborted) return;
    if (this.#queue.length >= QUEUE_MAX) {
      this.#fail(`${QUEUE_MAX} alerts are already waiting`);
      return;
    }
    this.#queue.push(payload(event, site));
    this.#sending ??= this.#sendAll();
  }

  /** Gives up the running delivery and the queue. Resolves when nothing is being sent. */
  async close(): Promise<void> {
    this.#closing.abort();
    const message = "Salesboard stopped before it delivered all alerts.";
    if (this.#queue.length > 0) this.#log.warning(message, { alerts: this.#queue.length });
    this.#queue.length = 0;
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    // An alert stays in the queue while it is sent, so that the bound counts it too.
    for (let body = this.#queue[0]; body !== undefined; body = this.#queue[0]) {
      await this.#send(body);
      this.#queue.shift();
    }
    this.#sending = undefined;
  }

  async #send(body: string): Promise<void> {
    const { signal } = this.#closing;
    for (let tries = 1; !signal.aborted; tries++) {
      const { isDelivered, isFinal, reason } = await this.#try(body);
      if (signal.aborted) return;
      if (isDelivered) return this.#deliver();
      if (isFinal || tries === TRIES_MAX) return this.#fail(reason);
      this.#retried++;
      await pause((this.#options.backoffMs ?? BACKOFF_MS) * 2 ** (tries - 1), signal);
    }
  }

  /** Never rejects. */
  async #try(body: string): Promise<PostOutcome> {
    const { url, timeoutMs = TIMEOUT_MS } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json; charset=utf-8", "User-Agent": "salesboard" },
        body,
        // A redirect could send the alert to a host that the user did not choose.
        redirect: "manual",
        signal: AbortSignal.any([timeout, this.#closing.signal]),
      });
      await response.body?.cancel();
      const { ok: isDelivered, status } = response;
      const isPassing = status >= 500 || status === 408 || status === 425 || status === 429;
      return { isDelivered, isFinal: !isPassing, reason: `it answered ${status}` };
    } catch (error) {
      // The message of the error can contain the URL; its code and name cannot.
      const { code, name } = error as { code?: string; name?: string };
      const reason = timeout.aborted
        ? `no answer within ${timeoutMs} ms`
        : (code ?? name ?? "error");
      return { isDelivered: false, isFinal: false, reason };
    }
  }

  #deliver(): void {
    this.#delivered++;
    if (this.#isFailing) this.#log.info("Alerts reach the webhook again.");
    this.#isFailing = false;
  }

  #fail(reason: string): void {
    this.#failed++;
    const message = "Cannot deliver an alert to the webhook. Further failures are only counted.";
    if (!this.#isFailing) this.#log.error(message, { reason });
    this.#isFailing = true;
  }

  get #log(): Log {
    return this.#options.log.with({ host: new URL(this.#options.url).host });
  }
}

/** The body of the post. Chat programs show only `text`. */
function payload(event: AlertEvent, site: Site): string {
  const { rule, state } = event;
  const value = formatValue(rule, event.value);
  const since = event.since.toISOString();
  const at = event.at.toISOString();
  const topics = totalsText(site, {});
  const held = state === "firing" ? `has held since ${since}` : `held from ${since} to ${at}`;
  return JSON.stringify({
    // The same for every try, so that a receiver can recognise a repeat.
    id: crypto.randomUUID(),
    rule: rule.text,
    state,
    value,
    threshold: formatValue(rule, rule.threshold),
    since,
    at,
    topic: topics,
    currency: site.currency,
    text: `Salesboard alert ${state}: ${rule.text} ${held}; its value is ${value} (${topics}).`,
  });
}
