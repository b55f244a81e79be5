/** The aggregator as it is, or with a mistake put into a copy of its source. */

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { KafkaError } from "../../src/kafka/kafka.ts";
import type { Subject } from "./instance.ts";
import type { Change, Mutation } from "./mutation.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const original: Subject = { runAggregator, KafkaError };

/**
 * Thousands of aggregators with buffers for millions of records would do little but clear memory.
 * So small, they are also too small now and then: batches end early and grow.
 */
const smallBuffers: readonly Change[] = [
  {
    file: "aggregator/poll-batch.ts",
    from: "BATCH_RECORDS_MAX = 256",
    to: "BATCH_RECORDS_MAX = 16",
  },
  {
    file: "aggregator/poll-batch.ts",
    from: "BATCH_RECORDS_MAX = 8192",
    to: "BATCH_RECORDS_MAX = 16",
  },
  {
    file: "aggregator/fold.ts",
    from: "SUMS_ROWS_MAX = 16_384",
    to: "SUMS_ROWS_MAX = 16",
  },
  {
    file: "aggregator/poll-batch.ts",
    from: "BATCH_BYTES_MAX = 4 * 1024 * 1024",
    to: "BATCH_BYTES_MAX = 512",
  },
  {
    file: "state/totals-log.ts",
    from: "BATCH_RECORDS_MAX = 4_096",
    to: "BATCH_RECORDS_MAX = 16",
  },
  {
    file: "state/totals-log.ts",
    from: "BATCH_BYTES_MAX = 1024 * 1024",
    to: "BATCH_BYTES_MAX = 1024",
  },
  // So short a life has many marks, as that of a process has.
  { file: "aggregator/marks.ts", from: "INTERVAL_MS = 10_000", to: "INTERVAL_MS = 60" },
  {
    file: "aggregator/output-records.ts",
    from: "BATCH_RECORDS_MAX = 1024",
    to: "BATCH_RECORDS_MAX = 8",
  },
  {
    file: "aggregator/output-records.ts",
    from: "BATCH_BYTES_MAX = 512 * 1024",
    to: "BATCH_BYTES_MAX = 512",
  },
];

/**
 * The aggregator with small buffers, and with the mistake if one is given: copies src, changes and
 * loads the copy.
 */
export async function mutated(mutation?: Mutation): Promise<Subject> {
  const { name, changes, libraryMistake, favours } = { name: "none", changes: [], ...mutation };
  // Inside the project, where the copy finds the packages it imports.
  const folder = join(root, ".cache/simulation", crypto.randomUUID());
  mkdirSync(folder, { recursive: true });
  try {
    cpSync(join(root, "src"), folder, { recursive: true });
    for (const { file, from, to } of [...smallBuffers, ...changes]) {
      const path = join(folder, file);
      const parts = readFileSync(path, "utf8").split(from);
      if (parts.length !== 2) {
        throw new Error(
          `Cannot make the mutation "${name}": ${file} must contain its text once, ` +
            `but does ${parts.length - 1} times: ${from}`,
        );
      }
      writeFileSync(path, parts.join(to));
    }
    const { runAggregator } = await import(join(folder, "aggregator/aggregator.ts"));
    const { KafkaError } = await import(join(folder, "kafka/kafka.ts"));
    return { runAggregator, KafkaError, libraryMistake, favours };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
