/** Totals by a dimension, from the input to what `verify` says of them. */

import { afterEach, expect, test } from "bun:test";
import { runAggregator } from "../../src/aggregator/aggregator.ts";
import type { OutgoingRecord } from "../../src/kafka/kafka.ts";
import { report } from "../../src/verify/report.ts";
import { verify } from "../../src/verify/verify.ts";
import { decodeBookkeeping, isBookkeepingKey } from "../../src/wire/bookkeeping.ts";
import { decodeTotal, encodeTotal } from "../../src/wire/total-record.ts";
import { openCluster } from "../support/cluster.ts";
import { configOf, type RunningRole, startRole } from "../support/context.ts";
import { readTopic, sendAll } from "../support/records.ts";
import { waitFor } from "../support/wait.ts";

const encoder = new TextEncoder();
const rules =
  "lines: items[]; product: p; price: e; returns: subtract; " +
  "by store: $.store else $header.store; by shelf: shelf";
const config = configOf("run", "--commit-interval", "20ms", "--map", rules);
const [shelves, stores] = ["processed_sales_topic.by-shelf", "processed_sales_topic.by-store"];
const { cluster, kafka } = openCluster(config, 2);
const running: RunningRole[] = [];
afterEach(async () => {
  await Promise.allSettled(running.splice(0).map((role) => role.stop()));
  cluster.close();
});

type Item = [p: string, e: number, shelf?: unknown];
const order = (partition: number, store: unknown, ...items: Item[]): OutgoingRecord => ({
  value: encoder.encode(
    JSON.stringify({ store, items: items.map(([p, e, shelf]) => ({ p, e, shelf })) }),
  ),
  headers: [{ name: "store", value: encoder.encode("online") }],
  partition,
});

/** The latest totals of a topic, added up over its partitions, as texts. */
async function totalsOf(topic: string): Promise<Record<string, string>> {
  const latest = new Map<string, [sales: bigint, returns: bigint, revenue: bigint]>();
  for (const { key, value, partition } of await readTopic(kafka, topic, [0, 1])) {
    if (key?.[0] === 0 || !value) continue;
    const { product, sales, returns, revenue, day } = decodeTotal(value);
    expect(day).toMatchObject({ sales, returns, revenue });
    latest.set(`${partition}/${product}`, [sales, returns, revenue]);
  }
  const sums = new Map<string, [bigint, bigint, bigint]>();
  for (const [key, [sales, returns, revenue]] of latest) {
    const name = key.slice(2);
    const [s, r, a] = sums.get(name) ?? [0n, 0n, 0n];
    sums.set(name, [s + sales, r + returns, a + revenue]);
  }
  return Object.fromEntries(
    [...sums].sort().map(([name, [s, r, a]]) => [name, `${s} ${r} ${a / 1_000_000n}`]),
  );
}

const lastNote = async (topic: string) =>
  decodeBookkeeping(
    (await readTopic(kafka, topic, [0])).findLast(({ key }) => isBookkeepingKey(key))
      ?.value as Uint8Array,
  );

async function count(sales: number): Promise<void> {
  const role = startRole(runAggregator, { config, kafka });
  running.push(role);
  await waitFor(() => role.stats.salesboard_aggregator_sales === sales, { what: "all sales" });
  await role.stop();
  expect(role.warnings).toEqual([]);
}

test("are exact beside those by product, go on after a restart, and a changed one is found", async () => {
  await sendAll(kafka, config.inputTopic, [
    order(0, "Nord", ["Tea", 3, "left"], ["Cup", 5, "right"]),
    order(0, "Nord", ["Tea", 3, "left"], ["Cup", -5, null]),
    order(1, null, ["Tea", 4, ["left"]], ["Tea", 4, 7]),
    order(1, { id: 1 }, ["Hat", 9, "left"]),
  ]);
  await count(6);
  expect(await totalsOf(config.outputTopic)).toEqual({ Cup: "1 1 0", Hat: "1 0 9", Tea: "4 0 14" });
  expect(await totalsOf(stores)).toEqual({ "(none)": "1 0 9", Nord: "3 1 6", online: "2 0 8" });
  expect(await totalsOf(shelves)).toEqual({
    "(none)": "1 1 -1",
    "7": "1 0 4",
    left: "3 0 15",
    right: "1 0 5",
  });

  // All of it is known now, so that the fast path counts it.
  await sendAll(kafka, config.inputTopic, [order(0, "Nord", ["Tea", 1, "left"], ["Cup", 1])]);
  await count(8);
  expect(await totalsOf(stores)).toMatchObject({ Nord: "5 1 8" });
  expect(await totalsOf(shelves)).toMatchObject({ "(none)": "2 1 0", left: "4 0 16" });
  const { mapping, inputOffset, sequence } = await lastNote(config.outputTopic);
  expect(await lastNote(stores)).toMatchObject({ mapping, inputOffset, sequence, sales: 5n });

  const found = await verify({ kafka, config, progress() {} });
  expect(found).toMatchObject({ equal: true, sales: 8, returns: 1, products: 3, values: 7 });
  expect(report(found, config)).toContain("; 7 values of dimensions; ");

  const nord = (await readTopic(kafka, stores, [0])).findLast(
    ({ key }) => new TextDecoder().decode(key ?? undefined) === "Nord",
  );
  const total = decodeTotal(nord?.value ?? new Uint8Array());
  const value = encodeTotal({ ...total, revenue: 7n });
  await sendAll(kafka, stores, [{ key: encoder.encode("Nord"), value, partition: 0 }]);
  const wrong = await verify({ kafka, config, progress() {} });
  expect(wrong).toMatchObject({
    equal: false,
    differences: [
      {
        by: "store",
        partition: 0,
        product: "Nord",
        recomputed: "5 sales, 1 returns, 4 units, 8.00",
      },
    ],
  });
  expect(report(wrong, config)).toContain('  partition 0, by store, "Nord": recomputed 5 sales');
}, 600_000);
