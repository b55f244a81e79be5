/** Kafka Streams, exactly_once_v2, commits every 100 ms; see bench/peers/kafka-streams. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { shortLived } from "../../tests/support/java.ts";
import { SubjectProcess } from "./process.ts";
import type { Running, Subject, Task } from "./subject.ts";
import { OutputTotals } from "./totals.ts";

const folder = fileURLToPath(new URL("../../.cache/bench/kafka-streams", import.meta.url));
const missing = existsSync(`${folder}/peer.jar`)
  ? undefined
  : "Kafka Streams was not built: it takes java, javac and mvn; " +
    "install by: apt-get install default-jdk-headless maven";

export const kafkaStreamsProcessor = kafkaStreams("Kafka Streams, Processor API", "processor");
export const kafkaStreamsDsl = kafkaStreams("Kafka Streams, DSL", "dsl");

function kafkaStreams(name: string, topology: "processor" | "dsl"): Subject {
  return {
    name,
    missing,
    async start(task: Task): Promise<Running> {
      const { arena, topic, partitions, records = "flat" } = task;
      const output = await arena.createTopic("totals", partitions);
      const program = new SubjectProcess(arena, (dir) => [
        ...[
          "java",
          ...(arena.thorough ? [] : shortLived),
          "-cp",
          `${folder}/peer.jar:${folder}/libs/*`,
          "salesboard.Peer",
        ],
        ...[topology, records, arena.broker.brokers, topic, output, output, dir],
      ]);
      await program.until("ready");
      const totals = new OutputTotals(arena.kafka, { topic: output, partitions });
      return {
        pid: program.pid,
        committed: () => totals.read(),
        rebalanced: () => program.count("ready") > 1,
        totals: async () => totals.totals(),
        kill: async () => {
          await program.kill();
          await totals.close();
        },
      };
    },
  };
}
