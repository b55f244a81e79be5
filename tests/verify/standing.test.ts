/** What `verify` says of a partition beside its differences, in sentences that say what to do. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import type { Consumer, Kafka } from "../../src/kafka/kafka.ts";
import type { NativeMockCluster } from "../../src/kafka/native.ts";
import { report } from "../../src/verify/report.ts";
import { verify } from "../../src/verify/verify.ts";
import { encodeSale } from "../../src/wire/sale-record.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, startRole } from "../support/context.ts";
import { sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const config = configOf("run");
let cluster: NativeMockCluster;
let kafka: Kafka;

beforeEach(async () => {
  ({ cluster, kafka } = openCluster(config, 2));
  const role = startRole(runAggregator, { config, kafka });
  const laptop = encodeSale({ product: "Laptop", quantity: 2, price: 1_500_000n });
  const sales = [0, 1, 1].map((partition) => ({ value: laptop, partition }));
  await sendAll(kafka, config.inputTopic, sales);
  const isCounted = () => role.stats.salesboard_aggregator_sales === 3;
  await waitFor(isCounted, { what: "three sales" });
  await role.stop();
}, 600_000);
afterEach(() => cluster.close());

const check = (of = config, over: Partial<Kafka> = {}) =>
  verify({ kafka: { ...kafka, ...over }, config: of, progress() {} });

// "Different", it said, when the aggregator had only to go on from its bookkeeping.
test("says where totals go on whose group was renamed or moved, and that none is wrong", async () => {
  const renamed = { ...config, group: "renamed" };
  const found = await check(renamed);
  expect(found).toMatchObject({ equal: true, sales: 3, differences: [], problems: [] });
  const [note = "", ...more] = found.notes;
  expect(note).toBe(
    `Partition 0: the totals in ${config.outputTopic} belong to group ${config.group}, not to ` +
      "renamed. No total is wrong by that: the next aggregator goes on where the totals end, and " +
      "counts nothing twice.",
  );
  expect(more).toHaveLength(1);
  expect(report(found, renamed)).toEndWith("is the sum of its sales.");
  const groupConsumer = (options: { topic: string; group: string }) => {
    const consumer = kafka.groupConsumer(options);
    const committed = async (ids: readonly number[]) =>
      ids.map((partition) => ({ partition, offset: partition === 0 ? null : 1 }));
    const close = () => consumer.close();
    return { committed, close } as unknown as Consumer;
  };
  const back = await check(config, { groupConsumer });
  expect(back).toMatchObject({ equal: true, differences: [], problems: [] });
  expect(back.notes).toEqual([
    expect.stringContaining("group salesboard has no offset, but the totals go up to 1. No total"),
    expect.stringContaining("group salesboard is at offset 1, but the totals go up to 2. No total"),
  ]);
}, 600_000);

// It listed a hundred differences, or "recomputed totals; found at offset 4 of the output topic".
test.each([
  [
    "is no total",
    "Tea",
    "hello",
    /offset \d+, holds a record .* did not write \(the value is not JSON\), .* Keep the program /,
  ],
  [
    "is of a later version",
    "\0bookkeeping",
    '{"version":9}',
    /a later version .* \(its bookkeeping has version 9, and this one .* 2\)\. Run that version/,
  ],
])(
  "says of a record that %s what it is, and what to do",
  async (_, key, value, words) => {
    const record = { key: bytes(key), value: bytes(value), partition: 1 };
    await sendAll(kafka, config.outputTopic, [record]);
    const found = await check();
    expect(found).toMatchObject({ equal: false, differences: [], sales: 1 });
    expect(found.problems).toEqual([expect.stringMatching(words)]);
    expect(found.problems[0]).toStartWith("Partition 1 cannot be verified: ");
    expect(found.problems[0]).toContain("type `salesboard reset");
    expect(report(found, config)).toContain(found.problems[0] as string);
  },
  600_000,
);

test("refuses totals that were counted with another mapping", async () => {
  const other = configOf(
    "run",
    "--map",
    "product: item",
    "--map",
    "quantity: n",
    "--map",
    "price: p",
  );
  await expect(check({ ...config, mapping: other.mapping })).rejects.toThrow(
    "totals of two mappings do not add up",
  );
}, 600_000);
