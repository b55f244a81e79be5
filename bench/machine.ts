/** On what the figures were measured. */

import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { executablePath } from "../tests/support/executable.ts";
import { KAFKA_VERSION } from "../tests/support/kafka-files.ts";

export interface Machine {
  date: string;
  cores: number;
  cpu: string;
  memoryGb: number;
  /** Program → version. */
  versions: Readonly<Record<string, string>>;
}

export function describeMachine(): Machine {
  const dependencies = (file: string) => JSON.parse(readFileSync(file, "utf8")).dependencies;
  const root = new URL("..", import.meta.url).pathname;
  const clients = dependencies(`${root}bench/peers/js/package.json`);
  const pom = readFileSync(`${root}bench/peers/kafka-streams/pom.xml`, "utf8");
  const client = `${root}node_modules/@confluentinc/kafka-javascript/package.json`;
  const streams = /<artifactId>kafka-streams<\/artifactId>\s*<version>([\d.]+)</.exec(pom)?.[1];
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    versions: {
      salesboard: firstLine([executablePath, "--version"]),
      librdkafka: JSON.parse(readFileSync(client, "utf8")).librdkafka,
      "Apache Kafka": KAFKA_VERSION,
      "Kafka Streams": streams ?? "unknown",
      Java: /"([\d.]+)/.exec(firstLine(["java", "-version"]))?.[1] ?? "none",
      Bun: Bun.version,
      ...clients,
    },
  };
}

/** "2026-11-25; 2 cores, Intel Xeon, 24 GB; salesboard 0.1.0, …" */
export function machineLine({ date, cores, cpu, memoryGb, versions }: Machine): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${date}; ${cores} cores, ${cpu}, ${memoryGb} GB; ${programs.join(", ")}`;
}

function firstLine(command: readonly [string, ...string[]]): string {
  if (Bun.which(command[0]) === null) return "";
  const { stdout, stderr } = Bun.spawnSync([...command]);
  return `${stdout}${stderr}`.trim().split("\n")[0] ?? "";
}
