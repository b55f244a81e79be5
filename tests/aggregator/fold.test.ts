/** Records of any shape through the whole loop, on the embedded broker. */

import { afterEach, describe, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { totalsFile } from "../../src/dashboard/http/downloads.ts";
import { SalesView } from "../../src/dashboard/model/view.ts";
import type { Kafka, OutgoingRecord } from "../../src/kafka/kafka.ts";
import { mappingFingerprint } from "../../src/mapping/input-judge.ts";
import { verify } from "../../src/verify/verify.ts";
import { decodeBookkeeping, isBookkeepingKey } from "../../src/wire/bookkeeping.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../support/context.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { startRegistry } from "../support/registry.ts";
import { isJudged, recordsOf, schemaOptionsOf, sharedCases } from "../support/shared-cases.ts";
import { waitFor } from "../support/wait.ts";

const PARTITIONS = [0, 1];
const encoder = new TextEncoder();
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(...args: string[]) {
  const config = configOf("run", "--commit-interval", "20ms", ...args);
  const { cluster, kafka } = openCluster(config, PARTITIONS.length);
  closing.push(() => cluster.close());
  const start = (of = config): RunningRole => {
    const role = startRole(runAggregator, { config: of, kafka });
    closing.push(() => role.stop().catch(() => {}));
    return role;
  };
  return { config, kafka, start };
}

const boardOf = async (kafka: Kafka, topic: string) => {
  const view = new SalesView();
  for (const { partition, key, value, timestamp } of await readTopic(kafka, topic, PARTITIONS)) {
    view.apply(partition, key, value, timestamp);
  }
  view.publish({ state: "live", partitions: 2, lag: 0, notices: [], asOf: undefined });
  return view.board;
};

const judgedBy = (role: RunningRole) => {
  const figure = (name: string) => role.stats[`salesboard_aggregator_${name}`] ?? 0;
  return { sales: figure("sales"), returns: figure("returns"), filtered: figure("filtered") };
};

describe("Fold with a mapping", () => {
  for (const sample of sharedCases().filter(isJudged)) {
    test(`counts exactly what the shared case has: ${sample.name}`, async () => {
      const format = ["--input-format", sample.format, "--currency", sample.currency];
      const { schemas, options } = schemaOptionsOf(sample);
      const registry = startRegistry({ schemas });
      closing.push(() => registry.stop());
      if (sample.format === "avro") options.push("--schema-registry", registry.url);
      const map = ["--map", sample.map.join("\n")];
      const { config, kafka, start } = open(...map, ...format, ...options);
      const records = recordsOf(sample);
      await sendAll(kafka, config.inputTopic, records);
      const role = start();
      const isJudgedWhole = async () => {
        const notes = (await readTopic(kafka, config.outputTopic, PARTITIONS))
          .filter(({ key }) => isBookkeepingKey(key))
          .map(({ partition, value }) => [partition, value] as const);
        const last = [...new Map(notes).values()].map((value) =>
          Number(decodeBookkeeping(value as Uint8Array).records),
        );
        return last.reduce((sum, count) => sum + count, 0) === records.length;
      };
      await waitFor(isJudgedWhole, { what: "a verdict on every record" });
      await role.stop();

      const board = await boardOf(kafka, config.outputTopic);
      const { body } = totalsFile("json", board, board.rows);
      const products = JSON.parse(String(body)) as { product: string; totalQuantity: number }[];
      const byName = (a: { product: string }, b: { product: string }) =>
        a.product < b.product ? -1 : 1;
      expect({
        records: records.length,
        filtered: Number(board.filtered),
        deadLetters: Number(board.deadLetters),
        sales: Number(board.total.sales),
        returns: Number(board.total.returns),
        products: products.sort(byName).map((row) => ({
          ...row,
          totalQuantity: String(row.totalQuantity),
        })),
      }).toEqual({
        records: sample.records,
        filtered: sample.filtered,
        deadLetters: sample.deadLetters.length,
        sales: sample.sales,
        returns: sample.returns,
        products: sample.products.toSorted(byName),
      });
      const letters = await readTopic(kafka, config.deadLetterTopic, PARTITIONS);
      expect(letters).toHaveLength(sample.deadLetters.length);
      const found = await verify({ kafka, config, progress() {} });
      const { records: all, sales, returns, filtered } = sample;
      const deadLetters = sample.deadLetters.length;
      const counts = { records: all, sales, returns, filtered, deadLetters };
      expect(found).toMatchObject({ equal: true, differences: [], ...counts });
    }, 600_000);
  }

  const rules = "lines: items[]; product: p; quantity: q; price: e; returns: subtract";
  const order = (...items: [p: string, q: unknown, e: unknown][]): OutgoingRecord => ({
    value: encoder.encode(JSON.stringify({ items: items.map(([p, q, e]) => ({ p, q, e })) })),
    partition: 0,
  });

  test("counts a record with one bad line not at all, and sends it whole to the dead letters", async () => {
    const { config, kafka, start } = open("--map", rules);
    const role = start();
    const bad = order(["Tea", 1, 2], ["Cup", "many", 3]);
    const good = order(["Tea", 1.5, 2], ["Cup", -2, 3], ["Cup", 1, 3]);
    await sendAll(kafka, config.inputTopic, [bad, good, order()]);
    await waitFor(() => judgedBy(role).filtered === 1, { what: "three records" });
    expect(judgedBy(role)).toEqual({ sales: 2, returns: 1, filtered: 1 });
    await role.stop();
    const [letter, ...more] = await readTopic(kafka, config.deadLetterTopic, PARTITIONS);
    expect([letter?.value, more]).toEqual([bad.value as Uint8Array, []]);
    const { rows } = await boardOf(kafka, config.outputTopic);
    expect(rows).toMatchObject([
      { product: "Tea", quantity: 1_500_000n, revenue: 3_000_000n, sales: 1n, returns: 0n },
      { product: "Cup", quantity: -1_000_000n, revenue: -3_000_000n, sales: 1n, returns: 1n },
    ]);
  }, 600_000);

  test("refuses totals that another mapping counted, and says what to do", async () => {
    const { config, kafka, start } = open("--map", rules);
    const first = start();
    await sendAll(kafka, config.inputTopic, [order(["Tea", 1, 2])]);
    await waitFor(() => judgedBy(first).sales === 1, { what: "a sale" });
    await first.stop();
    const flat = start(configOf("run", "--commit-interval", "20ms"));
    await waitFor(() => flat.stats.salesboard_aggregator_partitions_refused === 1, {
      what: "a refusal",
    });
    const former = mappingFingerprint(config);
    expect(flat.warnings).toContain(
      "Cannot aggregate partition 0: the totals in processed_sales_topic were counted with the " +
        `mapping ${former}, and the present mapping is flat: totals of two mappings do not add ` +
        "up; to count anew, stop all aggregators and type `salesboard reset --brokers HOST:9092`, or " +
        "run with the former mapping, or with another --output-topic and another --group.",
    );
    await flat.stop();
    // The same meaning in another spelling.
    const again = start({
      ...config,
      mapping: configOf("--map", rules.split("; ").toReversed().join("\n")).mapping,
    });
    await sendAll(kafka, config.inputTopic, [order(["Tea", 1, 2])]);
    await waitFor(() => judgedBy(again).sales === 2, { what: "the next sale" });
  }, 600_000);
});

describe("Fold without a mapping", () => {
  // Until mappings came such a record was a dead letter, and its sale was lost.
  test("counts a sale whose time cannot be read at its record's time", async () => {
    const { config, kafka, start } = open();
    const role = start();
    const value = encoder.encode('{"product":"Tea","quantity":1,"price":2,"timestamp":"soon"}');
    await sendAll(kafka, config.inputTopic, [{ value, partition: 0 }]);
    await waitFor(() => judgedBy(role).sales === 1, { what: "the sale" });
    expect(role.stats).toMatchObject({
      salesboard_aggregator_untimed: 1,
      salesboard_aggregator_dead_letters: 0,
      salesboard_aggregator_history_untimed: 0,
    });
  }, 600_000);

  // Beyond 9 007 199 254 units a number of millionths is not exact.
  test("adds up more units than a number of millionths holds", async () => {
    const { config, kafka, start } = open();
    const role = start();
    const value = encoder.encode('{"product":"Tea","quantity":999999999,"price":0.000001}');
    const record = { value, partition: 0 };
    await sendAll(kafka, config.inputTopic, [record]);
    await waitFor(() => judgedBy(role).sales === 1, { what: "a known product" });
    await sendAll(
      kafka,
      config.inputTopic,
      Array.from({ length: 40 }, () => record),
    );
    await waitFor(() => judgedBy(role).sales === 41, { what: "all sales" });
    await role.stop();
    const { total } = await boardOf(kafka, config.outputTopic);
    expect(total.quantity).toBe(41n * 999_999_999n * 1_000_000n);
    expect(await verify({ kafka, config, progress() {} })).toMatchObject({ equal: true });
  }, 600_000);
});

// The table counted, the graph stayed empty for ever, and nobody said why.
test("sales with times in seconds and microseconds are counted, and told of", async () => {
  const { config, kafka, start } = open();
  const now = Date.now();
  const sale = (timestamp: number) => ({
    value: encoder.encode(`{"product":"a","quantity":1,"price":1,"timestamp":${timestamp}}`),
    partition: 0,
    timestamp: now,
  });
  const times = [now, Math.floor(now / 1_000), Math.floor(now / 1_000), now * 1_000];
  const role = start();
  await sendAll(kafka, config.inputTopic, times.map(sale));
  await waitFor(() => role.stats.salesboard_aggregator_odd_times === 3, {
    what: "three odd times",
  });
  await waitFor(() => role.stats.salesboard_aggregator_sales === 4, { what: "four sales" });
  expect(role.warnings).toContainEqual(
    expect.stringContaining("of January 1970: are timestamps in seconds?"),
  );
  expect(role.warnings).toContainEqual(expect.stringContaining("in microseconds?"));
});
