/** Apache Kafka itself, for tests: one KRaft node on free ports, in a folder of its own. */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isRunning, startDaemon } from "./daemon.ts";
import { log4j, pom, serverProperties } from "./kafka-files.ts";
import { freePorts } from "./ports.ts";
import { KAFKA_HOME, kafkaIsFetched } from "./require.ts";
import { quick } from "./timeouts.ts";
import { waitFor } from "./wait.ts";

const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const startAttemptsMax = 3;
/** The log directory goes to memory when there is room for the largest test. */
const memoryFreeBytesMin = 2 * 1024 ** 3;

const java = ["java", "-XX:+UseSerialGC", "-cp", `${KAFKA_HOME}/libs/*`];

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
}

/**
 * The broker that all test files of a process share; started by the first that asks, in about 5 s.
 * Instances may ask it for short time-outs, by `quickArgs`.
 * A test that stops or pauses brokers starts one of its own by `startKafka`.
 */
export function sharedKafka(): Promise<KafkaBroker> {
  shared.salesboardKafka ??= startKafka({ settings: quick.broker });
  return shared.salesboardKafka;
}

// Test files do not share module variables when each has a global scope of its own kept apart.
const shared = globalThis as { salesboardKafka?: Promise<KafkaBroker> };

/** Starts a broker and waits until it answers. It ends with this process, or by `stop`. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaBroker> {
  await fetchKafka();
  for (let attempt = 1; ; attempt++) {
    const broker = new KafkaBroker(await freePorts(4), options);
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

export class KafkaBroker {
  /** Without authentication; every client is a super user here. */
  readonly brokers: string;
  /** Where clients must be one of `users`; only with the option `sasl`. */
  readonly saslBrokers: string;
  /** What the proxy leads to; only with the option `proxiedBy`. */
  readonly proxiedPort: number;
  readonly dir: string;
  readonly #settings: string;
  #pid: number | undefined;

  constructor(ports: number[], { sasl = false, proxiedBy, settings = {} }: KafkaOptions) {
    const [plain = 0, controller = 0, secured = 0, proxied = 0] = ports;
    this.brokers = `127.0.0.1:${plain}`;
    this.saslBrokers = `127.0.0.1:${secured}`;
    this.proxiedPort = proxied;
    this.dir = mkdtempSync(`${dataRoot()}/salesboard-kafka-`);
    const logDir = `${this.dir}/data`;
    this.#settings = serverProperties({
      plain,
      controller,
      ...(sasl && { sasl: secured }),
      ...(proxiedBy && { proxied: { port: proxied, advertised: proxiedBy } }),
      logDir,
      settings,
    });
  }

  /** @throws Error while it is not running */
  get pid(): number {
    if (this.#pid === undefined) throw new Error("Kafka is not running.");
    return this.#pid;
  }

  async format(): Promise<void> {
    await writeFile(`${this.dir}/server.properties`, this.#settings);
    await writeFile(`${this.dir}/log4j2.properties`, log4j);
    // A cluster id is a UUID in base64; one that starts with a dash would look like an option.
    const id = `A${randomBytes(16).toString("base64url").slice(1, 21)}A`;
    const config = ["-c", `${this.dir}/server.properties`];
    await this.tool("kafka.tools.StorageTool", ["format", "--standalone", "-t", id, ...config]);
  }

  /** Starts it on the same ports and data, after `kill` or `shutDown` too. */
  async start(): Promise<void> {
    const output = `${this.dir}/broker.log`;
    await rm(output, { force: true });
    const pid = await startDaemon(
      [
        ...java,
        "-Xms256m",
        "-Xmx1g",
        `-Dlog4j2.configurationFile=${this.dir}/log4j2.properties`,
        "kafka.Kafka",
        `${this.dir}/server.properties`,
      ],
      { dir: this.dir, log: output },
    );
    this.#pid = pid;
    await waitFor(
      async () => {
        const text = await readFile(output, "utf8").catch(() => "");
        if (!isRunning(pid)) throw new Error(`Cannot start Kafka:\n${text}`);
        return text.includes("Kafka Server started");
      },
      { what: "Kafka to start", timeoutMs: startTimeoutMs },
    );
  }

  /** @param config such as `{ "max.message.bytes": "4000000" }` */
  async createTopic(
    name: string,
    partitions: number,
    config: Record<string, string> = {},
  ): Promise<void> {
    const settings = Object.entries(config).flatMap(([key, value]) => [
      "--config",
      `${key}=${value}`,
    ]);
    await this.tool("org.apache.kafka.tools.TopicCommand", [
      ...["--bootstrap-server", this.brokers, "--create", "--topic", name],
      ...["--partitions", String(partitions), ...settings],
    ]);
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

  /** Runs one of Kafka's own command-line tools, by its class; its stdout. */
  async tool(
    mainClass: string,
    args: readonly string[],
    stdin: Bun.BunFile | Uint8Array | "ignore" = "ignore",
  ): Promise<string> {
    const child = Bun.spawn({
      cmd: [...java, "-XX:TieredStopAtLevel=1", "-Xmx512m", mainClass, ...args],
      stdin,
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr, status] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (status === 0) return stdout;
    throw new Error(`${mainClass} ${args.join(" ")} exited with ${status}:\n${stdout}${stderr}`);
  }

  /** Freezes the process: connections stay open and nothing answers. */
  pause(): void {
    this.#signal("SIGSTOP");
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  /** Ends it at once, as a power cut would; the data stays. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#ended();
  }

  /** Ends it in order; the data stays. */
  async shutDown(): Promise<void> {
    this.#signal("SIGCONT");
    this.#signal("SIGTERM");
    await this.#ended();
  }

  async restart(): Promise<void> {
    await this.shutDown();
    await this.start();
  }

  /** Ends it and deletes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined && isRunning(this.#pid)) process.kill(this.#pid, signal);
  }

  async #ended(): Promise<void> {
    const pid = this.#pid;
    const ended = () => pid === undefined || !isRunning(pid);
    await waitFor(ended, { what: "Kafka to end", timeoutMs: stopTimeoutMs });
    this.#pid = undefined;
  }
}

/** Puts the broker's jars into the cache, by Maven; once. */
async function fetchKafka(): Promise<void> {
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

function dataRoot(): string {
  if (!existsSync("/dev/shm")) return tmpdir();
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize > memoryFreeBytesMin ? "/dev/shm" : tmpdir();
}
