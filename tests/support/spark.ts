/** Applications of Spark, in one process with two cores, for tests and the bench. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { endWithThisProcess } from "./guard.ts";
import { shortLived } from "./java.ts";
import { SPARK_HOME } from "./require.ts";

export const jobPath = fileURLToPath(new URL("../../spark/salesboard_job.py", import.meta.url));

const settings = {
  "spark.driver.host": "127.0.0.1",
  "spark.driver.bindAddress": "127.0.0.1",
  "spark.ui.enabled": "false",
};

// Nothing is left beside the sources, and nothing listens to the network.
const environment = { PYTHONDONTWRITEBYTECODE: "1", SPARK_LOCAL_IP: "127.0.0.1" };

export interface SparkOptions {
  /** The number of the one processor core that all of it may use; undefined = any core. */
  core?: number;
  /** For who measures: it compiles as a process that lives for long, and so costs more at first. */
  thorough?: boolean;
}

/** Runs `spark-submit`; it ends by `kill`, or with this process. Needs `requirement("spark")`. */
export function startSpark(
  program: string,
  args: readonly string[],
  { core, thorough = false }: SparkOptions = {},
): SparkRun {
  const dir = mkdtempSync(`${tmpdir()}/salesboard-spark-`);
  const jars = readdirSync(`${SPARK_HOME}/jars`).map((jar) => `${SPARK_HOME}/jars/${jar}`);
  const conf = Object.entries({ ...settings, "spark.local.dir": dir });
  const java = [`-Djava.io.tmpdir=${dir}`, ...(thorough ? [] : shortLived)];
  const python = `${SPARK_HOME}/venv/bin/python3`;
  const log = `${dir}/log`;
  const output = `${dir}/output`;
  const child = Bun.spawn({
    cmd: [
      ...(core === undefined ? [] : ["taskset", "-c", String(core)]),
      `${SPARK_HOME}/venv/bin/spark-submit`,
      ...["--master", "local[2]", "--jars", jars.join()],
      ...conf.flatMap(([name, value]) => ["--conf", `${name}=${value}`]),
      ...["--driver-java-options", java.join(" ")],
      ...[program, ...args],
    ],
    cwd: dir,
    env: { ...Bun.env, ...environment, PYSPARK_PYTHON: python, PYSPARK_DRIVER_PYTHON: python },
    stdin: "ignore",
    stdout: Bun.file(output),
    stderr: Bun.file(log),
  });
  endWithThisProcess(child, dir);
  return {
    pid: child.pid,
    exited: child.exited,
    output: () => textOf(output),
    // Spark sends what Python says of an error to standard output.
    log: () => textOf(log) + textOf(output),
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface SparkRun {
  /** Of the Java process, whose children are Python's. */
  pid: number;
  exited: Promise<number>;
  /** What it printed. */
  output(): string;
  /** Its log, and what it printed. */
  log(): string;
  /** Ends it at once, as a power cut would; its checkpoint stays. */
  kill(): Promise<void>;
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
