/** The terminal of `top`: where it writes, how large it is, and which keys are pressed. */

import { outputWaiting, writeOut } from "../lib/output.ts";
import type { ScreenSize } from "./screen.ts";

export interface Terminal {
  readonly isTty: boolean;
  readonly hasColours: boolean;
  size(): Required<ScreenSize>;
  write(text: string): void;
  /** Characters that are not written yet. */
  waiting(): number;
  /** Calls `onKey` for each key, and `onResize`. Returns what ends that. */
  listen(on: { key: (key: string) => void; resize: () => void }): () => void;
  /** As if the reader had gone. */
  close(): void;
  /** Aborted when nobody reads any more: the pipe or the terminal is closed. */
  readonly signal: AbortSignal;
}

const USUAL: Required<ScreenSize> = { columns: 80, lines: 24 };

export function terminal(
  { stdout, stdin }: Pick<NodeJS.Process, "stdout" | "stdin">,
  hasColours: boolean,
): Terminal {
  const closed = new AbortController();
  stdout.on("error", () => closed.abort());
  return {
    isTty: stdout.isTTY === true,
    hasColours,
    size: () => ({ columns: stdout.columns || USUAL.columns, lines: stdout.rows || USUAL.lines }),
    write: writeOut,
    waiting: outputWaiting,
    listen: ({ key, resize }) => {
      const onData = (bytes: Buffer) => key(bytes.toString());
      const end = () => closed.abort();
      if (stdin.isTTY) stdin.setRawMode(true);
      stdin.on("data", onData);
      stdin.on("error", end);
      stdout.on("resize", resize);
      return () => {
        stdin.off("data", onData);
        if (stdin.isTTY) stdin.setRawMode(false);
        stdin.pause();
        stdout.off("resize", resize);
      };
    },
    close: () => closed.abort(),
    signal: closed.signal,
  };
}
