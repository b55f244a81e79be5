/** Apache Kafka itself, for tests: one KRaft node on free ports, in a folder of its own. */

import { mkdirSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { archiveClasses, archivingCommand, javaCommand } from "./java.ts";
import { log4j, pom, restful, serverProperties } from "./kafka-files.ts";
import { formatFolder, uuid } from "./kafka-format.ts";
import { KafkaProcess } from "./kafka-process.ts";
import { createTopics, partitionsOf } from "./kafka-requests.ts";
import { freePorts } from "./ports.ts";
import { KAFKA_HOME, kafkaIsFetched } from "./require.ts";
import { quick } from "./timeouts.ts";
import { waitFor } from "./wait.ts";

const startAttemptsMax = 3;
const heapMb = 1_024;

export interface KafkaOptions {
  /** Adds a SASL_PLAINTEXT listener for `users`, where only `admin` may do all. */
  sasl?: boolean;
  /**
   * Adds a listener that says it is at this port: clients that reach it through a proxy at that
   * port stay behind the proxy.
   */
  proxiedBy?: number;
  /** More settings of the broker. */
  settings?: Readonly<Record<string, string>>;
  /** For who measures: it compiles as a broker that lives for long, and so costs more at first. */
  thorough?: boolean;
}

/**
 * The broker that all test files of a process share; started by the first that asks, in about 5 s.
 * Instances may ask it for short time-outs, by `quickArgs`.
 * A test that stops or pauses brokers starts one of its own by `startKafka`.
 */
export function sharedKafka(options: Pick<KafkaOptions, "thorough"> = {}): Promise<KafkaBroker> {
  shared.salesboardKafka ??= startKafka({ ...options, settings: quick.broker });
  return shared.salesboardKafka;
}

// Test files do not share module variables when each has a global scope of its own kept apart.
const shared = globalThis as { salesboardKafka?: Promise<KafkaBroker> };

/** Starts a broker and waits until it answers. It ends with this process, or by `stop`. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaBroker> {
  await fetchKafka();
  if (!options.thorough) await archiveClasses(archiveBroker);
  return await started(options);
}

async function started(options: KafkaOptions, java?: () => string[]): Promise<KafkaBroker> {
  for (let attempt = 1; ; attempt++) {
    const broker = new KafkaBroker(await freePorts(4), options, java);
    try {
      await broker.format();
      await broker.start();
      return broker;
    } catch (error) {
      // Another process can take a free port before the broker does.
      await broker.stop();
      if (attempt === startAttemptsMax) throw error;
    }
  }
}

/** Lets a broker load what nearly every broker does, and ends it: then the archive is there. */
async function archiveBroker(file: string): Promise<void> {
  const broker = await started({}, () => archivingCommand(file));
  try {
    await broker.createTopic("any", 1);
    await broker.consoleProduce("any", { text: "anything\n" });
    await broker.shutDown();
  } finally {
    await broker.stop();
  }
}

export class KafkaBroker extends KafkaProcess {
  /** Without authentication; every client is a super user here. */
  readonly brokers: string;
  /** Where clients must be one of `users`; only with the option `sasl`. */
  readonly saslBrokers: string;
  /** What the proxy leads to; only with the option `proxiedBy`. */
  readonly proxiedPort: number;
  readonly #settings: string;

  constructor(ports: number[], options: KafkaOptions, java?: () => string[]) {
    const { sasl = false, proxiedBy, settings = {}, thorough = false } = options;
    super(heapMb, java ?? (() => javaCommand({ thorough })));
    const [plain = 0, controller = 0, secured = 0, proxied = 0] = ports;
    this.brokers = `127.0.0.1:${plain}`;
    this.saslBrokers = `127.0.0.1:${secured}`;
    this.proxiedPort = proxied;
    const logDir = `${this.dir}/data`;
    this.#settings = serverProperties({
      plain,
      controller,
      ...(sasl && { sasl: secured }),
      ...(proxiedBy && { proxied: { port: proxied, advertised: proxiedBy } }),
      logDir,
      settings: thorough ? settings : { ...restful, ...settings },
    });
  }

  /** Makes its folder anew. @param settings in place of those it was made with */
  async format(settings = this.#settings): Promise<void> {
    await writeFile(`${this.dir}/server.properties`, settings);
    await writeFile(`${this.dir}/log4j2.properties`, log4j);
    await formatFolder(this, { node: 1, cluster: uuid() });
  }

  /**
   * Returns when each partition has its leader.
   * @param config such as `{ "max.message.bytes": "4000000" }`
   */
  async createTopic(
    name: string,
    partitions: number,
    config: Record<string, string> = {},
  ): Promise<void> {
    await createTopics(this.brokers, [{ name, partitions, config }]);
    await waitFor(
      async () => {
        const found = await partitionsOf(this.brokers, name);
        return found.length === partitions && found.every(({ leader }) => leader > 0);
      },
      { what: `the partitions of ${name} to have leaders`, pollMs: 10 },
    );
  }

  /** Sends each line of `input` as a record without a key, by Kafka's own console producer. */
  async consoleProduce(topic: string, input: { file: string } | { text: string }): Promise<void> {
    const args = ["--bootstrap-server", this.brokers, "--topic", topic];
    const stdin = "file" in input ? Bun.file(input.file) : new TextEncoder().encode(input.text);
    await this.tool("org.apache.kafka.tools.ConsoleProducer", args, stdin);
  }

  /** Lets a user do `operations` on topics, groups or transactional ids with this prefix. */
  async allow(
    user: keyof typeof import("./kafka-files.ts").users,
    operations: readonly string[],
    resource: { topic: string } | { group: string } | { "transactional-id": string },
  ): Promise<void> {
    const [[kind, name] = []] = Object.entries(resource);
    await this.tool("org.apache.kafka.tools.AclCommand", [
      ...["--bootstrap-server", this.brokers, "--add", "--allow-principal", `User:${user}`],
      ...operations.flatMap((operation) => ["--operation", operation]),
      ...[`--${kind}`, String(name), "--resource-pattern-type", "prefixed"],
    ]);
  }
}

/** Puts the broker's jars into the cache, by Maven; once. */
export async function fetchKafka(): Promise<void> {
  if (kafkaIsFetched()) return;
  const draft = `${KAFKA_HOME}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  await writeFile(`${draft}/pom.xml`, pom);
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"];
  const child = Bun.spawn({
    cmd: ["mvn", "-q", "-B", "-f", `${draft}/pom.xml`, ...goal, `-DoutputDirectory=${draft}/libs`],
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const [output, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (status !== 0) throw new Error(`Cannot fetch Kafka by Maven:\n${output}`);
  await writeFile(`${draft}/complete`, "");
  await rm(KAFKA_HOME, { recursive: true, force: true });
  await rename(draft, KAFKA_HOME);
}
