import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { Totals } from "../../src/domain/totals.ts";
import { type Kafka, type OutgoingRecord, RecordBatch } from "../../src/kafka/kafka.ts";
import { OwnedPartition } from "../../src/state/owned-partition.ts";
import { verify } from "../../src/verify/verify.ts";
import { decodeBookkeeping } from "../../src/wire/bookkeeping.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../support/context.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

interface Stored {
  key?: string | null;
  value: string;
  timestamp: number;
}

/**
 * What the build before mappings wrote of 40 records, 36 of them sales: its bookkeeping knows sales
 * and dead letters alone, its totals and slots have no returns.
 */
const earlier: Record<"input" | "output" | "history", Stored[]> = JSON.parse(
  readFileSync(new URL("../fixtures/earlier-build.json", import.meta.url), "utf8"),
);
const config = configOf("run", "--commit-interval", "20ms");
const { cluster, kafka } = openCluster(config, 1);
const running: RunningRole[] = [];
const encoder = new TextEncoder();

afterEach(async () => {
  await Promise.allSettled(running.splice(0).map((role) => role.stop()));
  cluster.close();
});

const recordsOf = (stored: readonly Stored[]): OutgoingRecord[] =>
  stored.map(({ key = null, value, timestamp }) => ({
    key: key === null ? null : encoder.encode(key),
    value: encoder.encode(value),
    timestamp,
    partition: 0,
  }));

/** As the group of the earlier build left it. */
async function commitOffset(of: Kafka, offset: number): Promise<void> {
  const consumer = of.groupConsumer({ topic: config.inputTopic, group: config.group });
  const producer = of.transactionalProducer({ transactionalId: "earlier" });
  await producer.init();
  const records = new RecordBatch({ recordsMax: 10, bytesMax: 10_000 });
  for (let isMember = false; !isMember; ) {
    const events = await consumer.poll(records, 100);
    isMember = events.some(({ type }) => type === "assigned");
  }
  await consumer.assign([{ partition: 0, offset }]);
  producer.begin();
  await producer.sendOffsets(consumer, [{ partition: 0, offset }]);
  await producer.commit();
  await producer.close();
  await consumer.close();
}

test("goes on from what the build before mappings wrote, and loses nothing", async () => {
  await sendAll(kafka, config.inputTopic, recordsOf(earlier.input));
  await sendAll(kafka, config.outputTopic, recordsOf(earlier.output));
  await sendAll(kafka, config.historyTopic, recordsOf(earlier.history));
  await commitOffset(kafka, earlier.input.length);
  const role = startRole(runAggregator, { config, kafka });
  running.push(role);
  const value = encodeSale({ product: "Kettle", quantity: 2, price: 1_500_000n });
  await sendAll(kafka, config.inputTopic, [{ value, partition: 0 }]);
  await waitFor(() => role.stats.salesboard_aggregator_sales === 37, { what: "one sale more" });
  await role.stop();
  expect(role.warnings).toEqual([]);

  const found = await verify({ kafka, config, progress() {} });
  expect(found).toMatchObject({ equal: true, records: 41, sales: 37, deadLetters: 4 });
  const output = await readTopic(kafka, config.outputTopic, [0]);
  const note = decodeBookkeeping(output.at(-1)?.value ?? new Uint8Array());
  expect(note).toMatchObject({
    inputOffset: 41,
    records: 41n,
    counted: 37n,
    filtered: 0n,
    deadLetters: 4n,
    returns: 0n,
    mapping: "flat",
  });
}, 600_000);

test("dimensions are sealed, committed and rolled back with the totals", () => {
  const none = () => ({ totals: new Totals(), bookkeeping: undefined });
  const partition = new OwnedPartition(0, { from: 0, dimensions: [none(), none()] });
  const all = [partition.totals, ...partition.dimensions];
  const sell = (...counts: number[]) => {
    partition.advance(partition.position, partition.position + 1);
    for (const [i, totals] of all.entries()) {
      const id = totals.products.findOrAdd(encoder.encode("x"));
      totals.apply({ id, sales: counts[i] as number, quantity: 1, amount: 1 });
    }
  };
  const sales = () => all.map((totals) => Number(totals.sales));
  sell(1, 2, 3);
  const { products, dimensions } = partition.seal();
  expect([products, ...dimensions].map(({ touched }) => touched)).toEqual([[0], [0], [0]]);
  sell(10, 20, 30);
  partition.commit("w");
  expect(sales()).toEqual([1, 2, 3]);
  partition.rollback();
  sell(100, 200, 300);
  partition.seal();
  expect(sales()).toEqual([101, 202, 303]);
  const by = { group: "g", writer: "w", mapping: "m" };
  const [first] = partition.dimensions;
  expect(partition.bookkeeping(by, first)).toMatchObject({ inputOffset: 2, sales: 202n });
  partition.rollback();
  expect(sales()).toEqual([1, 2, 3]);
});

// A restore reads what a wrong rollback has lost, so the simulation does not see one.
test("a rollback puts every count where the last commit left it, and a commit takes what was sealed", () => {
  const partition = new OwnedPartition(0, { from: 5 });
  const by = { group: "g", writer: "w", mapping: "m" };
  const fold = (next: number, epoch: number) => {
    partition.skipTo(partition.position + 5, new Date(epoch));
    partition.advance(partition.position, next, epoch);
    partition.counted += 1n;
    partition.filtered += 2n;
    partition.deadLetters += 3n;
    partition.untimed += 4n;
  };
  const books = () => ({ ...partition.bookkeeping(by), position: partition.position });

  fold(11, 1);
  partition.seal();
  const sealed = books();
  fold(17, 2);
  partition.commit("w");
  expect(books()).toEqual({ ...sealed, position: 17 });
  partition.rollback();
  expect(books()).toEqual(sealed);
  const { counted, filtered, deadLetters, untimed, skipped, skippedAt, epoch } = partition;
  expect([counted, filtered, deadLetters, untimed, skipped]).toEqual([1n, 2n, 3n, 4n, 5n]);
  expect([skippedAt, epoch]).toEqual([new Date(1).toISOString(), 1]);

  fold(23, 3);
  partition.seal();
  partition.rollback();
  expect(books()).toEqual(sealed);
  expect([partition.position, partition.epoch, partition.counted]).toEqual([11, 1, 1n]);
});
