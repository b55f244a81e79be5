/** What `verify` says of totals that are right, wrong and beyond telling. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import { type Kafka, KafkaError } from "../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../src/kafka/native.ts";
import { report } from "../../src/verify/report.ts";
import { verify } from "../../src/verify/verify.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { decodeTotal, encodeTotal, type TotalRecord } from "../../src/wire/total-record.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, startRole } from "../support/context.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const config = configOf("run");
let cluster: NativeMockCluster;
let kafka: Kafka;

beforeEach(() => {
  ({ cluster, kafka } = openCluster(config, 2));
});
afterEach(() => cluster.close());

const laptop = encodeSale({ product: "Laptop", quantity: 2, price: 1_500_000n });
const seen: number[] = [];
const check = (of = config) =>
  verify({ kafka, config: of, progress: (records) => seen.push(records) });
const distant = { ...config, brokers: "far:9092", startupTimeoutMs: 1_000 };

const textOf = (of: Uint8Array | null | undefined) => new TextDecoder().decode(of ?? undefined);

/** The client's methods, to be spread beside others. */
function bound<T extends object>(client: T): T {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(client)) as (keyof T)[];
  const entries = methods.flatMap((name) => {
    const method = client[name];
    return typeof method === "function" ? [[name, method.bind(client)]] : [];
  });
  return Object.fromEntries(entries) as T;
}

/** Three sales and a dead letter, aggregated. */
async function aggregate(): Promise<void> {
  const role = startRole(runAggregator, { config, kafka });
  await sendAll(kafka, config.inputTopic, [
    { value: laptop, partition: 0 },
    { value: laptop, partition: 1 },
    { value: bytes("no sale"), partition: 1 },
    { value: laptop, partition: 1 },
  ]);
  const counted = () =>
    role.stats.salesboard_aggregator_sales === 3 &&
    role.stats.salesboard_aggregator_dead_letters === 1;
  await waitFor(counted, { what: "three sales and a dead letter" });
  await role.stop();
}

/** The total of the one product that was sold, on the second partition. */
async function totalWritten(): Promise<TotalRecord> {
  const records = await readTopic(kafka, config.outputTopic, [1]);
  const record = records.findLast(({ key }) => textOf(key) === "Laptop");
  return decodeTotal(record?.value ?? new Uint8Array());
}

describe("verify", () => {
  test("says equal of what the aggregator wrote, and counts it", async () => {
    await aggregate();
    const found = await check();
    expect(found).toMatchObject({
      equal: true,
      partitions: 2,
      records: 4,
      sales: 3,
      products: 1,
      deadLetters: 1,
      differences: [],
      incomplete: [],
    });
    expect(seen.at(-1)).toBe(4);
    expect(report(found, config)).toEndWith(
      "Equal: every total in processed_sales_topic is the sum of its sales.",
    );
  }, 600_000);

  test("names partition and product of a total that somebody changed", async () => {
    await aggregate();
    const value = encodeTotal({ ...(await totalWritten()), revenue: 7n });
    await sendAll(kafka, config.outputTopic, [{ key: bytes("Laptop"), value, partition: 1 }]);
    const found = await check();
    expect(found).toMatchObject({
      equal: false,
      differencesTotal: 1,
      differences: [
        {
          partition: 1,
          product: "Laptop",
          recomputed: "2 sales, 4 units, 6.00",
          found: "2 sales, 4 units, 0.000007",
        },
      ],
    });
    expect(report(found, config)).toContain('partition 1, "Laptop": recomputed 2 sales');
  }, 600_000);

  test("names day and product of a day that somebody changed", async () => {
    await aggregate();
    const total = await totalWritten();
    const date = total.day?.date ?? "";
    const sums = { quantity: 4_000_000n, revenue: 6_000_000n, sales: 2n, returns: 0n };
    expect(total.day).toEqual({ date, ...sums });
    const value = encodeTotal({ ...total, day: { date, ...sums, revenue: 7n } });
    await sendAll(kafka, config.outputTopic, [{ key: bytes("Laptop"), value, partition: 1 }]);
    const found = await check();
    const texts = { recomputed: "2 sales, 4 units, 6.00", found: "2 sales, 4 units, 0.000007" };
    const differences = [{ partition: 1, day: date, product: "Laptop", ...texts }];
    expect(found).toMatchObject({ equal: false, days: 2, differences });
    expect(report(found, config)).toContain(`partition 1, ${date}, "Laptop": recomputed 2 sales`);
  }, 600_000);

  test("names what is lost of a day, which is in no other either", async () => {
    await aggregate();
    const { day, ...total } = await totalWritten();
    const value = encodeTotal(total);
    await sendAll(kafka, config.outputTopic, [{ key: bytes("Laptop"), value, partition: 1 }]);
    const found = await check();
    expect(found.differences).toEqual([
      {
        partition: 1,
        product: null,
        recomputed: "each sale in one day or outside",
        found: "holds 0 sales in days and 0 outside of them, but totals of 2 sales",
      },
      {
        partition: 1,
        day: day?.date ?? "",
        product: "Laptop",
        recomputed: "2 sales, 4 units, 6.00",
        found: "nothing",
      },
    ]);
  }, 600_000);

  test("names slot and product of a history that somebody changed", async () => {
    await aggregate();
    const [record] = (await readTopic(kafka, config.historyTopic, [0])).filter(({ key }) =>
      textOf(key).startsWith("second/"),
    );
    const { start } = JSON.parse(textOf(record?.value));
    const slot = { start, seconds: 1, products: [["Laptop", 2, "3.01", 1]] };
    const value = bytes(JSON.stringify(slot));
    await sendAll(kafka, config.historyTopic, [{ key: record?.key ?? null, value, partition: 0 }]);
    const found = await check();
    const where = {
      partition: 0,
      slot: `${textOf(record?.key)} from ${start}`,
    };
    const what = { recomputed: "1 sales, 2 units, 3.00", found: "1 sales, 2 units, 3.01" };
    expect(found).toMatchObject({ equal: false, slots: 2 });
    expect(found.differences).toEqual([
      { ...where, product: null, ...what },
      { ...where, product: "Laptop", ...what },
    ]);
    expect(report(found, config)).toContain(`${where.slot}, "Laptop": recomputed 1 sales`);
    expect(report(found, config)).toContain("; 2 slots of history.");
  }, 600_000);

  test("leaves history alone where none is kept", async () => {
    await aggregate();
    expect(await check(configOf("run", "--history", "off"))).toMatchObject({
      equal: true,
      slots: 0,
    });
  }, 600_000);

  // It ended with "Unknown partition".
  test("takes a partition that the output lacks for empty", async () => {
    const small = { ...config, outputTopic: "small" };
    cluster.createTopic(small.outputTopic, 1);
    const record = { value: laptop, partition: 1 };
    await sendAll(kafka, config.inputTopic, [record]);
    expect(await check(small)).toMatchObject({ equal: true, partitions: 2, records: 0 });
    const role = startRole(runAggregator, { config, kafka });
    await waitFor(() => role.stats.salesboard_aggregator_sales === 1, { what: "a sale" });
    await role.stop();
    const found = await check(small);
    expect(found).toMatchObject({ equal: false, partitions: 2 });
    expect(found.problems).toEqual([
      expect.stringMatching(
        /^Partition 1 cannot .* up to offset 1, but small holds no totals; to /,
      ),
    ]);
  }, 600_000);

  // The dashboard adds them up.
  test("finds totals on a partition that the input does not have", async () => {
    const wide = { ...config, outputTopic: "wide" };
    cluster.createTopic(wide.outputTopic, 3);
    expect(await check(wide)).toMatchObject({ equal: true, partitions: 3 });
    const forged = { product: "Laptop", quantity: 4_000_000n, revenue: 7n, sales: 2n, returns: 0n };
    const value = encodeTotal({ ...forged, updatedAt: "2026-11-23T17:00:00.123Z" });
    await sendAll(kafka, wide.outputTopic, [{ key: bytes("Laptop"), value, partition: 2 }]);
    const found = await check(wide);
    expect(found).toMatchObject({ equal: false, partitions: 3 });
    expect(found.problems).toEqual([
      expect.stringMatching(
        /^Partition 2 of \S+ holds totals, and \S+ has no such partition: .*`salesboard reset /,
      ),
    ]);
  }, 600_000);

  // After the input was made anew, it listed 908 differences, and not one said why.
  test("says that totals were counted from another input, and compares nothing", async () => {
    await aggregate();
    cluster.createTopic("elsewhere", 1);
    await expect(check({ ...config, inputTopic: "elsewhere" })).rejects.toThrow(
      `the totals in ${config.outputTopic} were counted from the input topic ${config.inputTopic}`,
    );
  }, 600_000);

  // Status 1 says that something differs.
  test("ends with 69 when a broker does not answer any more", async () => {
    const silent = new KafkaError("No answer", { code: "_TIMED_OUT", verdict: "retry" });
    const admin = () => ({ ...bound(kafka.admin()), allWatermarks: () => Promise.reject(silent) });
    const failure = await verify({
      kafka: { ...kafka, admin },
      config: distant,
      progress() {},
    }).catch((error) => error);
    expect(failure).toMatchObject({
      message: "Cannot verify: brokers far:9092 no longer answer: No answer.",
      exitStatus: 69,
    });
  }, 600_000);

  test("ends with 69 when brokers are gone whatever came of it, and else with what came", async () => {
    await aggregate();
    const fails = (befalls: () => void) => {
      const reader = (options: { topic: string }) => {
        const real = kafka.reader(options);
        if (options.topic !== config.inputTopic) return real;
        befalls();
        const poll = async () => [{ type: "outOfRange" as const, partition: 0 }];
        return { ...bound(real), poll };
      };
      return verify({ kafka: { ...kafka, reader }, config: distant, progress() {} }).catch(
        (error) => error,
      );
    };
    const what = "retention removed input of partition 0 during the run";
    expect(await fails(() => {})).toMatchObject({
      message: `Cannot verify: ${what}. Run verify again.`,
      exitStatus: 1,
    });
    const gone = await fails(() => cluster.setBrokerDown(1));
    expect(gone).toMatchObject({ exitStatus: 69 });
    expect(gone.message).toContain("brokers far:9092 no longer answer: ");
  }, 600_000);

  test("is equal where nothing was sold yet", async () => {
    expect(await check()).toMatchObject({ equal: true, records: 0, sales: 0 });
  }, 600_000);
});
