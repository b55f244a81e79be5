/** Clients for JavaScript with JSON.parse and a Map, on Bun; see bench/peers/js. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { committedBy } from "./committed.ts";
import { SubjectProcess } from "./process.ts";
import type { Running, Subject, Task } from "./subject.ts";

const folder = fileURLToPath(new URL("../peers/js", import.meta.url));
const missing = existsSync(`${folder}/node_modules`)
  ? undefined
  : "the JavaScript clients were not installed";

export const kafkajs = client("kafkajs, JSON.parse, Map", "kafkajs.js");
export const platformatic = client("@platformatic/kafka, JSON.parse, Map", "platformatic.js");

function client(name: string, file: string): Subject {
  return {
    name,
    missing,
    async start(task: Task): Promise<Running> {
      const price = task.records === "till" ? "unit_price" : "price";
      const group = `${task.topic}-${crypto.randomUUID().slice(0, 8)}`;
      const program = new SubjectProcess(task.arena, () => [
        ...[process.execPath, `${folder}/${file}`, task.arena.broker.brokers],
        ...[task.topic, group, price],
      ]);
      await program.until("ready");
      const offsets = committedBy(group, task);
      return {
        pid: program.pid,
        committed: () => offsets.sum(),
        rebalanced: () => program.count("ready") > 1,
        totals: async () => {
          await program.stop();
          const json = program.output.split("\n").find((line) => line.startsWith("{"));
          return new Map(Object.entries(JSON.parse(json ?? "{}")));
        },
        kill: async () => {
          await program.kill();
          await offsets.close();
        },
      };
    },
  };
}
