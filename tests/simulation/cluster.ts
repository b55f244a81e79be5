/** A simulated Kafka: topics, a group, transactions; and how its clients speak with it. */

import type { KafkaError, KafkaError as KafkaErrorClass } from "../../src/kafka/kafka.ts";
import type { SimulatedProcess } from "./clock.ts";
import type { Api } from "./faults.ts";
import { GroupCoordinator } from "./group.ts";
import { PartitionLog } from "./log.ts";
import { Network } from "./network.ts";
import { TransactionCoordinator } from "./transactions.ts";
import type { World } from "./world.ts";

export class SimulatedCluster {
  readonly world: World;
  readonly network: Network;
  /** The group that reads the input topic. */
  readonly group: GroupCoordinator;
  /** The groups of other inputs, by topic. */
  readonly #others = new Map<string, GroupCoordinator>();
  readonly transactions: TransactionCoordinator;
  readonly #topics = new Map<string, PartitionLog[]>();
  /** How often a topic was made; undefined = once. */
  readonly #made = new Map<string, number>();
  readonly #inputTopic: string;
  readonly #KafkaError: typeof KafkaErrorClass;

  constructor(world: World, options: { inputTopic: string; KafkaError: typeof KafkaErrorClass }) {
    this.world = world;
    this.network = new Network(world);
    this.group = new GroupCoordinator(world);
    this.transactions = new TransactionCoordinator(world, this.group);
    this.#inputTopic = options.inputTopic;
    this.#KafkaError = options.KafkaError;
  }

  get logs(): readonly PartitionLog[] {
    return [...this.#topics.values()].flat();
  }

  topic(name: string): readonly PartitionLog[] {
    return this.#topics.get(name) ?? [];
  }

  log(topic: string, partition: number): PartitionLog {
    const log = this.topic(topic)[partition];
    if (!log) throw new Error(`${topic} has no partition ${partition}`);
    return log;
  }

  /** Creates the topic, or adds partitions to it. */
  grow(topic: string, partitions: number): void {
    const logs = this.#topics.get(topic) ?? [];
    this.#topics.set(topic, logs);
    while (logs.length < partitions) logs.push(new PartitionLog(topic, logs.length));
    const group = topic === this.#inputTopic ? this.group : this.#others.get(topic);
    if (!group) return;
    group.partitions = logs.length;
    group.rebalance();
  }

  /** The group that reads the topic; made for one that is read beside the input. */
  groupOf(topic: string): GroupCoordinator {
    if (topic === this.#inputTopic) return this.group;
    const group = this.#others.get(topic) ?? new GroupCoordinator(this.world);
    this.#others.set(topic, group);
    return group;
  }

  /** Which topic of this name it is. */
  topicId(topic: string): string {
    return `${topic}#${this.#made.get(topic) ?? 1}`;
  }

  /** The topic is deleted and created again. */
  makeAnew(topic: string): void {
    const partitions = this.topic(topic).length;
    this.#made.set(topic, (this.#made.get(topic) ?? 1) + 1);
    this.#topics.set(
      topic,
      Array.from({ length: partitions }, (_, id) => new PartitionLog(topic, id)),
    );
  }

  error(message: string, options: { code: string; verdict: KafkaError["verdict"] }): KafkaError {
    return new this.#KafkaError(message, options);
  }

  closed(what: string): KafkaError {
    return this.error(`Cannot ${what}: the client is closed`, {
      code: "_DESTROY",
      verdict: "fatal",
    });
  }

  /** A question that changes nothing, asked until it is answered; now and then in vain. */
  async ask<T>(
    process: SimulatedProcess,
    api: Api,
    serve: () => T,
    until?: (error: unknown) => boolean,
  ): Promise<T> {
    if (this.world.faults.happens("givesUp")) {
      await process.sleep(this.world.random.between(1, 100));
      throw this.error(`No answer to ${api}`, { code: "_TIMED_OUT", verdict: "retry" });
    }
    return this.network.insist(process, { api, serve, ...(until && { until }) });
  }
}
