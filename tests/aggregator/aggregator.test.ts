/** The loop on the embedded broker, with the broker's answers bent where a test needs it. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { formatAmount, formatQuantity } from "../../src/domain/money.ts";
import type { Kafka, OutgoingRecord } from "../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../src/kafka/native.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { decodeBookkeeping, isBookkeepingKey } from "../../src/wire/bookkeeping.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { decodeTotal } from "../../src/wire/total-record.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../support/context.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const PARTITIONS = [0, 1, 2, 3];
/** Error codes and API keys of the Kafka protocol. */
const PRODUCE = 0;
const ADD_PARTITIONS_TO_TXN = 24;
const ADD_OFFSETS_TO_TXN = 25;
const END_TXN = 26;
const TXN_OFFSET_COMMIT = 28;
const INVALID_PRODUCER_EPOCH = 47;
const INVALID_PRODUCER_ID_MAPPING = 49;
const UNKNOWN_PRODUCER_ID = 59;
const COORDINATOR_NOT_AVAILABLE = 15;
const REQUEST_TIMED_OUT = 7;
const ILLEGAL_GENERATION = 22;

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

function start(): RunningRole {
  const role = startRole(runAggregator, { config, kafka });
  running.push(role);
  return role;
}

function sale(product: string, quantity: number, price: bigint, keyed = true): OutgoingRecord {
  const value = encodeSale({ product, quantity, price });
  return { key: keyed ? bytes(product) : null, value };
}

/** The totals as any reader of the output topic would sum them up. */
async function totals(): Promise<Record<string, string>> {
  const latest = new Map<string, ReturnType<typeof decodeTotal>>();
  for (const { partition, key, value } of await readTopic(kafka, config.outputTopic, PARTITIONS)) {
    if (key?.[0] === 0 || !value) continue;
    latest.set(`${partition} ${key}`, decodeTotal(value));
  }
  const sums: Record<string, { quantity: bigint; price: bigint; sales: bigint }> = {};
  for (const { product, quantity, revenue, sales } of latest.values()) {
    sums[product] ??= { quantity: 0n, price: 0n, sales: 0n };
    sums[product].quantity += quantity;
    sums[product].price += revenue;
    sums[product].sales += sales;
  }
  return Object.fromEntries(
    Object.entries(sums).map(([product, { quantity, price, sales }]) => [
      product,
      `${sales} sales, ${formatQuantity(quantity)} units, ${formatAmount(price)}`,
    ]),
  );
}

async function expectTotals(expected: Record<string, string>): Promise<void> {
  const matches = async () => Bun.deepEquals(await totals(), expected);
  await waitFor(matches, { what: "the totals" }).catch(() => {});
  expect(await totals()).toEqual(expected);
}

describe("runAggregator", () => {
  test("sums keyed and unkeyed sales exactly, where floating point would not", async () => {
    start();
    await sendAll(kafka, config.inputTopic, [
      sale("Cable", 1, 100_000n),
      sale("Cable", 1, 200_000n, false),
      sale("Chip", 1_000_000_000, 10n ** 18n),
      sale("Chip", 1, 1n),
      { value: bytes('{"quantity":2e0,"price":1e-6,"product":"Chip"}') },
    ]);
    await expectTotals({
      Cable: "2 sales, 2 units, 0.30",
      Chip: "3 sales, 1000000003 units, 1000000000000000000000.000003",
    });
  }, 600_000);

  // On a clock that makes every fold look slow: at that pace a backlog looked like a trickle, and
  // was left to gather for up to 100 ms after each 1 024 sales that the fast path declines.
  test("leaves nothing to gather while more waits than a poll can bring", async () => {
    const value = bytes('{"product":"Laptop","quantity":1,"price":1,"note":"declined"}');
    const sales = Array.from({ length: 10_000 }, () => ({ value, partition: 0 }));
    await sendAll(kafka, config.inputTopic, sales);
    let [reads, sleeps, folded, sleepsUntilRead] = [0, 0, 0, -1];
    const clock = {
      ...systemClock,
      now: () => systemClock.now() + 10 * reads++,
      sleep: (ms: number) => {
        sleeps++;
        return systemClock.sleep(ms);
      },
    };
    const groupConsumer: Kafka["groupConsumer"] = (options) => {
      const consumer = kafka.groupConsumer(options);
      const poll = consumer.poll.bind(consumer);
      consumer.poll = async (batch, waitMs, sums) => {
        const events = await poll(batch, waitMs, sums);
        if (sums && sums.advances > 0) folded = sums.nextOffsets[0] as number;
        if (folded === sales.length && sleepsUntilRead < 0) sleepsUntilRead = sleeps;
        return events;
      };
      return consumer;
    };
    const patient = configOf("run", "--commit-interval", "60s");
    const bent = { ...kafka, groupConsumer };
    running.push(startRole(runAggregator, { config: patient, kafka: bent, clock }));
    await waitFor(() => sleepsUntilRead >= 0, { what: "all to be read" });
    expect(sleepsUntilRead).toBeLessThan(4);
  }, 600_000);

  test("moves what is no sale to the dead letters, unchanged, and goes on", async () => {
    start();
    const headers = [{ name: "trace", value: bytes("1") }];
    await sendAll(kafka, config.inputTopic, [
      { key: bytes("k"), value: bytes("{"), headers, partition: 2 },
      { key: null, value: null, partition: 2 },
      { ...sale("Laptop", 1, 1_000_000n), partition: 2 },
    ]);
    await expectTotals({ Laptop: "1 sales, 1 units, 1.00" });
    const letters = await readTopic(kafka, config.deadLetterTopic, PARTITIONS);
    const text = (value: Uint8Array | null) => value && new TextDecoder().decode(value);
    const shown = letters.map(({ key, value, headers }) => ({
      key: text(key),
      value: text(value),
      headers: headers.map(({ name, value }) => `${name}=${text(value)}`),
    }));
    const sourceOf = ({ headers }: { headers: string[] }) => headers.at(-1) as string;
    // Letters of different keys lie in different partitions: in no order.
    shown.sort((a, b) => sourceOf(a).localeCompare(sourceOf(b)));
    expect(shown).toEqual([
      {
        key: "k",
        value: "{",
        headers: [
          "trace=1",
          "error=the value is not JSON",
          `source.topic=${config.inputTopic}`,
          "source.partition=2",
          "source.offset=0",
        ],
      },
      {
        key: null,
        value: null,
        headers: [
          "error=the record has no value",
          `source.topic=${config.inputTopic}`,
          "source.partition=2",
          "source.offset=1",
        ],
      },
    ]);
  }, 600_000);

  test("continues after a restart where it stopped, and notes it", async () => {
    const first = start();
    await sendAll(kafka, config.inputTopic, [sale("Laptop", 1, 1_500_000n)]);
    await expectTotals({ Laptop: "1 sales, 1 units, 1.50" });
    await first.stop();
    await sendAll(kafka, config.inputTopic, [sale("Laptop", 2, 1_000_000n)]);
    start();
    await expectTotals({ Laptop: "2 sales, 3 units, 3.50" });
    const output = await readTopic(kafka, config.outputTopic, PARTITIONS);
    const notes = output.filter(({ key }) => isBookkeepingKey(key));
    expect(notes.map(({ value }) => decodeBookkeeping(value as Uint8Array))).toMatchObject([
      { group: "salesboard", sequence: 1, inputOffset: 1, sales: 1n },
      { group: "salesboard", sequence: 2, inputOffset: 2, sales: 2n },
    ]);
  }, 600_000);

  test.each([
    [
      "the coordinator is away for a while",
      END_TXN,
      [COORDINATOR_NOT_AVAILABLE, COORDINATOR_NOT_AVAILABLE],
    ],
    ["the offsets time out at first", TXN_OFFSET_COMMIT, [REQUEST_TIMED_OUT]],
    ["the group has moved on", TXN_OFFSET_COMMIT, [ILLEGAL_GENERATION]],
    ["the producer is fenced at the offsets", ADD_OFFSETS_TO_TXN, [INVALID_PRODUCER_EPOCH]],
    ["the producer is fenced at the commit", END_TXN, [INVALID_PRODUCER_EPOCH]],
    ["its id has expired after quiet days", ADD_PARTITIONS_TO_TXN, [INVALID_PRODUCER_ID_MAPPING]],
    ["the broker has forgotten its producer", PRODUCE, [UNKNOWN_PRODUCER_ID]],
  ])(
    "counts every sale once when %s",
    async (_, api, errors) => {
      start();
      await sendAll(kafka, config.inputTopic, [sale("Laptop", 1, 1_000_000n)]);
      await expectTotals({ Laptop: "1 sales, 1 units, 1.00" });
      cluster.pushRequestErrors(api, errors);
      await sendAll(kafka, config.inputTopic, [
        sale("Laptop", 1, 1_000_000n),
        sale("Mouse", 1, 1n),
      ]);
      await expectTotals({ Laptop: "2 sales, 2 units, 2.00", Mouse: "1 sales, 1 units, 0.000001" });
    },
    600_000,
  );

  test("refuses a partition whose totals are gone, and says which", async () => {
    const first = start();
    await sendAll(kafka, config.inputTopic, [{ ...sale("Laptop", 1, 1n), partition: 3 }]);
    await expectTotals({ Laptop: "1 sales, 1 units, 0.000001" });
    await first.stop();
    const other = configOf("run", "--output-topic", "emptied");
    for (const topic of [other.outputTopic, other.historyTopic]) {
      cluster.createTopic(topic, PARTITIONS.length);
    }
    const second = startRole(runAggregator, { config: other, kafka });
    running.push(second);
    await waitFor(() => second.stats.salesboard_aggregator_partitions_refused === 1, {
      what: "the refusal",
    });
    expect(second.warnings).toContain(
      "Cannot aggregate partition 3: group salesboard has read up to offset 1, but emptied holds no " +
        "totals; to count anew, stop all aggregators and type `salesboard reset --brokers HOST:9092 " +
        "--output-topic emptied`.",
    );
    // A partition that nobody reads must not hold up the group.
    const third = startRole(runAggregator, { config: other, kafka });
    running.push(third);
    const shared = () =>
      Number(second.stats.salesboard_aggregator_partitions) +
        Number(third.stats.salesboard_aggregator_partitions) ===
        3 && third.stats.salesboard_aggregator_partitions !== 0;
    await waitFor(shared, { what: "a share for the third instance" });
  }, 600_000);

  // The group waits for an answer to each assignment, also for one with nothing in it to read.
  test("holds up nobody when all of its partitions are refused", async () => {
    const junk = { key: bytes("Laptop"), value: bytes("no total") };
    await sendAll(
      kafka,
      config.outputTopic,
      PARTITIONS.map((partition) => ({ ...junk, partition })),
    );
    const first = start();
    const refused = "salesboard_aggregator_partitions_refused";
    await waitFor(() => first.stats[refused] === 4, { what: "four refusals" });
    const where =
      "Cannot aggregate partition 0: processed_sales_topic, partition 0, offset 0, holds";
    expect(first.warnings[0]).toContain(`${where} a record that Salesboard did not write`);
    const second = start();
    const shared = () => first.stats[refused] === 2 && second.stats[refused] === 2;
    await waitFor(shared, { what: "a share for the second instance" });
    await first.stop();
  }, 600_000);

  test("shares the partitions with a second instance and loses nothing when one leaves", async () => {
    const first = start();
    const records = (count: number) =>
      Array.from({ length: count }, (_, i) => sale(`p${i % 7}`, 1, 1_000_000n));
    await sendAll(kafka, config.inputTopic, records(70));
    const second = start();
    await waitFor(() => second.stats.salesboard_aggregator_partitions === 2, {
      what: "two partitions for the second instance",
    });
    await sendAll(kafka, config.inputTopic, records(70));
    await first.stop();
    await sendAll(kafka, config.inputTopic, records(70));
    const each = "30 sales, 30 units, 30.00";
    await expectTotals(Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`p${i}`, each])));
  }, 600_000);
});
