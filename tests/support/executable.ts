/** The built executable, run as a user runs it: in an empty folder, with an empty environment. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { endWithThisProcess } from "./guard.ts";
import { waitFor, witness } from "./wait.ts";

export const executablePath = fileURLToPath(new URL("../../dist/salesboard", import.meta.url));

/** A guard against hanging: how long a stop may take has tests of its own. */
const stopTimeoutMs = 60_000;

export interface StartOptions {
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string;
  /** More files than these it may not open. */
  openFilesMax?: number;
}

/** Starts `dist/salesboard` with `args`. It ends by `stop` or `kill`, or with this process. */
export function startSalesboard(args: readonly string[], options: StartOptions = {}): Salesboard {
  return new Salesboard(args, options);
}

/** Runs it to its own end. */
export async function runSalesboard(
  args: readonly string[],
  options: StartOptions = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const run = startSalesboard(args, options);
  const status = await run.exited;
  run.forget();
  return { status, stdout: run.stdout(), stderr: run.stderr() };
}

export class Salesboard {
  readonly pid: number;
  /** Status; 128 and more when a signal ended it. Both outputs are complete by then. */
  readonly exited: Promise<number>;
  readonly #child: Bun.Subprocess<"ignore" | Uint8Array, "pipe", "pipe">;
  readonly #output = { stdout: "", stderr: "" };
  readonly #emptyDir: string;
  /** From now on, the error of another test does not tell what this process said. */
  readonly forget: () => void;

  constructor(args: readonly string[], { env = {}, cwd, stdin, openFilesMax }: StartOptions) {
    this.#emptyDir = mkdtempSync(`${tmpdir()}/salesboard-cwd-`);
    const limited = ["/bin/sh", "-c", `ulimit -n ${openFilesMax} && exec "$0" "$@"`];
    this.#child = Bun.spawn({
      cmd: [...(openFilesMax === undefined ? [] : limited), executablePath, ...args],
      cwd: cwd ?? this.#emptyDir,
      env,
      stdin: stdin === undefined ? "ignore" : new TextEncoder().encode(stdin),
      stdout: "pipe",
      stderr: "pipe",
    });
    this.pid = this.#child.pid;
    this.forget = witness(`salesboard ${args[0] ?? ""} (process ${this.pid})`, () => this.stderr());
    endWithThisProcess(this.#child, this.#emptyDir);
    this.exited = this.#ended();
  }

  stdout(): string {
    return this.#output.stdout;
  }

  stderr(): string {
    return this.#output.stderr;
  }

  /** The dashboard's address without a slash at the end, once it has been printed or logged. */
  async url(): Promise<string> {
    return waitFor(
      () => {
        const text = this.stdout() + this.stderr();
        const url = /http:\/\/[\w.[\]:-]+:\d+[\w/.-]*/.exec(text)?.[0].replace(/[/.]+$/, "");
        if (!url && this.#child.exitCode !== null) throw new Error(`No address printed:\n${text}`);
        return url;
      },
      { what: "the dashboard's address" },
    );
  }

  /** The JSON that a path such as `/api/totals` answers. */
  async api<T = unknown>(path: string): Promise<T> {
    const response = await fetch(`${await this.url()}${path}`);
    if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}.`);
    return (await response.json()) as T;
  }

  /**
   * Asks it to end, once it takes signals: before, on a busy machine for seconds, they end it with
   * 143. The status it ended with. Killed after a minute, which is 137.
   */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number> {
    const isOver = () => this.#child.exitCode !== null || this.#child.signalCode !== null;
    await waitFor(() => isOver() || takesSignals(this.pid), {
      what: `process ${this.pid} to take signals`,
      pollMs: 5,
    });
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopTimeoutMs);
    this.#child.kill(signal);
    const status = await this.exited;
    clearTimeout(timer);
    this.forget();
    return status;
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
    this.forget();
  }

  async #ended(): Promise<number> {
    await Promise.all([this.#collect("stdout"), this.#collect("stderr")]);
    const status = await this.#child.exited;
    rmSync(this.#emptyDir, { recursive: true, force: true });
    return status;
  }

  async #collect(name: "stdout" | "stderr"): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child[name]) {
      this.#output[name] += decoder.decode(chunk, { stream: true });
    }
  }
}

/** True too where the system does not tell. */
function takesSignals(pid: number): boolean {
  try {
    const [, mask = "0"] =
      /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return (BigInt(`0x${mask}`) & (1n << BigInt(constants.signals.SIGTERM - 1))) !== 0n;
  } catch {
    return true;
  }
}
