/**
 * Three brokers of Apache Kafka as companies run them: SASL_SSL with SCRAM, rights by ACL, racks
 * with follower fetching, replication 3 and two in-sync replicas. They start in 10 to 20 s.
 */

import { writeFileSync } from "node:fs";
import { Authority, keyStore } from "./certificates.ts";
import { fetchKafka } from "./kafka.ts";
import { clusterProperties, log4j, scramUsers } from "./kafka-files.ts";
import { formatFolder, uuid } from "./kafka-format.ts";
import { KafkaProcess } from "./kafka-process.ts";
import {
  allow,
  alterTopic,
  createTopics,
  disallow,
  type NewTopic,
  type PartitionState,
  partitionsOf,
  type Right,
} from "./kafka-requests.ts";
import { freePorts } from "./ports.ts";
import { quick } from "./timeouts.ts";
import { waitFor } from "./wait.ts";

const BROKERS = 3;
const startAttemptsMax = 3;
const heapMb = 512;

export interface ClusterOptions {
  /** More settings of all brokers. */
  settings?: Readonly<Record<string, string>>;
}

/** How long a login lasts on `sharedCluster`. */
export const REAUTHENTICATION_MS = 10_000;

// Test files do not share module variables when each has a global scope of its own kept apart.
const shared = globalThis as { salesboardCluster?: Promise<KafkaCluster> | undefined };

/**
 * The cluster that test files of a process share, with short time-outs, and logins that must be
 * made again. It starts for the first that asks, and ends with the process, or by `endShared`.
 */
export function sharedCluster(): Promise<KafkaCluster> {
  const settings = { "connections.max.reauth.ms": String(REAUTHENTICATION_MS) };
  shared.salesboardCluster ??= startCluster({ settings: { ...quick.broker, ...settings } });
  return shared.salesboardCluster;
}

/** For the last file that needs it: brokers cost a processor something all the time. */
export async function endShared(): Promise<void> {
  const cluster = await shared.salesboardCluster;
  shared.salesboardCluster = undefined;
  await cluster?.stop();
}

/** Starts three brokers. They end with this process, or by `stop`. */
export async function startCluster(options: ClusterOptions = {}): Promise<KafkaCluster> {
  await fetchKafka();
  for (let attempt = 1; ; attempt++) {
    const cluster = new KafkaCluster(await freePorts(3 * BROKERS), options);
    try {
      await cluster.open();
      return cluster;
    } catch (error) {
      // Another process can take a free port before a broker does.
      await cluster.stop();
      if (attempt === startAttemptsMax) throw error;
    }
  }
}

/** Brokers have the numbers 1 to 3, and the racks a to c. */
export class KafkaCluster {
  /** Without passwords; every client is a super user here. Brokers use it among themselves. */
  readonly brokers: string;
  /** By SASL_SSL, where a user may do what he was allowed; `as` gives the options. */
  readonly securedBrokers: string;
  readonly authority = new Authority();
  readonly nodes: readonly KafkaProcess[];
  readonly #plain: readonly string[];

  constructor(ports: readonly number[], { settings = {} }: ClusterOptions) {
    const part = (n: number) => ports.slice(n * BROKERS, (n + 1) * BROKERS);
    const [plain, secured, controllers] = [part(0), part(1), part(2)];
    this.#plain = plain.map((port) => `127.0.0.1:${port}`);
    this.brokers = this.#plain.join(",");
    this.securedBrokers = secured.map((port) => `localhost:${port}`).join(",");
    const store = keyStore(this.authority.issue("salesboard-test-broker"));
    this.nodes = plain.map((port, i) => {
      const node = new KafkaProcess(heapMb);
      writeFileSync(`${node.dir}/keystore.pem`, store);
      writeFileSync(`${node.dir}/log4j2.properties`, log4j);
      const listeners = { plain: port, secured: secured[i] ?? 0, controllers };
      const own = { number: i + 1, dir: node.dir, settings: { ...quick.broker, ...settings } };
      writeFileSync(`${node.dir}/server.properties`, clusterProperties({ ...listeners, ...own }));
      return node;
    });
  }

  async open(): Promise<void> {
    await this.#format();
    await Promise.all(this.nodes.map((node) => node.start()));
  }

  /** @param number from 1 */
  node(number: number): KafkaProcess {
    const node = this.nodes[number - 1];
    if (!node) throw new Error(`The cluster has no broker ${number}.`);
    return node;
  }

  /** Options of an executable, or of anything with `-X`, that is this user. */
  as(user: keyof typeof scramUsers, password: string = scramUsers[user]): string[] {
    return [
      ...["--brokers", this.securedBrokers, "-X", "security.protocol=SASL_SSL"],
      ...["-X", "sasl.mechanism=SCRAM-SHA-512", "-X", `ssl.ca.location=${this.authority.file}`],
      ...["-X", `sasl.username=${user}`, "-X", `sasl.password=${password}`],
    ];
  }

  allow(user: keyof typeof scramUsers, ...rights: Right[]): Promise<void> {
    return this.#ask((broker) => allow(broker, user, rights));
  }

  disallow(user: keyof typeof scramUsers, ...rights: Right[]): Promise<void> {
    return this.#ask((broker) => disallow(broker, user, rights));
  }

  createTopics(...topics: NewTopic[]): Promise<void> {
    return this.#ask((broker) => createTopics(broker, topics));
  }

  alterTopic(topic: string, config: Readonly<Record<string, string>>): Promise<void> {
    return this.#ask((broker) => alterTopic(broker, topic, config));
  }

  partitionsOf(topic: string): Promise<PartitionState[]> {
    return this.#ask((broker) => partitionsOf(broker, topic));
  }

  /** Waits until each partition of `topics` has a leader and `replicas` in-sync replicas. */
  async inSync(topics: readonly string[], replicas = BROKERS): Promise<void> {
    for (const topic of topics) {
      await waitFor(
        async () => {
          const partitions = await this.partitionsOf(topic);
          const isWhole = ({ leader, inSync }: PartitionState) =>
            leader > 0 && inSync.length >= replicas;
          return partitions.length > 0 && partitions.every(isWhole);
        },
        { what: `${topic} to be in sync`, pollMs: 200 },
      );
    }
  }

  /** Ends all brokers and deletes their data. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    this.authority.close();
  }

  async #format(): Promise<void> {
    const cluster = uuid();
    const users = Object.entries(scramUsers).flatMap(([name, password]) => [
      "--add-scram",
      `SCRAM-SHA-512=[name=${name},password=${password},iterations=4096]`,
    ]);
    // One after the other: the first may have to ask Kafka's tool for all.
    for (const [i, node] of this.nodes.entries()) {
      await formatFolder(node, { node: i + 1, cluster }, users);
    }
  }

  #ask<T>(call: (broker: string) => Promise<T>): Promise<T> {
    const alive = this.nodes.findIndex((node) => node.isRunning);
    return call(this.#plain[alive] ?? "");
  }
}
