/**
 * Makes the folder of a broker as Kafka's own tool does. All that the tool computes are the records
 * that a cluster begins with. They are the same each time, and each start of Java costs a processor
 * a second or two: so the tool runs once, and later folders get a copy.
 */

import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import type { KafkaProcess } from "./kafka-process.ts";
import { KAFKA_HOME } from "./require.ts";

export interface Identity {
  /** `node.id` of its settings. */
  node: number;
  /** The same for all nodes of a cluster. */
  cluster: string;
}

/**
 * The folder `data` of a broker whose `server.properties` names its controllers.
 * @param args of the tool, such as `--add-scram`
 */
export async function formatFolder(
  broker: KafkaProcess,
  { node, cluster }: Identity,
  args: readonly string[] = [],
): Promise<void> {
  const data = `${broker.dir}/data`;
  const beginning = `${data}/bootstrap.checkpoint`;
  const kept = `${KAFKA_HOME}/beginning-${Bun.hash(args.join(" ")).toString(36)}.checkpoint`;
  if (existsSync(kept)) {
    const identity = { version: 1, "node.id": node, "cluster.id": cluster, "directory.id": uuid() };
    const lines = Object.entries(identity).map(([name, value]) => `${name}=${value}\n`);
    mkdirSync(data, { recursive: true });
    writeFileSync(`${data}/meta.properties`, lines.join(""));
    copyFileSync(kept, beginning);
    return;
  }
  const config = ["-c", `${broker.dir}/server.properties`];
  await broker.tool("kafka.tools.StorageTool", ["format", "-t", cluster, ...config, ...args]);
  // Renamed into place, so that another process never reads half a file.
  const draft = `${kept}.${process.pid}`;
  copyFileSync(beginning, draft);
  renameSync(draft, kept);
}

/** An id as Kafka has: a UUID in base64. One that starts with a dash would look like an option. */
export function uuid(): string {
  return `A${randomBytes(16).toString("base64url").slice(1, 21)}A`;
}
