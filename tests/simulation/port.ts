/** The port `src/kafka/kafka.ts` on the simulated cluster, for one process. */

import type { Admin, Kafka } from "../../src/kafka/kafka.ts";
import type { SimulatedProcess } from "./clock.ts";
import type { SimulatedCluster } from "./cluster.ts";
import { SimulatedConsumer } from "./consumer.ts";
import type { Api } from "./faults.ts";
import { SimulatedProducer } from "./producer.ts";

export class SimulatedKafka implements Kafka {
  /** Every producer that the process has made. */
  readonly producers: SimulatedProducer[] = [];
  readonly #process: SimulatedProcess;
  readonly #cluster: SimulatedCluster;
  #member: SimulatedConsumer | undefined;

  constructor(process: SimulatedProcess, cluster: SimulatedCluster) {
    this.#process = process;
    this.#cluster = cluster;
  }

  /** The group has given the partition to this process, and to no other since. */
  owns(partition: number): boolean {
    const id = this.#member?.member.id;
    return id !== undefined && id === this.#member?.group.owner(partition);
  }

  groupConsumer({ topic }: { topic: string }): SimulatedConsumer {
    const options = { topic, isMember: true, isUndecidedToo: false };
    this.#member = new SimulatedConsumer(this.#process, this.#cluster, options);
    return this.#member;
  }

  reader({ topic, isUndecidedToo = false }: { topic: string; isUndecidedToo?: boolean }) {
    const options = { topic, isMember: false, isUndecidedToo };
    return new SimulatedConsumer(this.#process, this.#cluster, options);
  }

  transactionalProducer({ transactionalId }: { transactionalId: string }): SimulatedProducer {
    const producer = new SimulatedProducer(this.#process, this.#cluster, transactionalId);
    this.producers.push(producer);
    return producer;
  }

  producer(): never {
    throw new Error("The aggregator sends nothing outside of transactions");
  }

  admin(): Admin {
    const cluster = this.#cluster;
    const ask = <T>(api: Api, serve: () => T) => cluster.ask(this.#process, api, serve);
    const marksOf = (topic: string, partition: number) => {
      const { low, high } = cluster.log(topic, partition);
      return { low, high };
    };
    return {
      ping: async () => ({ brokers: 1 }),
      describeTopic: (topic) =>
        ask("Metadata", () => {
          const partitions = cluster.topic(topic).length;
          return partitions > 0 ? { partitions } : undefined;
        }),
      identity: (topic) =>
        ask("Metadata", () => {
          const exists = cluster.topic(topic).length > 0;
          return exists ? { topicId: cluster.topicId(topic), clusterId: "simulated" } : undefined;
        }),
      topicNames: () => Promise.reject(new Error("The aggregator lists no topics")),
      createTopic: () => Promise.reject(new Error("The aggregator creates no topic")),
      topicSettings: () => Promise.reject(new Error("The aggregator asks for no settings")),
      deleteTopic: () => Promise.reject(new Error("The aggregator deletes no topic")),
      groupMembers: () => Promise.reject(new Error("The aggregator asks for no members")),
      deleteOffsets: () => Promise.reject(new Error("The aggregator deletes no offset")),
      addPartitions: (topic, total) => ask("Metadata", () => cluster.grow(topic, total)),
      watermarks: (topic, partition) => ask("ListOffsets", () => marksOf(topic, partition)),
      allWatermarks: (topic, partitions) =>
        ask("ListOffsets", () => {
          return new Map(partitions.map((id) => [id, marksOf(topic, id)]));
        }),
      stableEnds: () => Promise.reject(new Error("The aggregator asks for no stable ends")),
      close: async () => {},
    };
  }
}
