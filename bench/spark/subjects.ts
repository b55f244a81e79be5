/** The two programs that are compared: each turns one topic of sales into a topic of totals. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { startSpark } from "../../tests/support/spark.ts";
import { waitFor } from "../../tests/support/wait.ts";

const START_MS_MAX = 600_000;

export const executable = fileURLToPath(new URL("../../dist/salesboard", import.meta.url));
const peer = fileURLToPath(new URL("../peers/spark/totals.py", import.meta.url));

export interface Work {
  brokers: string;
  input: string;
  output: string;
  /** The core that it is kept on. */
  core: number;
  /** See `SparkOptions`. */
  thorough: boolean;
}

/** A program that is about to read its first sale. */
export interface Subject {
  pid: number;
  stop(): Promise<void>;
}

export const subjects: Record<"spark" | "salesboard", (work: Work) => Promise<Subject>> = {
  async spark({ brokers, input, output, core, thorough }) {
    const checkpoint = mkdtempSync(`${tmpdir()}/salesboard-bench-`);
    const run = startSpark(peer, [brokers, input, output, checkpoint, "flat"], {
      core,
      thorough,
    });
    const stop = async () => {
      await run.kill();
      rmSync(checkpoint, { recursive: true, force: true });
    };
    await started(run.exited, () => run.output().includes("starting"), run.log).catch(
      async (error) => {
        await stop();
        throw error;
      },
    );
    return { pid: run.pid, stop };
  },

  async salesboard({ brokers, input, output, core }) {
    const topics = ["--input-topic", input, "--output-topic", output, "--group", output];
    const child = Bun.spawn({
      cmd: [
        ...["taskset", "-c", String(core), executable, "aggregate", "--brokers", brokers],
        // Without history, for its peer keeps none.
        ...[...topics, "--history", "off"],
      ],
      stdout: "ignore",
      stderr: "pipe",
    });
    const stop = async () => {
      child.kill();
      await child.exited;
    };
    let log = "";
    const collected = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of child.stderr) log += decoder.decode(chunk, { stream: true });
    })();
    collected.catch(() => {});
    const isReady = () => log.includes("Partitions assigned.");
    await started(child.exited, isReady, () => log).catch(async (error) => {
      await stop();
      throw error;
    });
    return { pid: child.pid, stop };
  },
};

async function started(
  exited: Promise<number>,
  isReady: () => boolean,
  log: () => string,
): Promise<void> {
  let status: number | undefined;
  exited.then(
    (code) => {
      status = code;
    },
    () => {},
  );
  await waitFor(
    () => {
      if (status !== undefined) throw new Error(`It exited with ${status}:\n${log()}`);
      return isReady();
    },
    { what: "a subject to start", timeoutMs: START_MS_MAX },
  );
}
