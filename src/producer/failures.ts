/** Sales that were not delivered, by reason, and the sentence that tells of them. */

import type { KafkaError, Producer } from "../kafka/kafka.ts";
import type { Log } from "../lib/log.ts";
import { withoutStop } from "../lib/text.ts";

/** Kafka's answers to a producer that may not write. */
const NO_RIGHT = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  // Of the first request of an idempotent producer, which Kafka grants to whoever may write.
  "CLUSTER_AUTHORIZATION_FAILED",
]);

export class Failures {
  readonly #topic: string;
  readonly #log: Log;
  /** Reason → number of sales. */
  readonly #byReason = new Map<string, number>();
  /** Why the producer took no more sales. */
  #stopped: string | undefined;

  constructor(topic: string, log: Log) {
    this.#topic = topic;
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#byReason.size === 0 && this.#stopped === undefined;
  }

  get count(): number {
    return [...this.#byReason.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Takes the failed deliveries over. */
  take(producer: Pick<Producer, "takeFailures">): void {
    for (const { error, count } of producer.takeFailures()) this.add(this.#reasonOf(error), count);
  }

  /** Logs each reason once. */
  add(reason: string, count: number): void {
    if (count === 0) return;
    if (!this.#byReason.has(reason)) this.#log.error("Sales were not delivered.", { reason });
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + count);
  }

  /** No sale can be sent any more. */
  stopped(error: KafkaError): void {
    this.#stopped = this.#reasonOf(error);
  }

  /** @param lost how many sales have no acknowledgement; a reason may be known of fewer */
  reasons(lost: number): string {
    const known = [...this.#byReason];
    const others = lost - this.count;
    const stopped = this.#stopped;
    if (stopped !== undefined && !this.#byReason.has(stopped)) known.push([stopped, others]);
    else if (others > 0) known.push(["no acknowledgement came", others]);
    return known
      .map(([reason, count]) => {
        const text = withoutStop(reason);
        return count > 0 ? `${count} × ${text}` : text;
      })
      .join("; ");
  }

  #reasonOf({ code, message }: KafkaError): string {
    if (!NO_RIGHT.has(code)) return message;
    return `the right Write on topic ${this.#topic} is missing (${code})`;
  }
}
