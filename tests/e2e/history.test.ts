/** History of the executable on a real Kafka: exact whatever is killed, and bounded on disk. */

import { afterEach, expect } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { logged, newTopics, Runs } from "../support/board.ts";
import { runSalesboard } from "../support/executable.ts";
import { expectedHistory, type HistoryRows, historyRows } from "../support/history.ts";
import { sharedKafka, startKafka } from "../support/kafka.ts";
import { produceFile, readCommitted } from "../support/read.ts";
import { requirement } from "../support/require.ts";
import { seededRandom } from "../support/seed.ts";
import { quickArgs } from "../support/timeouts.ts";
import { waitFor } from "../support/wait.ts";

const KILLS = 3;
const SALES_EACH = 20_000;
const LIFE_MS_MAX = 3_000;
/** Sales of the past in each round: of the last minutes, days, and months. */
const PAST_SALES_EACH = 300;
const AGES_MS = [20 * 60_000, 40 * 3_600_000, 80 * 24 * 3_600_000];
const MEGABYTE = 1024 * 1024;
/** So much is written to one partition of history before its size is looked at. */
const WRITTEN_BYTES = 10 * MEGABYTE;
/** The bound of docs/topics.md: the segment that is open, and what is not compacted yet. */
const KEPT_BYTES_MAX = 8 * MEGABYTE;

const test = requirement("java", "maven", "kcat");
const runs = new Runs();
const folder = mkdtempSync(`${tmpdir()}/salesboard-history-`);
afterEach(() => runs.end());
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** NDJSON of sales that say themselves when they were. */
function pastSales(round: number, { count = PAST_SALES_EACH, ages = AGES_MS } = {}): string {
  const now = Date.now();
  const lines = Array.from({ length: count }, (_, i) => {
    const age = ages[i % ages.length] as number;
    const timestamp = now - ((i * 7_919 * 104_729 + round) % age);
    return `{"product":"p${i % 7}","quantity":${1 + (i % 3)},"price":${i}.5,"timestamp":${timestamp}}`;
  });
  const file = `${folder}/${round}.ndjson`;
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

test("history equals the sales by their time after SIGKILLs, and verify says so", async () => {
  const broker = await sharedKafka();
  const { brokers } = broker;
  const topics = newTopics("history");
  const args = ["--brokers", brokers, ...topics.args];
  await broker.createTopic(topics.input, 4);
  const random = seededRandom("KILL_SEED");
  for (let kill = 1; kill <= KILLS; kill++) {
    const run = runs.start(["run", ...args, ...quickArgs, "--port", "0"]);
    await logged(run, "Partitions assigned.");
    const file = pastSales(kill);
    const producing = runSalesboard([
      ...["produce", ...args, "--count", String(SALES_EACH)],
      ...["--rate", String(SALES_EACH / 4), "--seed", String(kill)],
    ]);
    await produceFile({ brokers, topic: topics.input, file });
    await Bun.sleep(random.between(0, LIFE_MS_MAX));
    await run.kill();
    expect((await producing).status).toBe(0);
  }
  const last = runs.start(["aggregate", ...args, ...quickArgs]);
  const sales = KILLS * (SALES_EACH + PAST_SALES_EACH);
  const topic = `${topics.output}.history`;
  const found = await waitFor(
    async () => {
      const found = historyRows(await readCommitted({ brokers, topic }));
      const counted = found.notes.reduce((sum, note) => sum + (note?.sales ?? 0), 0);
      return counted === sales ? found : undefined;
    },
    { what: "the last sale", pollMs: 500 },
  );
  expect(found.broken).toEqual([]);
  for (const note of found.notes) expect(note).toMatchObject({ unrecorded: 0, ahead: 0 });
  expect(await last.stop()).toBe(0);
  expect(last.stderr()).not.toContain("The history of partition");
  const input = await readCommitted({ brokers, topic: topics.input });
  const expected = expectedHistory(input);
  for (const unit of ["1 s", "60 s", "3600 s"]) {
    expect(Object.keys(expected).some((row) => row.includes(` ${unit}, p`))).toBe(true);
  }
  expect(found.rows).toEqual(expected);
  const verified = await runSalesboard(["verify", ...args]);
  expect(verified.stdout).toMatch(/; \d+ slots of history/);
  expect(verified.stdout).toContain("Equal: every total");
  expect(verified.status).toBe(0);
  // A dashboard that is started now has all of it.
  const url = await runs.start(["serve", ...args, "--port", "0"]).url();
  const isShown = async () => {
    const answer = await fetch(`${url}/api/history?window=30d`);
    if (!answer.ok) return false;
    const { start, all } = await answer.json();
    const shown = all.sales.reduce((sum: number, of: number) => sum + of, 0);
    return shown > 0 && shown === salesSince(expected, start);
  };
  await waitFor(isShown, { what: "the past of thirty days" });
}, 600_000);

/** `start` in epoch seconds. */
function salesSince(rows: HistoryRows, start: number): number {
  const counts = Object.entries(rows).map(([what, text]) => {
    const at = Date.parse(/\d{4}-\S+Z/.exec(what)?.[0] ?? "");
    return at >= start * 1000 ? Number(/^\d+/.exec(text)?.[0]) : 0;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

// Without segments that close in time nothing was ever compacted: the active one is 1 GB.
test("the history topic stays small, however much is written to it", async () => {
  const broker = await startKafka({ settings: { "log.cleaner.backoff.ms": "1000" } });
  try {
    const { brokers } = broker;
    const topics = newTopics("bounded");
    const args = ["--brokers", brokers, ...topics.args, "--partitions", "1"];
    const run = runs.start(["aggregate", ...args]);
    await logged(run, "Partitions assigned.");
    // Each of them changes a slot of its own, as a rule. More than enough: a transaction of more
    // sales, as on a busy machine, writes less for each.
    const file = pastSales(0, { count: 500_000, ages: [23 * 3_600_000] });
    runs.start(["produce", ...args, "--input", file, "--rate", "10000"]);
    const topic = `${topics.output}.history`;
    const sizeOf = () => logBytes(`${broker.dir}/data/${topic}-0`);
    let [before, written, largest] = [0, 0, 0];
    await waitFor(
      () => {
        const now = sizeOf();
        written += Math.max(0, now - before);
        largest = Math.max(largest, now);
        before = now;
        return written > WRITTEN_BYTES;
      },
      { what: `${WRITTEN_BYTES} bytes of history`, pollMs: 100 },
    );
    await waitFor(() => sizeOf() <= KEPT_BYTES_MAX, {
      what: "compaction",
    });
    const records = await readCommitted({ brokers, topic });
    const keys = new Set(records.map(({ key }) => new TextDecoder().decode(key ?? undefined)));
    console.log(
      `written ${Math.round(written / MEGABYTE)} MB, at most ${Math.round(largest / MEGABYTE)} MB ` +
        `at a time, ${Math.round(sizeOf() / MEGABYTE)} MB in the end; ${keys.size} keys`,
    );
    expect(keys.size).toBeLessThanOrEqual(3_901);
    await run.stop();
    const verified = await runSalesboard(["verify", ...args]);
    expect(verified.stdout).toContain("Equal: every total");
  } finally {
    await broker.stop();
  }
}, 600_000);

/** Without the indexes, of which Kafka allots ten megabytes each before they are used. */
function logBytes(dir: string): number {
  const files = readdirSync(dir).filter((file) => file.endsWith(".log"));
  return files.reduce((sum, file) => {
    // The cleaner may have removed it meanwhile.
    const stat = statSync(`${dir}/${file}`, { throwIfNoEntry: false });
    return sum + (stat?.size ?? 0);
  }, 0);
}
