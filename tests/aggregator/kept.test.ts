/** What a restore reads of the output when the process has the totals still. */

import { describe, expect, test } from "bun:test";
import { Recovery } from "../../src/aggregator/recovery.ts";
import { Uncounted } from "../../src/aggregator/stops/uncounted.ts";
import {
  type Admin,
  type Consumer,
  type Kafka,
  KafkaError,
  type OutgoingRecord,
} from "../../src/kafka/kafka.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { RoleContext } from "../../src/role.ts";
import type { OwnedPartition } from "../../src/state/owned-partition.ts";
import { LOG_CUT } from "../../src/state/totals-log.ts";
import { BOOKKEEPING_KEY } from "../../src/wire/bookkeeping.ts";
import { encodeTotal } from "../../src/wire/total-record.ts";
import { bookkeepingRecord } from "../support/bookkeeping.ts";
import { configOf, recordingLog } from "../support/context.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** The records of one transaction: totals by product, and the books of all of them. */
function transaction(sales: Record<string, number>, books: { all: number; sequence: number }) {
  const records: OutgoingRecord[] = Object.entries(sales).map(([product, count]) => {
    const figures = { quantity: BigInt(count), revenue: 0n, sales: BigInt(count), returns: 0n };
    const total = { product, ...figures };
    const updatedAt = "2026-11-25T00:00:00.000Z";
    return { key: bytes(product), value: encodeTotal({ ...total, updatedAt }) };
  });
  const { all, sequence } = books;
  const value = bookkeepingRecord({ sequence, inputOffset: all, sales: BigInt(all) });
  return [...records, { key: BOOKKEEPING_KEY, value }];
}

/** Partition 0 of a cluster, which a test fills as other members would. */
class OnePartition {
  readonly log: OutgoingRecord[] = [];
  low = 0;
  committed: number | null = null;
  /** From where the output was read, restore by restore. */
  readonly reads: number[] = [];
  readonly lines: string[];
  readonly recovery: Recovery;

  constructor() {
    const { log, lines } = recordingLog();
    this.lines = lines;
    const admin = {
      allWatermarks: async () => new Map([[0, { low: this.low, high: this.log.length }]]),
      describeTopic: async () => ({ partitions: 1 }),
      identity: async () => undefined,
    } as Partial<Admin> as Admin;
    const consumer = {
      committed: async () => [{ partition: 0, offset: this.committed }],
    } as Partial<Consumer> as Consumer;
    const kafka = { reader: () => this.#reader() } as Partial<Kafka> as Kafka;
    const config = configOf("run", "--history", "off");
    const { signal } = new AbortController();
    const known = { config, kafka, log, signal, clock: systemClock, report() {} };
    const context = known as unknown as RoleContext;
    const clients = { consumer, admin, release: async () => {} };
    this.recovery = new Recovery(context, clients, new Uncounted(context));
  }

  commit(sales: Record<string, number>, books: { all: number; sequence: number }): void {
    this.log.push(...transaction(sales, books));
    this.committed = books.all;
  }

  async restore(): Promise<OwnedPartition | undefined> {
    return (await this.recovery.restore([0]))[0];
  }

  #reader(): Consumer {
    let next = 0;
    return {
      assign: async ([position]) => {
        next = position?.offset ?? 0;
        this.reads.push(next);
      },
      poll: async (batch) => {
        batch.clear();
        for (; next < this.log.length; next++) {
          batch.offsets[batch.count] = next;
          batch.append({ ...(this.log[next] as OutgoingRecord), partition: 0 });
        }
        return [{ type: "end" as const, partition: 0, offset: next }];
      },
      close: async () => {},
    } as Partial<Consumer> as Consumer;
  }
}

async function restoredOnce() {
  const cluster = new OnePartition();
  cluster.commit({ Tea: 2, Käse: 1 }, { all: 3, sequence: 1 });
  const owned = (await cluster.restore()) as OwnedPartition;
  expect(cluster.reads).toEqual([0]);
  return { cluster, owned };
}

const honey = { product: "Honey", quantity: 1n, revenue: 1n, sales: 1n, returns: 0n };
const salesOf = ({ totals }: OwnedPartition) =>
  Array.from({ length: totals.products.count }, (_, id) => totals.total(id)).map(
    ({ product, sales }) => `${product} ${sales}`,
  );

describe("Recovery.restore of what is kept", () => {
  // Partitions that were lost in a stall, and came back at once, were read from the start of the
  // log: minutes, in which nobody counted, for what stood in memory.
  test("reads nothing when nobody has written since", async () => {
    const { cluster, owned } = await restoredOnce();
    const id = owned.totals.products.findOrAdd(bytes("Tea"));
    owned.advance(3, 5);
    owned.totals.apply({ id, sales: 2, quantity: 2, amount: 0 });
    cluster.recovery.keep([owned]);
    const again = (await cluster.restore()) as OwnedPartition;
    expect(cluster.reads).toEqual([0]);
    // What was folded and not committed is gone.
    expect(again).toMatchObject({ position: 3, totals: { sales: 3n } });
    again.seal();
    expect(salesOf(again)).toEqual(["Tea 2", "Käse 1"]);
  });

  test("reads what others have written since, and nothing before", async () => {
    const { cluster, owned } = await restoredOnce();
    cluster.commit({ Tea: 4 }, { all: 5, sequence: 2 });
    cluster.recovery.keep([owned]);
    const again = (await cluster.restore()) as OwnedPartition;
    expect(cluster.reads).toEqual([0, 3]);
    expect(again.position).toBe(5);
    expect(salesOf(again)).toEqual(["Tea 4", "Käse 1"]);
  });

  test.each([
    ["the log does not reach back to that", { low: 4, from: 4 }],
    ["what is kept does not add up", { low: 0, from: 0 }],
  ])("reads all when %s", async (_, { low, from }) => {
    const { cluster, owned } = await restoredOnce();
    cluster.commit({ Tea: 4 }, { all: 5, sequence: 2 });
    cluster.commit({ Tea: 5, Käse: 1 }, { all: 6, sequence: 3 });
    cluster.low = low;
    if (low === 0) owned.totals.restore(bytes("Honey"), honey);
    cluster.recovery.keep([owned]);
    const again = (await cluster.restore()) as OwnedPartition;
    expect(cluster.reads.at(-1)).toBe(from);
    expect(salesOf(again).sort()).toEqual(["Käse 1", "Tea 5"]);
  });

  // The history topic was made anew while little stood in it: its new log reached past the known
  // offsets at once, so that the slots in memory were taken for those of the new log.
  test("reads all when the last transaction found a log made anew", async () => {
    const { cluster, owned } = await restoredOnce();
    const error = new KafkaError("Earlier records are gone", { code: LOG_CUT, verdict: "abort" });
    cluster.recovery.keep([owned], { error, undelivered: [] });
    await cluster.restore();
    expect(cluster.reads).toEqual([0, 0]);
  });

  test("keeps nothing for longer than until the next restore", async () => {
    const { cluster, owned } = await restoredOnce();
    cluster.recovery.keep([owned]);
    await cluster.restore();
    await cluster.restore();
    expect(cluster.reads).toEqual([0, 0]);
    expect(cluster.lines).toEqual([]);
  });

  test("goes on from a mark when a later commit has proved who owns the partition", async () => {
    const { cluster, owned } = await restoredOnce();
    expect(owned.ends).toMatchObject({ output: 3 });
    owned.noteEnds({ output: 8, history: 0, dimensions: [] });
    owned.advance(3, 4);
    expect(owned.ends).toMatchObject({ output: 3 });
    owned.seal();
    owned.rollback();
    expect(owned.ends).toMatchObject({ output: 3 });
    owned.noteEnds({ output: 9, history: 0, dimensions: [] });
    owned.advance(3, 4);
    owned.seal();
    owned.commit("writer");
    expect(owned.ends).toMatchObject({ output: 9 });
    expect(cluster.lines).toEqual([]);
  });
});
