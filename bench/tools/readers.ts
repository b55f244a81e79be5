/** Thousands of readers of one dashboard: stream-readers.c, as the bench asks it. */

import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../.cache/bench/stream-readers", import.meta.url));
const URL_PATH = "/events";

/** What the readers saw since the command was given. */
export interface Seen {
  seconds: number;
  /** Readers that have had their snapshot and are still served. */
  served: number;
  /** Readers that were never served; that were sent off. */
  refused: number;
  ended: number;
  messages: number;
  bytes: number;
  /** From the server's clock in a heartbeat to the arrival of its bytes. */
  delayMs: { p50: number; p99: number; max: number };
  /** Ports of those that read no more. */
  stalledPorts: number[];
}

export class Readers {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #answers: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  /** @param core that the readers stay on */
  constructor(port: number, core: number) {
    const command = ["taskset", "-c", String(core), program, String(port), URL_PATH];
    this.#child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
    this.#answers = this.#child.stdout.getReader();
  }

  /** Opens more; resolves when all of them have had the snapshot. */
  open(count: number): Promise<Seen> {
    return this.#ask(`open ${count}`);
  }

  /** Opens more that read the beginning and then nothing. */
  stall(count: number): Promise<Seen> {
    return this.#ask(`stall ${count}`);
  }

  measure(seconds: number): Promise<Seen> {
    return this.#ask(`measure ${seconds}`);
  }

  /** All of them come back at once; resolves when all have had the snapshot. */
  reconnect(): Promise<Seen> {
    return this.#ask("reconnect");
  }

  async end(): Promise<void> {
    this.#child.kill();
    await this.#child.exited;
  }

  async #ask(command: string): Promise<Seen> {
    this.#child.stdin.write(`${command}\n`);
    this.#child.stdin.flush();
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return JSON.parse(line);
      }
      const { value, done } = await this.#answers.read();
      if (done) throw new Error(`The readers ended after "${command}".`);
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }
}
