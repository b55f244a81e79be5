/** Spark Structured Streaming: a query as its guide writes it, and the job in spark/. */

import { mkdtempSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sparkIsFetched } from "../../tests/support/require.ts";
import { jobPath, type SparkRun, startSpark } from "../../tests/support/spark.ts";
import { waitFor } from "../../tests/support/wait.ts";
import { SUBJECT_CORE } from "../arena.ts";
import { treeCpuSeconds } from "../measure.ts";
import type { Running, Subject, Task } from "./subject.ts";
import { OutputTotals } from "./totals.ts";

const START_MS_MAX = 600_000;
const query = fileURLToPath(new URL("../peers/spark/totals.py", import.meta.url));
const missing = sparkIsFetched()
  ? undefined
  : "Spark is not there: it is fetched by python3 with its module venv, and mvn";

/** Its start is not counted, as that of nobody is: it says when the query is about to begin. */
export const spark: Subject = {
  name: "Spark, from_json and groupBy",
  missing,
  start: (task) =>
    start(task, query, {
      argsOf: ({ output, checkpoint }) => [
        ...[task.arena.broker.brokers, task.topic, output, checkpoint, task.records ?? "flat"],
      ],
      isReady: (run) => run.output().includes("starting"),
    }),
};

/** @param rules of a mapping; none for flat sales */
export function sparkJob(rules?: string): Subject {
  return {
    name: "spark/salesboard_job.py",
    missing,
    async start(task) {
      const running = await start(task, jobPath, {
        argsOf: ({ output, checkpoint }) => [
          ...["--brokers", task.arena.broker.brokers, "--checkpoint", checkpoint],
          ...["--input-topic", task.topic, "--output-topic", output],
          ...(rules === undefined ? [] : ["--map", rules]),
        ],
        isReady: (run) => run.log().split("Starting new streaming query.").length > QUERIES,
      });
      // Python judges in processes of its own.
      const cpuSeconds = () => treeCpuSeconds(running.pid);
      const committed = async () => (await running.committed()) / (task.linesOfRecord ?? 1);
      return { ...running, cpuSeconds, committed };
    },
  };
}

/** Of the job: totals, and dead letters. */
const QUERIES = 2;

async function start(
  { arena, partitions }: Task,
  program: string,
  {
    argsOf,
    isReady,
  }: {
    argsOf: (topics: { output: string; checkpoint: string }) => readonly string[];
    isReady: (run: SparkRun) => boolean;
  },
): Promise<Running> {
  const output = await arena.createTopic("totals", partitions);
  const checkpoint = mkdtempSync(`${arena.broker.dir}/checkpoint-`);
  const run = startSpark(program, argsOf({ output, checkpoint }), {
    core: SUBJECT_CORE,
    thorough: arena.thorough,
  });
  let status: number | undefined;
  void run.exited.then((code) => {
    status = code;
  });
  const hasStarted = () => {
    if (status !== undefined) throw new Error(`Spark exited with ${status}:\n${run.log()}`);
    return isReady(run);
  };
  await waitFor(hasStarted, { what: "Spark to start", timeoutMs: START_MS_MAX }).catch(
    async (error) => {
      const log = run.log();
      await run.kill();
      throw new Error(`${error.message}\n${log}`);
    },
  );
  const totals = new OutputTotals(arena.kafka, { topic: output, partitions });
  return {
    pid: run.pid,
    committed: () => totals.read(),
    // It has its partitions from no group.
    rebalanced: () => false,
    totals: async () => totals.totals(),
    kill: async () => {
      await run.kill();
      await totals.close();
    },
  };
}
