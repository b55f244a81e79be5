/** When sales that wait are said to be counted by nobody. */

import { expect, test } from "bun:test";
import { Backlog } from "../../../src/dashboard/follow/backlog.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { type Admin, type Consumer, type Kafka, KafkaError } from "../../../src/kafka/kafka.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { TestClock } from "../../support/clock.ts";
import { quietLog, recordingLog } from "../../support/context.ts";

const PATIENCE_MS = 10_000;
const HOUR_MS = 3_600_000;

interface Waiting {
  commitIntervalMs: number;
  /** Readers that get no answer, before one that does. */
  silentReaders?: number;
  /** Of the sale, when the dashboard looks again. */
  waitedMs: number;
  /** By how much somebody sets the clock meanwhile. */
  stepMs?: number;
}

/** Whether a sale that waits is taken for one that nobody will count. */
async function isStalled({
  commitIntervalMs,
  waitedMs,
  stepMs = 0,
  silentReaders = 0,
}: Waiting): Promise<boolean> {
  const clock = new TestClock();
  clock.sleep = async () => {
    clock.pass(waitedMs);
    clock.step(stepMs);
  };
  const admin = {
    describeTopic: async () => ({ partitions: 1 }),
    identity: async () => undefined,
    allWatermarks: async () => new Map([[0, { low: 0, high: 1 }]]),
    stableEnds: async () => new Map([[0, 1]]),
    close: async () => {},
  } as Partial<Admin> as Admin;
  let silent = silentReaders;
  const reader = {
    assign: async () => {},
    poll: async (batch, waitMs) => {
      batch.clear();
      if (silent > 0) clock.pass(waitMs);
      else batch.append({ value: new Uint8Array(1), partition: 0 });
      return [];
    },
    close: async () => void silent--,
  } as Partial<Consumer> as Consumer;
  const stopping = new AbortController();
  const stalls: boolean[] = [];
  const backlog: Backlog = new Backlog({
    kafka: { admin: () => admin, reader: () => reader } as Partial<Kafka> as Kafka,
    topic: "input",
    commitIntervalMs,
    view: new SalesView(),
    isCurrent: () => true,
    clock,
    log: quietLog,
    onChange: () => {
      stalls.push(backlog.stall !== undefined);
      if (stalls.length === 2 + silentReaders) stopping.abort();
    },
    signal: stopping.signal,
  });
  await backlog.run();
  expect(stalls[0]).toBe(false);
  return stalls.at(-1) as boolean;
}

// A look that got no answer in time was taken for one that found nothing, until new sales came: on
// a busy machine, the page of a quiet shop never said that its sales wait.
test("Backlog looks again when nobody has answered what waits", async () => {
  const waiting = { commitIntervalMs: 100, waitedMs: 100 + PATIENCE_MS };
  expect(await isStalled({ ...waiting, silentReaders: 1 })).toBe(true);
  expect(await isStalled({ ...waiting, silentReaders: 3 })).toBe(true);
});

// A commit interval above ten seconds made the page say that nobody counts, from commit to commit.
test("Backlog waits for a commit before it says that nobody counts", async () => {
  const long = { commitIntervalMs: 60_000 };
  expect(await isStalled({ ...long, waitedMs: 60_000 + PATIENCE_MS - 1 })).toBe(false);
  expect(await isStalled({ ...long, waitedMs: 60_000 + PATIENCE_MS })).toBe(true);
  expect(await isStalled({ commitIntervalMs: 100, waitedMs: 100 + PATIENCE_MS })).toBe(true);
});

// The wait was a difference of times of day: a clock set back by an hour hid it for an hour.
test("Backlog waits as long when the clock is set meanwhile", async () => {
  const commit = { commitIntervalMs: 100 };
  const waitedMs = 100 + PATIENCE_MS;
  for (const stepMs of [-HOUR_MS, HOUR_MS]) {
    expect(await isStalled({ ...commit, waitedMs: waitedMs - 1, stepMs })).toBe(false);
    expect(await isStalled({ ...commit, waitedMs, stepMs })).toBe(true);
  }
});

// A reader for each partition, one after the other, took longer than an answer may be old.
test("Backlog looks for what waits in all partitions by one reader", async () => {
  const partitions = Array.from({ length: 200 }, (_, id) => id);
  const clock = new TestClock();
  const stopping = new AbortController();
  const admin = {
    describeTopic: async () => ({ partitions: partitions.length }),
    identity: async () => undefined,
    allWatermarks: async () => new Map(partitions.map((id) => [id, { low: 0, high: 5 }])),
    stableEnds: async () => new Map(partitions.map((id) => [id, 5])),
    close: async () => {},
  } as Partial<Admin> as Admin;
  let readers = 0;
  const reader = () => {
    readers++;
    const assigned = new Set<number>();
    return {
      assign: async (positions) => {
        for (const { partition } of positions) assigned.add(partition);
      },
      unassign: async (ids) => {
        for (const id of ids) assigned.delete(id);
      },
      poll: async (batch) => {
        batch.clear();
        const [partition] = assigned;
        if (partition === undefined) return [];
        // The last offsets of one of them are markers of transactions.
        if (partition === 13) return [{ type: "end", partition, offset: 5 }];
        for (let i = 0; i < 3; i++) batch.append({ value: new Uint8Array(1), partition });
        return [];
      },
      close: async () => {},
    } as Partial<Consumer> as Consumer;
  };
  const backlog: Backlog = new Backlog({
    kafka: { admin: () => admin, reader } as Partial<Kafka> as Kafka,
    topic: "input",
    commitIntervalMs: 100,
    view: new SalesView(),
    isCurrent: () => true,
    clock,
    log: quietLog,
    onChange: () => {
      clock.pass(PATIENCE_MS);
      if (backlog.stall) stopping.abort();
    },
    signal: stopping.signal,
  });
  await backlog.run();
  // At the start, and after the patience.
  expect(readers).toBe(2);
  expect([...(backlog.stall?.waiting ?? [])]).toEqual(
    partitions.filter((id) => id !== 13).map((id) => [id, 5]),
  );
});

// Asked one after the other, 200 partitions at 50 ms each took longer than an answer may be old:
// a stall was never told.
test("Backlog asks for the ends of all partitions at once", async () => {
  const partitions = 200;
  const questions: number[] = [];
  const stopping = new AbortController();
  const admin = {
    describeTopic: async () => ({ partitions }),
    identity: async () => undefined,
    allWatermarks: async (_: string, ids: readonly number[]) => {
      questions.push(ids.length);
      return new Map(ids.map((id) => [id, { low: 0, high: 0 }]));
    },
    close: async () => {},
  } as Partial<Admin> as Admin;
  await new Backlog({
    kafka: { admin: () => admin } as Partial<Kafka> as Kafka,
    topic: "input",
    commitIntervalMs: 100,
    view: new SalesView(),
    isCurrent: () => true,
    clock: new TestClock(),
    log: quietLog,
    onChange: () => stopping.abort(),
    signal: stopping.signal,
  }).run();
  expect(questions).toEqual([partitions]);
});

// Another program in the group owned partitions: the page said that nobody counts them, and not who
// has them.
test("Backlog names the program that owns the partitions, when the cluster says", async () => {
  const warehouse = {
    client: "warehouse",
    host: "/10.0.0.7",
    assigned: [{ topic: "input", partition: 0 }],
  };
  const told = async (groupMembers: Admin["groupMembers"]) => {
    const clock = new TestClock();
    const stopping = new AbortController();
    const { log, lines } = recordingLog();
    const admin = {
      describeTopic: async () => ({ partitions: 1 }),
      identity: async () => undefined,
      allWatermarks: async () => new Map([[0, { low: 0, high: 1 }]]),
      stableEnds: async () => new Map([[0, 1]]),
      groupMembers,
      close: async () => {},
    } as Partial<Admin> as Admin;
    const reader = {
      assign: async () => {},
      poll: async (batch) => {
        batch.clear();
        batch.append({ value: new Uint8Array(1), partition: 0 });
        return [];
      },
      close: async () => {},
    } as Partial<Consumer> as Consumer;
    const backlog: Backlog = new Backlog({
      kafka: { admin: () => admin, reader: () => reader } as Partial<Kafka> as Kafka,
      topic: "input",
      config: { group: "board", inputTopic: "input", rdkafka: {} },
      commitIntervalMs: 100,
      view: new SalesView(),
      isCurrent: () => true,
      clock,
      log,
      onChange: () => {
        clock.pass(100 + PATIENCE_MS);
        if (backlog.stall) stopping.abort();
      },
      signal: stopping.signal,
    });
    await backlog.run();
    expect(lines[0]).toStartWith("No sale has been counted since");
    return lines.slice(1);
  };
  expect(await told(async () => [warehouse])).toEqual([
    expect.stringMatching(
      /^Partition 0 of input belongs to warehouse at 10\.0\.0\.7.*another group\.$/,
    ),
  ]);
  const refused = new KafkaError("No right", {
    code: "GROUP_AUTHORIZATION_FAILED",
    verdict: "fatal",
  });
  expect(await told(() => Promise.reject(refused))).toEqual([]);
});

// The bookkeeping was read after the ends were known, so that a commit in between seemed to go
// beyond the end: "its log was cut", and the page was not live until the next look.
test("Backlog does not take a commit during its question for a log that was cut", async () => {
  const view = new SalesView();
  const commit = (inputOffset: number) =>
    view.apply(0, BOOKKEEPING_KEY, bookkeepingRecord({ inputOffset }));
  commit(5);
  const stopping = new AbortController();
  const admin = {
    describeTopic: async () => ({ partitions: 1 }),
    identity: async () => undefined,
    allWatermarks: async () => {
      commit(7);
      return new Map([[0, { low: 0, high: 5 }]]);
    },
    close: async () => {},
  } as Partial<Admin> as Admin;
  const backlog: Backlog = new Backlog({
    kafka: { admin: () => admin } as Partial<Kafka> as Kafka,
    topic: "input",
    commitIntervalMs: 100,
    view,
    isCurrent: () => true,
    clock: new TestClock(),
    log: quietLog,
    onChange: () => stopping.abort(),
    signal: stopping.signal,
  });
  await backlog.run();
  expect(backlog.strangers).toEqual([]);
});
