/** One process of Apache Kafka, in a folder of its own, and Kafka's own command-line tools. */

import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isRunning, startDaemon } from "./daemon.ts";
import { javaCommand } from "./java.ts";
import { waitFor } from "./wait.ts";

/** The log directory goes to memory when there is room for the largest test. */
const memoryFreeBytesMin = 2 * 1024 ** 3;

/** What a process reads is in its folder: `server.properties` and `log4j2.properties`. */
export class KafkaProcess {
  readonly dir: string;
  readonly #heapMb: number;
  readonly #java: () => string[];
  #pid: number | undefined;

  /** @param java of the process, with its options and jars; otherwise one that is quick to start */
  constructor(heapMb: number, java: () => string[] = javaCommand) {
    this.dir = mkdtempSync(`${dataRoot()}/salesboard-kafka-`);
    this.#heapMb = heapMb;
    this.#java = java;
  }

  /** @throws Error while it is not running */
  get pid(): number {
    if (this.#pid === undefined) throw new Error("Kafka is not running.");
    return this.#pid;
  }

  get isRunning(): boolean {
    return this.#pid !== undefined && isRunning(this.#pid);
  }

  /** Starts it on the same ports and data, after `kill` or `shutDown` too. */
  async start(): Promise<void> {
    const output = `${this.dir}/broker.log`;
    await rm(output, { force: true });
    const pid = await startDaemon(
      [
        ...this.#java(),
        "-Xms256m",
        `-Xmx${this.#heapMb}m`,
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
      { what: "Kafka to start" },
    );
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

  tool(...args: Parameters<typeof kafkaTool>): Promise<string> {
    return kafkaTool(...args);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined && isRunning(this.#pid)) process.kill(this.#pid, signal);
  }

  async #ended(): Promise<void> {
    const pid = this.#pid;
    const ended = () => pid === undefined || !isRunning(pid);
    await waitFor(ended, { what: "Kafka to end" });
    this.#pid = undefined;
  }
}

/** Runs one of Kafka's own command-line tools, by its class; its stdout. */
export async function kafkaTool(
  mainClass: string,
  args: readonly string[],
  stdin: Bun.BunFile | Uint8Array | "ignore" = "ignore",
): Promise<string> {
  const child = Bun.spawn({
    cmd: [...javaCommand(), "-Xmx512m", mainClass, ...args],
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

function dataRoot(): string {
  if (!existsSync("/dev/shm")) return tmpdir();
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize > memoryFreeBytesMin ? "/dev/shm" : tmpdir();
}
