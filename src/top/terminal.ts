/** The terminal of `top`: where it writes, how large it is, and which keys are pressed. */

import { outputWaiting, outputWritten, writeOut } from "../lib/output.ts";
import type { ScreenSize } from "./screen.ts";

export interface Terminal {
  readonly isTty: boolean;
  readonly hasColours: boolean;
  size(): Required<ScreenSize>;
  write(text: string): void;
  /** Characters that are not written yet. */
  waiting(): number;
  /**
   * Calls `key` for keys, `resize`, and `resume` when a stopped process goes on. A signal that asks
   * for the end is as if the reader had gone, so that the terminal is left as it was. Returns what
   * ends that.
   */
  listen(on: { key(text: string): void; resize(): void; resume(): void }): () => void;
  /** Stops the process until the shell lets it go on, when all is written. */
  suspend(): void;
  /** As if the reader had gone. */
  close(): void;
  /** Aborted when nobody reads any more: the pipe or the terminal is closed. */
  readonly signal: AbortSignal;
}

const USUAL: Required<ScreenSize> = { columns: 80, lines: 24 };
/** Longer than a stop takes. A process without a shell that could let it go on is not stopped. */
const STOPPED_MS = 100;

const endings = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

export function terminal(process: NodeJS.Process, hasColours: boolean): Terminal {
  const { stdout, stdin } = process;
  const closed = new AbortController();
  const end = () => closed.abort();
  const setRaw = (isRaw: boolean) => stdin.isTTY && stdin.setRawMode(isRaw);
  let goOn = () => {};
  stdout.on("error", end);
  return {
    isTty: stdout.isTTY === true,
    hasColours,
    size: () => ({ columns: stdout.columns || USUAL.columns, lines: stdout.rows || USUAL.lines }),
    write: writeOut,
    waiting: outputWaiting,
    listen: ({ key, resize, resume }) => {
      const onData = (bytes: Buffer) => key(bytes.toString());
      goOn = () => {
        // The shell has had the terminal in between.
        setRaw(true);
        resume();
      };
      setRaw(true);
      stdin.on("data", onData);
      stdin.on("error", end);
      if (stdin.isTTY) stdin.on("end", end);
      stdout.on("resize", resize);
      process.on("SIGCONT", goOn);
      for (const signal of endings) process.on(signal, end);
      return () => {
        stdin.off("data", onData);
        stdin.off("end", end);
        process.off("SIGCONT", goOn);
        for (const signal of endings) process.off(signal, end);
        setRaw(false);
        stdin.pause();
        stdout.off("resize", resize);
      };
    },
    suspend: async () => {
      setRaw(false);
      await outputWritten();
      // The whole group, as the terminal does it: npm, for example, waits for what it has started.
      process.kill(0, "SIGTSTP");
      setTimeout(goOn, STOPPED_MS);
    },
    close: end,
    signal: closed.signal,
  };
}
