/** The port's admin on the addon. It asks the cluster and makes topics. */

import { setTimeout as sleep } from "node:timers/promises";
import { explained } from "./explanations.ts";
import { type SeenCluster, SilentLeaders } from "./health.ts";
import {
  type Admin,
  type GroupMember,
  type Identity,
  KafkaError,
  type TopicDescription,
  type TopicSettings,
  type Watermarks,
} from "./kafka.ts";
import { CLOSE_MS_MAX, REQUEST_MS_MAX } from "./librdkafka-clients.ts";
import {
  classify,
  isNativeError,
  kafkaError,
  NO_LEADER,
  NO_TOPIC,
  reworded,
  SILENT,
  withRetries,
} from "./librdkafka-errors.ts";
import type { NativeAdmin, NativeConsumer, NativeError } from "./native.ts";
import { isRefusal } from "./trouble.ts";

/** One try of a ping. Short, so that a refused password is reported at once. */
const PING_MS_MAX = 1_000;
/** They are only looked at, and again soon. */
const SETTINGS_TRIES_MAX = 2;
/** They are asked for again within seconds. */
const STABLE_TRIES_MAX = 3;
const BROKERS_DEFAULT = -1;
const KNOWN_TRIES_MAX = 50;
const KNOWN_WAIT_MS = 50;
/** Looks for a topic that is being deleted: about 30 s. */
const GONE_TRIES_MAX = 600;
/** How often leaders are asked that are not known yet or silent, and how long after an answer. */
const LEADER_TRIES_MAX = 50;
const LEADER_WAIT_MS = 200;
/**
 * A leader that is silent for so long, milliseconds, may be the leader no more. The client does not
 * find that out: it waits for a broker that was killed until that one is back.
 */
const SILENCE_MS_MAX = 2_000;
/** So often: longer than it takes to elect a leader. Then brokers are slow, and get more time. */
const SILENCES_MAX = 8;

/** Descriptions that get `SILENCE_MS_MAX` for their answer, before one that gets more. */
const QUICK_TRIES = 3;

/** How far a question about the ends of partitions is. */
type Search = { found: Map<number, Watermarks>; silences: number; silent: SilentLeaders };

export class LibrdkafkaAdmin implements Admin {
  readonly #reader: NativeConsumer;
  readonly #admin: NativeAdmin;
  /** The last connection error. A request knows only that it got no answer. */
  #clientError: NativeError | undefined;

  /** The last complete answer of the leaders took longer than `SILENCE_MS_MAX`. */
  #areBrokersSlow = false;
  readonly #user: string | undefined;
  /** What was last told of each topic. */
  readonly #seen = new Map<string, SeenCluster>();

  /** `user`: the name that the brokers know us by. */
  constructor(reader: NativeConsumer, admin: NativeAdmin, user?: string) {
    this.#user = user;
    this.#reader = reader;
    this.#admin = admin;
  }

  noteClientError(error: NativeError): void {
    if (error.code !== "_ALL_BROKERS_DOWN") this.#clientError = error;
  }

  async ping(timeoutMs: number) {
    const giveUpAt = performance.now() + timeoutMs;
    for (;;) {
      const leftMs = Math.max(1, Math.round(giveUpAt - performance.now()));
      try {
        const tryMs = Math.min(leftMs, PING_MS_MAX);
        const { brokers } = await classify(this.#admin.metadata(null, tryMs));
        return { brokers: brokers.length, addresses: brokers.map(({ address }) => address) };
      } catch (error) {
        const cause = this.#clientError;
        if (cause && isRefusal(cause.code, cause.message))
          throw kafkaError(cause, () => "fatal", { user: this.#user });
        const passing = error instanceof KafkaError && error.verdict === "retry";
        if (passing && performance.now() < giveUpAt) continue;
        throw passing && cause ? kafkaError(cause, () => "retry", { user: this.#user }) : error;
      }
    }
  }

  async describeTopic(topic: string): Promise<TopicDescription | undefined> {
    let tries = 0;
    // Any broker may be asked. One that is silent costs little at first.
    const ask = () =>
      this.#metadata(topic, ++tries, tries > QUICK_TRIES ? REQUEST_MS_MAX : SILENCE_MS_MAX);
    const { topics, brokers } = await withRetries(ask, undefined, { topic });
    const found = topics.find(({ name }) => name === topic);
    if (!found || NO_TOPIC.has(found.error)) return undefined;
    if (found.error !== "") {
      throw new KafkaError(explained(found.error, "", { topic }), {
        code: found.error,
        verdict: "fatal",
      });
    }
    const { partitions: states, rights } = found;
    const description = { partitions: states.length, states, brokers: brokers.map(({ id }) => id) };
    return rights.length > 0 ? { ...description, rights } : description;
  }

  async topicNames(): Promise<string[]> {
    const { topics } = await withRetries(() => this.#admin.metadata(null, REQUEST_MS_MAX));
    return topics.map(({ name }) => name);
  }

  async identity(topic: string): Promise<Identity | undefined> {
    try {
      const ask = () => this.#admin.identity(topic, REQUEST_MS_MAX);
      const { topicId, clusterId } = await withRetries(ask, undefined, { topic });
      return { topicId: topicId || undefined, clusterId: clusterId || undefined };
    } catch (error) {
      if (error instanceof KafkaError && NO_TOPIC.has(error.code)) return undefined;
      throw error;
    }
  }

  async createTopic(topic: string, options: Parameters<Admin["createTopic"]>[1]): Promise<void> {
    const { partitions, replicationFactor = BROKERS_DEFAULT, config } = options;
    const create = () =>
      this.#admin.createTopic(topic, partitions, replicationFactor, config, REQUEST_MS_MAX);
    await withRetries(create, undefined, { topic });
    await this.#untilKnown(topic, partitions);
  }

  async addPartitions(topic: string, partitionsTotal: number): Promise<void> {
    const add = () => this.#admin.addPartitions(topic, partitionsTotal, REQUEST_MS_MAX);
    try {
      await withRetries(add, undefined, { topic });
    } catch (error) {
      // Not a failure: another process, or a try that timed out, has added the partitions.
      const isThere = error instanceof KafkaError && error.code === "INVALID_PARTITIONS";
      const described = isThere ? await this.describeTopic(topic) : undefined;
      if (!described || described.partitions < partitionsTotal) throw error;
    }
    await this.#untilKnown(topic, partitionsTotal);
  }

  async topicSettings(topic: string): Promise<TopicSettings> {
    const ask = () => this.#admin.topicSettings(topic, REQUEST_MS_MAX);
    const { replicas, settings } = await withRetries(ask, SETTINGS_TRIES_MAX, { topic });
    return { replicas, values: new Map(Object.entries(settings)) };
  }

  async deleteTopic(topic: string): Promise<void> {
    if (!(await this.describeTopic(topic))) return;
    const remove = () => this.#admin.deleteTopic(topic, REQUEST_MS_MAX);
    try {
      await withRetries(remove, undefined, { topic });
    } catch (error) {
      // Another process, or a try that timed out, has deleted the topic.
      if (!(error instanceof KafkaError) || !NO_TOPIC.has(error.code)) throw error;
    }
    for (let asked = 0; asked < GONE_TRIES_MAX; asked++) {
      if (!(await this.describeTopic(topic))) return;
      await sleep(KNOWN_WAIT_MS);
    }
    throw new KafkaError(
      `Cannot delete topic ${topic}: the brokers still know the topic. Another program may create ` +
        "the topic again and again",
      { code: "_TIMED_OUT", verdict: "retry" },
    );
  }

  groupMembers(group: string): Promise<GroupMember[]> {
    const ask = () => this.#admin.groupMembers(group, REQUEST_MS_MAX);
    return withRetries(ask, undefined, { group });
  }

  async deleteOffsets(group: string, topic: string, partitions: readonly number[]): Promise<void> {
    const wanted = [...partitions];
    if (wanted.length === 0) return;
    const remove = () => this.#admin.deleteOffsets(group, topic, wanted, REQUEST_MS_MAX);
    try {
      await withRetries(remove, undefined, { topic, group });
    } catch (error) {
      if (!(error instanceof KafkaError) || error.code !== "GROUP_ID_NOT_FOUND") throw error;
    }
  }

  /** Waits until the change is visible, because the broker answers before it is. */
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
    onSilence?: (problem: string) => void,
  ): Promise<Map<number, Watermarks>> {
    if (partitions.length === 0) return new Map();
    const found = new Map<number, Watermarks>();
    const silent = new SilentLeaders(topic, onSilence);
    const progress: Search = { found, silences: 0, silent };
    try {
      await withRetries(() => this.#untilFound(topic, partitions, progress), undefined, { topic });
    } catch (error) {
      throw error instanceof KafkaError ? reworded(error, silent.problem) : error;
    }
    // In the order of the question.
    return new Map(partitions.map((id) => [id, found.get(id) as Watermarks]));
  }

  stableEnds(topic: string, partitions: readonly number[]): Promise<Map<number, number>> {
    // This client has the `isolation.level` of readers: their end is the last stable offset.
    const ms = this.#areBrokersSlow ? REQUEST_MS_MAX : SILENCE_MS_MAX;
    const ask = () => this.#admin.watermarks(topic, [...partitions], ms);
    return withRetries(ask, STABLE_TRIES_MAX, { topic }).then((rows) => {
      const known = rows.filter(({ error }) => !error);
      return new Map(known.map(({ partition, high }) => [partition, high]));
    });
  }

  /**
   * Asks the leaders until each partition is in `found`. While a leader is missing or silent, looks
   * up who leads now, and asks about the missing partitions again. The other answers stay valid.
   */
  async #untilFound(topic: string, partitions: readonly number[], progress: Search): Promise<void> {
    const { found, silent } = progress;
    for (let tries = 1; ; tries++) {
      const isPatient = this.#areBrokersSlow || progress.silences === SILENCES_MAX;
      const missing = partitions.filter((id) => !found.has(id));
      const ms = isPatient ? REQUEST_MS_MAX : SILENCE_MS_MAX;
      const before = found.size;
      const error = await this.#askLeaders(topic, missing, { ms, found });
      if (!error) return;
      const isSilent = SILENT.has(error.code);
      const mayPass = isSilent ? !isPatient : NO_LEADER.has(error.code);
      if (isSilent && mayPass) progress.silences++;
      if (!isSilent && (!mayPass || tries === LEADER_TRIES_MAX)) throw error;
      const unheard = partitions.filter((id) => !found.has(id));
      if (isSilent && found.size > before) silent.note(unheard, this.#seen.get(topic));
      await sleep(LEADER_WAIT_MS);
      // When nobody says who leads, the next try fails, and says so.
      const told = await this.#metadata(topic, tries, SILENCE_MS_MAX).catch(() => undefined);
      if (isSilent && (told || found.size === before)) silent.note(unheard, told);
      if (!mayPass || tries === LEADER_TRIES_MAX) throw error;
    }
  }

  /**
   * Asks by the client of `watermarks`, which learns about new partitions from the answer. `tries`
   * from 1: the second asks by the other client, which may choose a broker that is not silent.
   */
  async #metadata(topic: string, tries: number, ms: number) {
    const told = await (tries % 2 === 1 ? this.#reader : this.#admin).metadata(topic, ms);
    this.#seen.set(topic, told);
    return told;
  }

  /** One question to each leader. Returns why one did not answer. */
  async #askLeaders(
    topic: string,
    partitions: number[],
    { ms, found }: { ms: number; found: Map<number, Watermarks> },
  ): Promise<NativeError | undefined> {
    const askedAt = performance.now();
    try {
      const rows = await this.#reader.watermarks(topic, partitions, ms);
      for (const { partition, low, high, error } of rows) {
        if (!error) found.set(partition, { low, high });
      }
      const failed = rows.find(({ error }) => error)?.error;
      if (!failed) this.#areBrokersSlow = performance.now() - askedAt > SILENCE_MS_MAX;
      return failed;
    } catch (error) {
      if (!isNativeError(error)) throw error;
      return error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#reader, this.#admin].map((c) => classify(c.close(CLOSE_MS_MAX))));
  }
}
