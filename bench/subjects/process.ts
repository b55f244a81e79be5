/** A program on the subject's core. */

import { mkdtempSync } from "node:fs";
import { endWithThisProcess } from "../../tests/support/guard.ts";
import { waitFor } from "../../tests/support/wait.ts";
import { type Arena, SUBJECT_CORE } from "../arena.ts";

const START_MS_MAX = 180_000;
const STOP_MS_MAX = 60_000;
/** Of a program that ends by itself. */
const RUN_MS_MAX = 900_000;

export class SubjectProcess {
  readonly pid: number;
  /** Its status, with both outputs complete. */
  readonly exited: Promise<number>;
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #command: string;
  #output = "";

  /** It may use `dir`, in the memory where the broker keeps its data, and is ended with us. */
  constructor(arena: Arena, command: (dir: string) => readonly string[]) {
    const dir = mkdtempSync(`${arena.broker.dir}/subject-`);
    const cmd = ["taskset", "-c", String(SUBJECT_CORE), ...command(dir)];
    this.#command = cmd.join(" ");
    this.#child = Bun.spawn({ cmd, cwd: dir, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    // taskset becomes the program: the process stays the same.
    this.pid = this.#child.pid;
    endWithThisProcess(this.#child, dir);
    const outputs = [this.#collect(this.#child.stdout), this.#collect(this.#child.stderr)];
    this.exited = Promise.all(outputs).then(() => this.#child.exited);
  }

  /** What it has written so far to both outputs. */
  get output(): string {
    return this.#output;
  }

  /** Processor time of its whole life; once it has exited. */
  get cpuSeconds(): number {
    return Number(this.#child.resourceUsage()?.cpuTime.total ?? 0) / 1e6;
  }

  /** The most memory it held; once it has exited. */
  get memoryBytesMax(): number {
    return this.#child.resourceUsage()?.maxRSS ?? Number.NaN;
  }

  /** How often it has written `text`. */
  count(text: string): number {
    return this.#output.split(text).length - 1;
  }

  /** Waits until it has written `text`. */
  async until(text: string): Promise<void> {
    const written = () => {
      if (this.count(text) > 0) return true;
      if (this.#child.exitCode !== null) throw this.#failed("ended");
      return false;
    };
    await waitFor(written, { what: `"${text}"`, timeoutMs: START_MS_MAX, pollMs: 2 }).catch(
      async () => {
        await this.kill();
        throw this.#failed(`did not write "${text}"`);
      },
    );
  }

  /** Waits until it has ended by itself. @throws Error when it failed */
  async succeeded(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), RUN_MS_MAX);
    const status = await this.exited;
    clearTimeout(timer);
    if (status !== 0) throw this.#failed("failed");
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS_MAX);
    this.#child.kill("SIGTERM");
    await this.exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  #failed(how: string): Error {
    return new Error(`${this.#command} ${how}:\n${this.#output}`);
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.#output += decoder.decode(chunk, { stream: true });
  }
}
