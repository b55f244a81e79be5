/** History on the embedded broker: written and restored with the totals, or said to be gone. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { NO_SUMS } from "../../src/domain/sums.ts";
import type { Kafka, OutgoingRecord } from "../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../src/kafka/native.ts";
import {
  encodeHistoryBookkeeping,
  HISTORY_BOOKKEEPING_KEY,
  historyKey,
} from "../../src/wire/history-record.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../support/context.ts";
import { expectedHistory, historyRows } from "../support/history.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const PARTITIONS = [0, 1];
const END_TXN = 26;
const INVALID_PRODUCER_EPOCH = 47;
const HOUR_MS = 3_600_000;

const bytes = (text: string) => new TextEncoder().encode(text);
const config = configOf("run", "--commit-interval", "20ms");

let cluster: NativeMockCluster;
let kafka: Kafka;
const running: RunningRole[] = [];

beforeEach(() => {
  ({ cluster, kafka } = openCluster(config, PARTITIONS.length));
});
afterEach(async () => {
  await Promise.allSettled(running.splice(0).map((role) => role.stop()));
  cluster.close();
});

function start(of = config): RunningRole {
  const role = startRole(runAggregator, { config: of, kafka });
  running.push(role);
  return role;
}

/** Sales of any time, form and size on both partitions, in the order in which they arrive. */
function sales(count: number, { ageMsMax = 0, from = Date.now() } = {}): OutgoingRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const own = i % 3 === 0 ? `,"timestamp":${from - ((i * 7_919_000) % (ageMsMax + 1))}` : "";
    // Of an unusual form: the judge reads them.
    const gap = i % 5 === 0 ? ',"note":null' : "";
    const text = `{"product":"p${i % 4}","quantity":${1 + (i % 9)},"price":${i % 50}.25${own}${gap}}`;
    return { value: bytes(text), partition: i % 2, timestamp: from - ((i * 977) % 40_000) };
  });
}

async function read() {
  return historyRows(await readTopic(kafka, config.historyTopic, PARTITIONS));
}

/** Waits until all of the input is in the history, or lacks there and is counted as such. */
async function upToDate(): Promise<Awaited<ReturnType<typeof read>>> {
  const input = await readTopic(kafka, config.inputTopic, PARTITIONS);
  const ends = PARTITIONS.map((id) => input.filter(({ partition }) => partition === id).length);
  const found = await waitFor(
    async () => {
      const found = await read();
      const isAll = ends.every((end, id) => end === 0 || found.notes[id]?.inputOffset === end);
      return isAll ? found : undefined;
    },
    { what: "the history of all sales" },
  );
  expect(found.broken).toEqual([]);
  return found;
}

async function expectAll(): Promise<void> {
  const { rows, notes } = await upToDate();
  expect(rows).toEqual(expectedHistory(await readTopic(kafka, config.inputTopic, PARTITIONS)));
  for (const note of notes) expect(note).toMatchObject({ unrecorded: 0, ahead: 0, untimed: 0 });
}

describe("history", () => {
  test("is the sum of the sales by the time at which they happened, also of late ones", async () => {
    start();
    await sendAll(kafka, config.inputTopic, sales(300));
    await expectAll();
    await sendAll(kafka, config.inputTopic, sales(300, { ageMsMax: 90 * 24 * HOUR_MS }));
    await expectAll();
  }, 600_000);

  test("moves on with the time, after pauses of any length", async () => {
    start();
    const now = Date.now();
    for (const hoursAgo of [61 * 24, 59 * 24, 59 * 24 - 1, 49, 25, 24.5, 1, 0.9, 0.3, 0.1, 0]) {
      const from = now - Math.round(hoursAgo * HOUR_MS);
      await sendAll(kafka, config.inputTopic, sales(40, { from, ageMsMax: 26 * HOUR_MS }));
      await expectAll();
    }
  }, 600_000);

  test("is counted once when a transaction is aborted, or nobody knows whether it was", async () => {
    start();
    await sendAll(kafka, config.inputTopic, sales(50));
    await expectAll();
    for (const errors of [[INVALID_PRODUCER_EPOCH], [INVALID_PRODUCER_EPOCH, 0]]) {
      cluster.pushRequestErrors(END_TXN, errors);
      await sendAll(kafka, config.inputTopic, sales(50, { ageMsMax: HOUR_MS }));
      await expectAll();
    }
  }, 600_000);

  test("goes on where it was when the aggregator starts again", async () => {
    await sendAll(kafka, config.inputTopic, sales(200, { ageMsMax: 70 * 24 * HOUR_MS }));
    for (let round = 0; round < 3; round++) {
      const role = start();
      await sendAll(kafka, config.inputTopic, sales(100, { ageMsMax: 2 * HOUR_MS }));
      await expectAll();
      await role.stop();
      expect(role.warnings).toEqual([]);
    }
  }, 600_000);

  test("is not kept when it is switched off, and goes on with a gap when it is on again", async () => {
    const first = start();
    await sendAll(kafka, config.inputTopic, sales(40));
    await expectAll();
    await first.stop();
    const off = start({ ...config, history: "off" });
    await sendAll(kafka, config.inputTopic, sales(60));
    await waitFor(() => off.stats.salesboard_aggregator_sales === 100, { what: "100 sales" });
    await off.stop();
    expect(off.stats).not.toHaveProperty("salesboard_aggregator_history_older");
    expect((await read()).notes).toMatchObject([{ sales: 20 }, { sales: 20 }]);
    const again = start();
    await sendAll(kafka, config.inputTopic, sales(10));
    const { notes } = await upToDate();
    const gap = { sales: 55, unrecorded: 30 };
    expect(notes).toMatchObject([gap, gap]);
    expect(again.warnings).toContain(
      "The history of partition 0 lacks sales: history was off for a time, or its log was truncated.",
    );
    await waitFor(() => again.stats.salesboard_aggregator_history_unrecorded === 60, {
      what: "the figure of what is not recorded",
    });
  }, 600_000);

  test("counts apart what has no time, and what is ahead of the clock", async () => {
    const role = start();
    const far = Date.now() + 1_000 * HOUR_MS;
    await sendAll(kafka, config.inputTopic, [
      ...sales(6),
      { value: bytes(`{"product":"p0","quantity":1,"price":1,"timestamp":-5}`), partition: 0 },
      { value: bytes(`{"product":"p0","quantity":1,"price":1}`), partition: 0, timestamp: far },
      { value: bytes(`{"product":"p0","quantity":1,"price":1.0}`), partition: 0, timestamp: far },
    ]);
    const { notes } = await upToDate();
    expect(notes[0]).toMatchObject({ sales: 6, untimed: 1, ahead: 2, late: 0, unrecorded: 0 });
    expect(notes[0]?.older).toEqual([3, "3.00", 3]);
    expect(Date.parse(notes[0]?.head ?? "")).toBeLessThanOrEqual(Date.now());
    const { stats } = role;
    await waitFor(() => stats.salesboard_aggregator_history_ahead === 2, { what: "the figures" });
    expect(stats.salesboard_aggregator_history_older).toBe(3);
    expect(stats.salesboard_aggregator_history_untimed).toBe(1);
  }, 600_000);

  test("keeps the largest of many products apart, and the rest together", async () => {
    start();
    const now = Date.now();
    const of = (product: number, timestamp: number): OutgoingRecord => {
      const cents = product;
      const price = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
      const value = bytes(`{"product":"p${product}","quantity":1,"price":${price}}`);
      return { value, partition: 0, timestamp };
    };
    // The first ones are the smallest: they lose their places.
    await sendAll(
      kafka,
      config.inputTopic,
      Array.from({ length: 100 }, (_, i) => of(i, now - 1_000)),
    );
    await upToDate();
    // In another second: the slot of that one is full.
    await sendAll(
      kafka,
      config.inputTopic,
      Array.from({ length: 100 }, (_, i) => of(i, now)),
    );
    const { rows, notes } = await upToDate();
    expect(notes[0]).toMatchObject({ sales: 200, unrecorded: 0 });
    const bySlot = Object.groupBy(Object.keys(rows), (row) => row.slice(0, row.lastIndexOf(",")));
    const all = Object.entries(rows);
    for (const slot of Object.values(bySlot)) {
      expect((slot ?? []).filter((row) => !row.endsWith("(rest)")).length).toBeLessThanOrEqual(64);
    }
    const sum = all.reduce((sum, [, text]) => sum + Number(/(\d+) millionths/.exec(text)?.[1]), 0);
    expect(sum).toBe(2 * 10_000 * ((99 * 100) / 2));
    expect(all.some(([what]) => what.endsWith(", p99"))).toBe(true);
    expect(all.some(([what]) => what.endsWith(", (rest)"))).toBe(true);
  }, 600_000);
});

describe("a history that cannot be restored", () => {
  const note = { group: "salesboard", head: 1_700_000_000, older: NO_SUMS, sales: 1, returns: 0 };
  const counts = { late: 0, untimed: 0, ahead: 0, unrecorded: 0 };
  const slot = '{"start":"2023-11-14T22:13:20Z","seconds":1,"products":[["p0",1,"1.00",9]]}';
  const noted = (more: object) => ({
    key: HISTORY_BOOKKEEPING_KEY,
    value: encodeHistoryBookkeeping({ ...note, ...counts, inputOffset: 20, ...more }),
    partition: 0,
  });
  const slotRecord = (value: string): OutgoingRecord => ({
    key: historyKey({ ring: "second", place: 320 }),
    value: bytes(value),
    partition: 0,
  });

  test.each<[string, OutgoingRecord[], RegExp]>([
    ["is ahead of the totals", [noted({ inputOffset: 21 })], /reaches offset 21, but .* 20/],
    [
      "is another group's",
      [noted({ group: "other" })],
      /belongs to group other, not to salesboard/,
    ],
    ["holds more sales", [slotRecord(slot.replace(",9]", ",99]")), noted({})], /holds 99 sales/],
    [
      "holds more than it counted",
      [slotRecord(slot), noted({ sales: 8 })],
      /9 sales, but 8 sales were/,
    ],
    [
      "counted others",
      [slotRecord(slot), noted({ sales: 9 })],
      /counts 9 sales, but the totals count 20 sales/,
    ],
    [
      "has a product without a total",
      [slotRecord(slot.replace("p0", "new")), noted({ sales: 20 })],
      /a product that has no total/,
    ],
  ])(
    "because it %s begins anew, and nothing of it is left",
    async (_, records, reason) => {
      const first = start({ ...config, history: "off" });
      await sendAll(kafka, config.inputTopic, sales(40));
      await waitFor(() => first.stats.salesboard_aggregator_sales === 40, { what: "40 sales" });
      await first.stop();
      await sendAll(kafka, config.historyTopic, records);
      const second = start();
      await sendAll(kafka, config.inputTopic, sales(10));
      const { notes, rows } = await upToDate();
      expect(second.warnings.join()).toMatch(reason);
      expect(second.warnings.join()).toContain("The history of partition 0 starts again: ");
      expect(notes[0]).toMatchObject({ sales: 25, unrecorded: 20, older: [0, "0.00", 0] });
      expect(Object.keys(rows).filter((row) => row.includes("2023-11-14"))).toEqual([]);
      await second.stop();
      // What was erased stays so, and is not erased again.
      const third = start();
      await sendAll(kafka, config.inputTopic, sales(10));
      expect((await upToDate()).notes[0]).toMatchObject({ sales: 30, unrecorded: 20 });
      await third.stop();
      expect(third.warnings).toEqual([]);
    },
    600_000,
  );

  test("because a record is none of ours goes on with the others", async () => {
    const first = start();
    await sendAll(kafka, config.inputTopic, sales(40, { ageMsMax: 50 * HOUR_MS }));
    await expectAll();
    const { rows: before } = await read();
    await first.stop();
    const of = Object.keys(before).find((row) => /^partition 0, .* 3600 s/.test(row)) as string;
    const from = of.slice("partition 0, ".length, of.indexOf(" 3600 s"));
    const place = (Date.parse(from) / HOUR_MS) % 1_440;
    const junk = { key: historyKey({ ring: "hour", place }), value: bytes("no slot") };
    await sendAll(kafka, config.historyTopic, [{ ...junk, partition: 0 }]);
    const second = start();
    await sendAll(kafka, config.inputTopic, sales(10));
    await waitFor(() => second.stats.salesboard_aggregator_sales === 50, { what: "50 sales" });
    expect(second.warnings.join()).toMatch(
      /history, partition 0, offset \d+, holds a record that Salesboard did not write \(/,
    );
    const lost = Object.entries(before).filter(([row]) => row.includes(`, ${from} 3600 s`));
    const count = lost.reduce((sum, [, text]) => sum + Number.parseInt(text, 10), 0);
    await waitFor(() => second.stats.salesboard_aggregator_history_unrecorded === count, {
      what: "the figure of what is not recorded",
    });
  }, 600_000);
});
