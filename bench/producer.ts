/** Our producer beside kcat, which sends the same records from a file. */

import { rmSync } from "node:fs";
import { SaleGenerator } from "../src/producer/generator.ts";
import { encodeSale } from "../src/wire/sale-record.ts";
import { executablePath } from "../tests/support/executable.ts";
import { missingOf } from "../tests/support/require.ts";
import { type Arena, onKafka } from "./arena.ts";
import { count, cpuOf, rateOf, spreadText, takeTurns, times } from "./contest.ts";
import { checkTopic } from "./sales.ts";
import type { BenchOptions } from "./section.ts";
import { SubjectProcess } from "./subjects/process.ts";
import type { Round, Turn } from "./subjects/subject.ts";

const PARTITIONS = 4;
const SIZES = { full: { sales: 2_000_000, rounds: 5 }, short: { sales: 50_000, rounds: 1 } };
const SEED = 1;

const MADE_UP = "salesboard produce, made up";
const FROM_FILE = "salesboard produce --input, each line checked";
const KCAT = "kcat, from a file";

/** The settings of our producer (src/kafka/librdkafka.ts). */
const kcatSettings = {
  "enable.idempotence": "true",
  partitioner: "murmur2_random",
  "linger.ms": "5",
};

export const measureProducer = onKafka("Producing as fast as possible", async (arena, options) => {
  const { sales } = SIZES[options.mode];
  const missing = missingOf("kcat");
  const results = await run(arena, options, missing === undefined);
  const reference = missing === undefined ? KCAT : MADE_UP;
  const ratio = (name: string) => cpuOf(results, name).median / cpuOf(results, reference).median;
  return {
    columns: [`${count(sales)} sales`, "CPU-s per million", `of ${reference}`, "sales/s"],
    rows: [...results.keys()].map((name) => [
      name,
      spreadText(cpuOf(results, name)),
      times(ratio(name)),
      count(rateOf(results, name).median),
    ]),
    goals: [],
    data: Object.fromEntries(results),
    skipped: missing ? [missing] : [],
  };
});

async function run(arena: Arena, { mode, progress }: BenchOptions, withKcat: boolean) {
  const { sales, rounds } = SIZES[mode];
  const files = await writeSales(arena, sales);
  const { brokers } = arena.broker;
  const own = (topic: string) => [
    ...[executablePath, "produce", "--brokers", brokers, "--input-topic", topic, "--rate", "0"],
  ];
  const settings = Object.entries(kcatSettings).flatMap(([key, value]) => [
    "-X",
    `${key}=${value}`,
  ]);
  const kcat = (topic: string) => [
    ...["kcat", "-P", "-b", brokers, "-t", topic, "-K", "\t", ...settings, "-l", files.keyed],
  ];
  const madeUp = ["--seed", String(SEED), "--count", String(sales)];
  const turns: Record<string, Turn> = {
    [MADE_UP]: () => send(arena, sales, (topic) => [...own(topic), ...madeUp]),
    [FROM_FILE]: () => send(arena, sales, (topic) => [...own(topic), "--input", files.plain]),
    ...(withKcat && { [KCAT]: () => send(arena, sales, kcat) }),
  };
  const results = await takeTurns(turns, { rounds, progress });
  for (const file of Object.values(files)) rmSync(file);
  return results;
}

/** The whole life of a program that sends `sales` records, from its start to its end. */
async function send(
  arena: Arena,
  sales: number,
  command: (topic: string) => readonly string[],
): Promise<Round> {
  const topic = await arena.createTopic("sales", PARTITIONS);
  const startedAt = performance.now();
  const program = new SubjectProcess(arena, () => command(topic));
  await program.succeeded();
  const seconds = (performance.now() - startedAt) / 1000;
  await checkTopic(arena, topic, sales);
  return {
    cpuPerMillion: (program.cpuSeconds / sales) * 1e6,
    salesPerSecond: sales / seconds,
    memoryBytesMax: program.memoryBytesMax,
  };
}

/** What our producer makes up, as lines: without a key, and with the product before a tab. */
async function writeSales(arena: Arena, sales: number) {
  const files = { plain: `${arena.broker.dir}/sales`, keyed: `${arena.broker.dir}/sales-keyed` };
  const plain = Bun.file(files.plain).writer();
  const keyed = Bun.file(files.keyed).writer();
  const generator = new SaleGenerator(SEED);
  for (let i = 0; i < sales; i++) {
    const sale = generator.next();
    const value = encodeSale(sale);
    plain.write(value);
    plain.write("\n");
    keyed.write(`${sale.product}\t`);
    keyed.write(value);
    keyed.write("\n");
    if (i % 10_000 === 0) await Promise.all([plain.flush(), keyed.flush()]);
  }
  await Promise.all([plain.end(), keyed.end()]);
  return files;
}
