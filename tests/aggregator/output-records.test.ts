/** The records of a transaction, and the one block of memory they pass through. */

import { expect, test } from "bun:test";
import { Output } from "../../src/aggregator/output-records.ts";
import { History } from "../../src/history/history.ts";
import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import { OwnedPartition } from "../../src/state/owned-partition.ts";
import { configOf } from "../support/context.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const config = configOf("aggregate", "--brokers", "kafka:9092");

/** A partition in which each product was sold once, in a second of its own. */
function soldOnce(id: number, products: number) {
  const partition = new OwnedPartition(id, { history: new History(), from: 0 });
  for (let i = 0; i < products; i++) {
    const product = partition.totals.products.findOrAdd(encoder.encode(`Product ${i}`));
    const row = { id: product, second: 60_000 + i, sales: 1, quantity: 2, amount: 3_500_000 };
    partition.totals.apply(row);
    partition.history?.apply(row, row.second);
  }
  return partition.seal();
}

/** Reads each batch while it is valid, as the session does. */
function written(
  output: Output,
  work: { partitions: ReturnType<typeof soldOnce>[]; deadLetters: OutgoingRecord[] },
) {
  const batches = [];
  for (const { topic, batch } of output.records({ ...work, writer: "w", at: new Date(0) })) {
    const rows = Array.from({ length: batch.count }, (_, i) => {
      return {
        topic,
        partition: batch.partitions[i],
        value: decoder.decode(batch.value(i) ?? undefined),
      };
    });
    batches.push({ topic, memory: batch.memory, rows });
  }
  return batches;
}

const letter = (value: string) => ({ value: encoder.encode(value), partition: 1 });

test("every record is written once, whatever the sizes", () => {
  const output = new Output(config);
  const large = "x".repeat(2_000_000);
  const letters = ["first", large, "second", large, "last"];
  const partitions = [soldOnce(0, 3), soldOnce(1, 1_500)];
  const batches = written(output, { partitions, deadLetters: letters.map(letter) });
  const rows = batches.flatMap((batch) => batch.rows);
  const of = (wanted: string) => rows.filter(({ topic }) => topic === wanted);
  expect(of(config.deadLetterTopic).map(({ value }) => value)).toEqual(letters);
  // And the bookkeeping of both partitions.
  expect(of(config.outputTopic)).toHaveLength(3 + 1_500 + 2);
  expect(of(config.historyTopic)).toHaveLength(3 + slotsOf(1_500) + 2);
  for (const topic of [config.outputTopic, config.historyTopic]) {
    const values = of(topic).map(({ partition, value }) => `${partition} ${value}`);
    expect(new Set(values).size).toBe(values.length);
  }
});

/** Of sales in so many seconds, one behind the other: older ones are kept by the minute. */
function slotsOf(seconds: number): number {
  const first = Math.floor((60_000 + seconds - 1 - 900) / 60) * 60;
  return 60_000 + seconds - first + (first - 60_000) / 60;
}

// A batch was made for each topic of each transaction: to allocate and to clear half a megabyte
// took half of the time in which a transaction was written.
test("transactions share their memory, and a large record does not stay in it", () => {
  const output = new Output(config);
  const usual = { partitions: [soldOnce(0, 3)], deadLetters: [letter("no sale")] };
  const first = written(output, usual);
  const large = { partitions: [], deadLetters: [letter("x".repeat(2_000_000))] };
  expect(written(output, large)[0]?.memory).not.toBe(first[0]?.memory as ArrayBuffer);
  const memory = new Set([...first, ...written(output, usual)].map((batch) => batch.memory));
  expect([...memory]).toEqual([first[0]?.memory as ArrayBuffer]);
});

/** The days of the records of one transaction: "Product 0 on 1970-03-02: 1", a total's with a star. */
function daysOf(batches: ReturnType<typeof written>): string[] {
  return batches.flatMap(({ rows }) =>
    rows.flatMap(({ topic, value }) => {
      const { product, day, sales, daySales } = JSON.parse(value);
      if (topic !== config.outputTopic || day === undefined) return [];
      return [`${product} on ${day}: ${daySales === undefined ? sales : `${daySales}*`}`];
    }),
  );
}

function soldOn(partition: OwnedPartition, product: number, day: number): void {
  const name = encoder.encode(`Product ${product}`);
  const id = partition.totals.products.findOrAdd(name);
  partition.totals.apply({ id, sales: 1, quantity: 1, amount: 1 });
  const line = { quantity: 1, revenue: 1, sales: 1, returns: 0 };
  partition.totals.days.terms = { zone: "UTC", today: day, isTimed: true };
  partition.totals.days.apply(day, id, line);
}

test("a day that has ended is written once, and then stays as it is", () => {
  const output = new Output(config);
  const partition = new OwnedPartition(0, { from: 0 });
  const transaction = () => {
    const batches = written(output, { partitions: [partition.seal()], deadLetters: [] });
    partition.commit("w");
    return daysOf(batches);
  };
  soldOn(partition, 0, 60);
  soldOn(partition, 1, 60);
  expect(transaction()).toEqual(["Product 0 on 1970-03-02: 1*", "Product 1 on 1970-03-02: 1*"]);
  soldOn(partition, 0, 61);
  expect(transaction()).toEqual(["Product 0 on 1970-03-03: 1*", "Product 0 on 1970-03-02: 1"]);
  soldOn(partition, 0, 61);
  expect(transaction()).toEqual(["Product 0 on 1970-03-03: 2*"]);
  soldOn(partition, 0, 60);
  expect(transaction()).toEqual(["Product 0 on 1970-03-03: 2*", "Product 0 on 1970-03-02: 2"]);
});

test("the embedded broker is given all days again before its log loses them", () => {
  const output = new Output(configOf("run"));
  const partition = new OwnedPartition(0, { from: 0 });
  for (let day = 0; day < 30; day++) {
    for (let product = 0; product < 20; product++) soldOn(partition, product, day);
    partition.seal();
    partition.commit("w");
  }
  const seen = new Set<string>();
  let bytes = 0;
  // Of one product alone, which never touches the others.
  while (seen.size < 20 * 30 - 1) {
    soldOn(partition, 0, 29);
    const batches = written(output, { partitions: [partition.seal()], deadLetters: [] });
    partition.commit("w");
    for (const day of daysOf(batches))
      if (!day.startsWith("Product 0 on 1970-01-30")) seen.add(day);
    for (const { rows } of batches) for (const { value } of rows) bytes += value.length;
    expect(bytes).toBeLessThan(1_500_000);
  }
});
