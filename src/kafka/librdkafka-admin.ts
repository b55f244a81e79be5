/** The port's admin on the addon: what is asked of the cluster, and the making of topics. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, KafkaError, type TopicDescription, type Watermarks } from "./kafka.ts";
import { CLOSE_MS_MAX, REQUEST_MS_MAX } from "./librdkafka-clients.ts";
import { classed, kafkaError, retried } from "./librdkafka-errors.ts";
import type { NativeAdmin, NativeConsumer, NativeError } from "./native.ts";

/** One try of a ping: short, so that a refused password is reported at once. */
const PING_MS_MAX = 1_000;
const BROKERS_DEFAULT = -1;
const KNOWN_TRIES_MAX = 50;
const KNOWN_WAIT_MS = 50;

/** Failures of a connection that no waiting cures. */
const REFUSED = new Set(["_AUTHENTICATION", "_SSL", "SASL_AUTHENTICATION_FAILED"]);
/** What the broker answers about a topic that is not there. */
const NO_TOPIC = new Set(["UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC"]);

export class LibrdkafkaAdmin implements Admin {
  readonly #reader: NativeConsumer;
  readonly #admin: NativeAdmin;
  /** What went wrong last with a connection; a request alone knows only that it got no answer. */
  #clientError: NativeError | undefined;

  constructor(reader: NativeConsumer, admin: NativeAdmin) {
    this.#reader = reader;
    this.#admin = admin;
  }

  noteClientError(error: NativeError): void {
    if (error.code !== "_ALL_BROKERS_DOWN") this.#clientError = error;
  }

  async ping(timeoutMs: number): Promise<{ brokers: number }> {
    const giveUpAt = performance.now() + timeoutMs;
    for (;;) {
      const leftMs = Math.max(1, Math.round(giveUpAt - performance.now()));
      try {
        return await classed(this.#admin.metadata(null, Math.min(leftMs, PING_MS_MAX)));
      } catch (error) {
        const cause = this.#clientError;
        if (cause && REFUSED.has(cause.code)) throw kafkaError(cause, () => "fatal");
        const passing = error instanceof KafkaError && error.verdict === "retry";
        if (passing && performance.now() < giveUpAt) continue;
        throw passing && cause ? kafkaError(cause, () => "retry") : error;
      }
    }
  }

  async describeTopic(topic: string): Promise<TopicDescription | undefined> {
    // Asked with the client that `watermarks` uses: it learns of new partitions by the answer.
    const { topics } = await retried(() => this.#reader.metadata(topic, REQUEST_MS_MAX));
    const found = topics.find(({ name }) => name === topic);
    if (!found || NO_TOPIC.has(found.error)) return undefined;
    if (found.error !== "") {
      throw new KafkaError(`Cannot describe topic ${topic}: ${found.error}`, {
        code: found.error,
        verdict: "fatal",
      });
    }
    return { partitions: found.partitions };
  }

  async createTopic(topic: string, options: Parameters<Admin["createTopic"]>[1]): Promise<void> {
    const { partitions, replicationFactor = BROKERS_DEFAULT, config } = options;
    await retried(() =>
      this.#admin.createTopic(topic, partitions, replicationFactor, config, REQUEST_MS_MAX),
    );
    await this.#untilKnown(topic, partitions);
  }

  async addPartitions(topic: string, partitionsTotal: number): Promise<void> {
    try {
      await retried(() => this.#admin.addPartitions(topic, partitionsTotal, REQUEST_MS_MAX));
    } catch (error) {
      // What somebody else, or a try that timed out, has added already is no failure.
      const isThere = error instanceof KafkaError && error.code === "INVALID_PARTITIONS";
      const described = isThere ? await this.describeTopic(topic) : undefined;
      if (!described || described.partitions < partitionsTotal) throw error;
    }
    await this.#untilKnown(topic, partitionsTotal);
  }

  /** The broker's answer to a change comes before the change is known everywhere. */
  async #untilKnown(topic: string, partitions: number): Promise<void> {
    for (let asked = 0; asked < KNOWN_TRIES_MAX; asked++) {
      const described = await this.describeTopic(topic);
      if (described && described.partitions >= partitions) return;
      await sleep(KNOWN_WAIT_MS);
    }
  }

  async watermarks(topic: string, partition: number): Promise<Watermarks> {
    const all = await this.allWatermarks(topic, [partition]);
    return all.get(partition) as Watermarks;
  }

  async allWatermarks(
    topic: string,
    partitions: readonly number[],
  ): Promise<Map<number, Watermarks>> {
    if (partitions.length === 0) return new Map();
    const ask = () => this.#reader.watermarks(topic, [...partitions], REQUEST_MS_MAX);
    const all = await retried(ask);
    return new Map(all.map(({ partition, low, high }) => [partition, { low, high }]));
  }

  async close(): Promise<void> {
    await Promise.all([this.#reader, this.#admin].map((c) => classed(c.close(CLOSE_MS_MAX))));
  }
}
