/** What is read of the output topic, poll by poll, as a reader meets it. */

import { describe, expect, test } from "bun:test";
import { Recovery } from "../../src/aggregator/recovery.ts";
import { Uncounted } from "../../src/aggregator/stops/uncounted.ts";
import {
  type Admin,
  type Consumer,
  type ConsumerEvent,
  type Kafka,
  KafkaError,
  type OutgoingRecord,
} from "../../src/kafka/kafka.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { Figures, RoleContext, Stats } from "../../src/role.ts";
import { lastWriters, readOutput } from "../../src/state/totals-log.ts";
import { BOOKKEEPING_KEY } from "../../src/wire/bookkeeping.ts";
import { encodeTotal } from "../../src/wire/total-record.ts";
import { bookkeepingRecord } from "../support/bookkeeping.ts";
import { configOf, recordingLog } from "../support/context.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const topic = "output";

interface Poll {
  records?: readonly (OutgoingRecord & { partition: number; offset: number })[];
  events?: readonly ConsumerEvent[];
}

/** A cluster whose output topic ends at `highs`, and whose reader meets `polls`. */
function clusterOf(highs: readonly number[], polls: readonly Poll[]) {
  const left = [...polls];
  const reader = {
    assign: async () => {},
    poll: async (batch) => {
      const { records = [], events = [] } = left.shift() ?? {};
      batch.clear();
      for (const { offset, ...record } of records) {
        const i = batch.count;
        batch.append(record);
        batch.offsets[i] = offset;
      }
      return [...events];
    },
    close: async () => {},
  } as Partial<Consumer> as Consumer;
  const admin = {
    allWatermarks: async (_, ids) => {
      return new Map(ids.map((id) => [id, { low: 0, high: highs[id] ?? 0 }]));
    },
    describeTopic: async () => ({ partitions: highs.length }),
    identity: async () => undefined,
  } as Partial<Admin> as Admin;
  return { kafka: { reader: () => reader } as Partial<Kafka> as Kafka, admin };
}

function totalOf(product: string, sales: bigint): Uint8Array {
  const total = { product, quantity: sales, revenue: 0n, sales, returns: 0n };
  return encodeTotal({ ...total, updatedAt: "2026-11-25T00:00:00.000Z" });
}

interface Counts {
  inputOffset?: number;
  deadLetters?: bigint;
  skipped?: bigint;
  writer?: string;
}

function note(sales: bigint, counts: Counts = {}): OutgoingRecord {
  const value = bookkeepingRecord({ inputOffset: Number(sales), sales, ...counts });
  return { key: BOOKKEEPING_KEY, value };
}

const tea = (sales: bigint) => ({ key: bytes("Tea"), value: totalOf("Tea", sales) });
const end = (partition: number, offset: number) => ({ type: "end" as const, partition, offset });

async function read(highs: readonly number[], polls: readonly Poll[]) {
  const { kafka, admin } = clusterOf(highs, polls);
  const partitions = [...highs.keys()];
  return readOutput({ kafka, admin, clock: systemClock, topic, partitions });
}

describe("readOutput", () => {
  // Asked one after the other, the ends of many partitions alone used up the time of a restore.
  test("asks for the ends of all partitions at once", async () => {
    const { kafka, admin } = clusterOf([0, 0, 0], []);
    const questions: (readonly number[])[] = [];
    const counted: Admin = {
      ...admin,
      allWatermarks: (topic, ids) => {
        questions.push(ids);
        return admin.allWatermarks(topic, ids);
      },
    };
    await readOutput({
      kafka,
      admin: counted,
      clock: systemClock,
      topic,
      partitions: [0, 1, 2],
    });
    expect(questions).toEqual([[0, 1, 2]]);
  });

  // A partition that had reached its end stayed assigned and was read on while another was still
  // on its way: `verify` beside a running aggregator then saw half of a later transaction.
  test("takes nothing of a partition that has reached its end", async () => {
    const output = await read(
      [2, 1],
      [
        { records: [{ ...tea(1n), partition: 0, offset: 0 }] },
        { records: [{ ...note(1n), partition: 0, offset: 1 }], events: [end(0, 3)] },
        { records: [{ ...tea(2n), partition: 0, offset: 3 }] },
        { records: [{ ...note(0n), partition: 1, offset: 0 }], events: [end(1, 2)] },
      ],
    );
    expect(output.get(0)).toMatchObject({ totals: { sales: 1n }, bookkeeping: { sales: 1n } });
  });

  // It was said that something had not come "within 120 s", at once.
  test("says so when the log is cut while it is read", async () => {
    const reading = read([2], [{ events: [{ type: "outOfRange", partition: 0 }] }]);
    await expect(reading).rejects.toThrow(
      "Cannot restore totals: the log of output, partition 0, was truncated during the read",
    );
  });

  // Names were found by bytes that nobody had judged, and a byte order mark was lost on the way.
  test.each([
    ["the key is another name", bytes("Coffee"), totalOf("Tea", 1n)],
    ["the key has a byte order mark", bytes("\uFEFFTea"), totalOf("Tea", 1n)],
    ["the key is not UTF-8", Uint8Array.of(0x54, 0xff), totalOf("T\uFFFD", 1n)],
    ["the name has control characters", bytes("T\n"), totalOf("T\n", 1n)],
    ["the name is too long", bytes("T".repeat(257)), totalOf("T".repeat(257), 1n)],
    ["what is gone has no name", bytes(""), null],
  ])("finds a problem when %s", async (_, key, value) => {
    const record = { key, value, partition: 0, offset: 0 };
    const output = await read([1], [{ records: [record], events: [end(0, 1)] }]);
    expect(output.get(0)?.problem).toStartWith(
      "output, partition 0, offset 0, holds a record that Salesboard did not write (",
    );
    expect(output.get(0)?.totals.products.count).toBe(0);
  });

  test("keeps names apart that differ by a byte order mark", async () => {
    const marked = { key: bytes("\uFEFFTea"), value: totalOf("\uFEFFTea", 4n) };
    const records = [tea(1n), marked].map((record, offset) => ({
      ...record,
      partition: 0,
      offset,
    }));
    const output = await read([2], [{ records, events: [end(0, 2)] }]);
    expect(output.get(0)).toMatchObject({ problem: undefined, totals: { sales: 5n } });
  });
});

test("lastWriters names who wrote to a partition, the latest last, and only a few", async () => {
  const writers = ["a", "b", "c", "d", "e", "c"];
  const records = [
    ...writers.map((writer) => ({ ...note(1n, { writer }), partition: 0 })),
    { ...note(1n), partition: 1 },
    { ...note(1n, { writer: "f" }), partition: 1 },
  ].map((record, offset) => ({ ...record, offset }));
  const poll = { records, events: [end(0, 8), end(1, 8)] };
  const { kafka, admin } = clusterOf([8, 8], [poll]);
  const options: unknown[] = [];
  const reader: Kafka["reader"] = (given) => {
    options.push(given);
    return kafka.reader(given);
  };
  const source = { kafka: { ...kafka, reader }, admin, clock: systemClock, topic };
  const found = await lastWriters({ ...source, partitions: [0, 1] });
  expect([...found]).toEqual([
    ["b", 0],
    ["d", 0],
    ["e", 0],
    ["c", 0],
    ["f", 1],
  ]);
  // What was aborted names them too.
  expect(options).toEqual([{ topic, isUndecidedToo: true }]);
});

function recoveryOf(context: object, clients: ConstructorParameters<typeof Recovery>[1]): Recovery {
  const whole = context as RoleContext;
  return new Recovery(whole, clients, new Uncounted(whole));
}

/** What the restore of partition 0 says when the group stands at `offset`. */
async function restored(
  offset: number | null,
  records: readonly OutgoingRecord[],
  { committed = async () => [{ partition: 0, offset }] } = {},
) {
  const at = records.map((record, i) => ({ ...record, partition: 0, offset: i }));
  const poll = { records: at, events: [end(0, records.length)] };
  // A contradiction is looked at more than once.
  const { kafka, admin } = clusterOf([records.length], Array(3).fill(poll));
  const consumer = { committed } as Partial<Consumer> as Consumer;
  const { log, lines } = recordingLog();
  const released: string[][] = [];
  const release = async (writers: ReadonlyMap<string, number>) => {
    released.push([...writers.keys()]);
  };
  const config = configOf("run", "--history", "off");
  const context = { config, kafka, log, clock: systemClock, report() {} };
  const clients = { consumer, admin, release };
  const recovery = recoveryOf(context, clients);
  return { restoring: recovery.restore([0]), lines, released };
}

describe("Recovery.restore", () => {
  test("takes totals, counts and offset that agree", async () => {
    const counts = { inputOffset: 5, deadLetters: 1n, skipped: 2n };
    const { restoring, lines } = await restored(5, [tea(2n), note(2n, counts)]);
    expect(await restoring).toMatchObject([{ position: 5, deadLetters: 1n, skipped: 2n }]);
    expect(lines).toEqual([]);
  });

  // Totals and bookkeeping grow together when a record is folded twice: nothing told of it.
  test("refuses counts of more records than there are", async () => {
    const counts = { inputOffset: 4, deadLetters: 1n, skipped: 2n };
    const { restoring, lines } = await restored(4, [tea(2n), note(2n, counts)]);
    expect(await restoring).toEqual([]);
    expect(lines).toEqual([
      expect.stringMatching(
        /the bookkeeping in \S+ contradicts itself: 5 records .* only 4 exist; to count /,
      ),
    ]);
  });

  // Only what this process itself had left was released, and a new process never leaves anything.
  test("releases what others left undecided, and asks again", async () => {
    const silence = new KafkaError("No answer", { code: "_TIMED_OUT", verdict: "retry" });
    const answers = [Promise.reject(silence), Promise.resolve([{ partition: 0, offset: 2 }])];
    const records = [tea(2n), note(2n, { writer: "dead" })];
    // The log is read for its writers first, and for its totals then.
    const committed = () => answers.shift() ?? Promise.reject(silence);
    const { restoring, released } = await restored(2, records, { committed });
    expect(await restoring).toMatchObject([{ position: 2, writer: "dead" }]);
    expect(released).toEqual([["dead"]]);
  });

  // It had the code of the above: for somebody else's open transaction offsets were released, in
  // vain, and the totals read a second time.
  test("releases nothing when the totals cannot be read to their end", async () => {
    const { recovery, told, released } = silenced(clusterOf([9], []));
    expect(await recovery.restore([0])).toEqual([]);
    expect(told.salesboard_aggregator_partitions_stopped).toBe(1);
    expect(released).toEqual([]);
  });

  // Three tries for a transaction of another program, each behind 30 s of silence: for two minutes
  // no other partition was counted.
  test("tries an undecided transaction once, and again when the partition is tried again", async () => {
    const { admin } = clusterOf([9], []);
    const reader: Kafka["reader"] = ({ isUndecidedToo }) => {
      const poll = async () => [end(0, isUndecidedToo ? 9 : 1)];
      const calls: Partial<Consumer> = { assign: async () => {}, poll, close: async () => {} };
      return calls as Consumer;
    };
    const kafka = { reader } as Partial<Kafka> as Kafka;
    const { recovery, told, released } = silenced({ kafka, admin });
    expect(await recovery.restore([0])).toEqual([]);
    expect(told.salesboard_aggregator_partitions_stopped).toBe(1);
    expect(released).toHaveLength(1);
    await recovery.restore([0], { isRetry: true });
    expect(released).toHaveLength(2);
  });

  // With 2 s for each try, a reader whose TLS and login take 3 s never read a stopped partition.
  test("waits longer each time when a stopped partition is tried in vain", async () => {
    const { recovery, lines } = silenced(clusterOf([9], []));
    for (let i = 0; i < 4; i++) await recovery.restore([0], { isRetry: true });
    expect(lines.map((line) => /arrived for (\d+) s/.exec(line)?.[1])).toEqual(["2", "4", "8"]);
  });
});

/** A recovery by a clock that runs fast, and what it tells and releases. */
function silenced({ kafka, admin }: { kafka: Kafka; admin: Admin }) {
  let now = 0;
  const { log, lines } = recordingLog();
  const released: unknown[] = [];
  const told: Figures = {};
  const committed = async () => [{ partition: 0, offset: 2 }];
  const clients = {
    consumer: { committed } as Partial<Consumer> as Consumer,
    admin,
    release: async (writers: unknown) => void released.push(writers),
  };
  const context = {
    config: configOf("run", "--history", "off"),
    kafka,
    clock: { ...systemClock, now: () => (now += 50_000) },
    log,
    report: ({ figures }: Stats) => void Object.assign(told, figures),
  };
  return { recovery: recoveryOf(context, clients), told, released, lines };
}
