/** The transaction session on producers that are bent as a test needs it. */

import { describe, expect, test } from "bun:test";
import { TransactionSession } from "../../../src/aggregator/transactions/session.ts";
import {
  type Admin,
  type Consumer,
  type Kafka,
  KafkaError,
  RecordBatch,
  type TransactionalProducer,
} from "../../../src/kafka/kafka.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { configOf, quietLog } from "../../support/context.ts";

const consumer = {} as Consumer;
const config = configOf("run", "--map", "product: title; price: cost; by store: shop");
const OK = {
  init: async () => {},
  begin() {},
  produce: (_: string, batch: RecordBatch) => batch.count,
  takeFailures: () => [],
  flush: async () => {},
  appended: () => [],
  sendOffsets: async () => {},
  commit: async () => {},
  abort: async () => {},
  close: async () => {},
};

/** Of a session, apart from Kafka. */
const context = {
  config,
  clock: systemClock,
  log: quietLog,
  instance: "i",
  isRestart: false,
};

/** A session, and with which options its producers were made. */
function sessionOf(
  bent: Partial<TransactionalProducer>,
  { isRestart = false, clock = systemClock, letterPartitions = 1 } = {},
) {
  const made: Parameters<Kafka["transactionalProducer"]>[0][] = [];
  const kafka = {
    transactionalProducer(options) {
      made.push(options);
      return { ...OK, ...bent } as TransactionalProducer;
    },
    admin: () => {
      const describeTopic = async () => ({ partitions: letterPartitions });
      return { describeTopic, close: async () => {} } as Partial<Admin> as Admin;
    },
  } as Partial<Kafka> as Kafka;
  const session = new TransactionSession({ ...context, kafka, clock, isRestart });
  const run = ({
    isFirst = false,
    owned = [] as { id: number; tail: number }[],
    topic = "t",
  } = {}) => {
    const batch = new RecordBatch({ recordsMax: 1, bytesMax: 10 });
    batch.append({ value: new Uint8Array(1) });
    const records = [{ topic, batch }];
    return session.run({ records, consumer, positions: [], owned, isFirst });
  };
  return { session, run, made };
}

/** A producer that hears that `topic` refuses a record for its size, each time. */
function refusedBy(topic: string): Partial<TransactionalProducer> {
  let sent = 0;
  const error = new KafkaError("Too large", { code: "MSG_SIZE_TOO_LARGE", verdict: "fatal" });
  return {
    produce: (_, batch) => {
      sent += batch.count;
      return batch.count;
    },
    takeFailures: () => {
      const count = sent;
      sent = 0;
      return count > 0 ? [{ topic, partition: 0, error, count }] : [];
    },
  };
}

describe("TransactionSession.run", () => {
  // A broker looks at the size of a batch: leaving parts of its records out was of no use.
  test("lets fewer records go together each time that a topic refuses their size", async () => {
    const { session, run, made } = sessionOf(refusedBy("letters"));
    await session.open();
    expect(await run()).toBe("aborted");
    expect(await run()).toBe("aborted");
    expect(made.map(({ batchBytesMax }) => batchBytesMax)).toEqual([undefined, 524_288, 262_144]);
    expect(session.refusalsOf("letters")).toBe(2);
    expect(session.refusalsOf("totals")).toBe(0);
  });

  // It was tried for ever: aborted, read again, refused again.
  test("fails with what is to be done when a topic refuses single records", async () => {
    const { session, run } = sessionOf(refusedBy("totals"));
    await session.open();
    for (let i = 0; i < 12; i++) expect(await run()).toBe("aborted");
    await expect(run()).rejects.toThrow(
      "Cannot write to totals: even a single record exceeds its size limit. " +
        "Its max.message.bytes must be at least 4096.",
    );
  });

  // Each refusal counted for the life of the process: the thirteenth, a year later, ended the role,
  // and a topic whose limit had been raised was sent cut records until then.
  test("forgets a refusal when a minute has passed and a transaction was committed", async () => {
    let now = 0;
    const clock = { ...systemClock, now: () => now };
    const limit = { isLow: false };
    const refusing = refusedBy("letters");
    const takeFailures = () => {
      const failures = refusing.takeFailures?.() ?? [];
      return limit.isLow ? failures : [];
    };
    const { session, run, made } = sessionOf({ ...refusing, takeFailures }, { clock });
    await session.open();
    for (let i = 0; i < 30; i++) {
      limit.isLow = true;
      expect(await run()).toBe("aborted");
      expect(session.refusalsOf("letters")).toBe(1);
      limit.isLow = false;
      now += 59_999;
      expect(await run()).toBe("committed");
      expect(session.refusalsOf("letters")).toBe(1);
      now += 1;
      expect(await run()).toBe("committed");
      expect(session.refusalsOf("letters")).toBe(0);
    }
    expect(made.map(({ batchBytesMax }) => batchBytesMax)).toEqual([
      undefined,
      ...Array(30).fill(524_288),
    ]);
  });

  // Others' records go through, so that there are commits: they must not hide the one that does not.
  test("fails in the end although other records are committed in between", async () => {
    const limit = { isLow: true };
    const refusing = refusedBy("totals");
    const takeFailures = () => {
      const failures = refusing.takeFailures?.() ?? [];
      return limit.isLow ? failures : [];
    };
    const { session, run } = sessionOf({ ...refusing, takeFailures });
    await session.open();
    for (let i = 0; i < 12; i++) {
      limit.isLow = true;
      expect(await run()).toBe("aborted");
      limit.isLow = false;
      expect(await run()).toBe("committed");
    }
    limit.isLow = true;
    await expect(run()).rejects.toThrow("Cannot write to totals");
  });

  // A role failed with a transaction in doubt, whose marker for the group was lost. Started again
  // in its process, it committed those offsets with its first transaction, without their totals.
  test("aborts first where the role was started before, and commits then", async () => {
    const ends: string[] = [];
    const bent: Partial<TransactionalProducer> = {
      abort: async () => void ends.push("abort"),
      commit: async () => void ends.push("commit"),
    };
    const { session, run } = sessionOf(bent, { isRestart: true });
    await session.open();
    expect(await run()).toBe("aborted");
    expect(await run()).toBe("committed");
    expect(ends).toEqual(["abort", "commit"]);
  });

  // Seed 28151 of the simulation: a letter lost its marker when its transaction timed out, and the
  // next commit of the same id included it.
  test("ends letters in doubt before it commits others, wherever they may stand", async () => {
    const calls: string[] = [];
    const { session, run } = sessionOf(
      {
        produce: (topic, batch) => {
          const places = Array.from({ length: batch.count }, (_, i) => batch.partitions[i]);
          calls.push(`${topic} ${places.join()}`);
          return batch.count;
        },
        abort: async () => void calls.push("abort"),
        commit: async () => void calls.push("commit"),
      },
      { isRestart: true, letterPartitions: 2 },
    );
    await session.open();
    await run();
    await run();
    expect(calls.splice(0)).toEqual(["t -1", "abort", "t -1", "commit"]);
    const topic = config.deadLetterTopic;
    expect(await run({ topic })).toBe("aborted");
    expect(await run({ topic })).toBe("committed");
    expect(calls).toEqual([`${topic} -1`, `${topic} 0,1`, "abort", `${topic} -1`, "commit"]);
  });
});

describe("TransactionSession.release", () => {
  test("has no producer of its own meanwhile, and a new one then", async () => {
    const calls: string[] = [];
    const { session } = sessionOf({
      init: async () => void calls.push("init"),
      close: async () => void calls.push("close"),
    });
    await session.open();
    await session.release(consumer, new Map([["dead", 2]]));
    expect(calls).toEqual(["init", "close", "init", "close", "init"]);
  });

  // Whoever takes a partition over finds there who may have left offsets undecided.
  test("has its name in the output before the first offsets of a partition", async () => {
    const calls: string[] = [];
    const { session, run } = sessionOf({
      // It was ten seconds: 256 partitions behind a slow network were given up again and again.
      flush: async (ms) => void calls.push(ms < 900_000 ? "too short a flush" : "flush"),
      sendOffsets: async () => void calls.push("offsets"),
    });
    await session.open();
    await run({ isFirst: true });
    await run({ isFirst: false });
    // The second wait of each is for where the records stand.
    expect(calls).toEqual(["flush", "offsets", "flush", "offsets", "flush"]);
  });
});

// Two deployments with one output, each of its own input: the page was live while its totals jumped
// between the sums of the one and of the other (field case R09).
describe("TransactionSession.run beside another writer", () => {
  /** A session whose records of each transaction stand at these offsets of partition 0. */
  function standingAt(...spans: { first: number; last: number }[]) {
    const calls: string[] = [];
    const of = sessionOf({
      appended: (topic) =>
        topic === config.outputTopic
          ? [{ partition: 0, ...(spans.shift() ?? { first: -1, last: -1 }) }]
          : [],
      commit: async () => void calls.push("commit"),
      abort: async () => void calls.push("abort"),
    });
    return { ...of, calls };
  }

  test("commits while its records follow each other, with a marker between", async () => {
    const { session, run, calls } = standingAt({ first: 7, last: 9 }, { first: 11, last: 11 });
    await session.open();
    const owned = [{ id: 0, tail: 7 }];
    expect(await run({ owned })).toBe("committed");
    expect(await run({ owned })).toBe("committed");
    expect(calls).toEqual(["commit", "commit"]);
    expect(owned).toEqual([{ id: 0, tail: 13 }]);
  });

  test("aborts when somebody else wrote between", async () => {
    const { session, run, calls } = standingAt({ first: 8, last: 9 });
    await session.open();
    const owned = [{ id: 0, tail: 7 }];
    expect(await run({ owned })).toBe("aborted");
    expect(calls).toEqual(["abort"]);
    expect(owned).toEqual([{ id: 0, tail: 7 }]);
  });

  // The history topic was deleted and made anew: slots that did not change were never written
  // again, and nothing noted that sales were missing. Later the same was true of a board's topic:
  // values that did not sell again were missing from the board until the next restore.
  test.each([config.historyTopic, `${config.outputTopic}.by-store`])(
    "aborts once when earlier records of %s are gone",
    async (beside) => {
      const firsts = [100, 104, 0, 4];
      const { session, run } = sessionOf({
        appended: (topic) => {
          if (topic !== beside) return [];
          const first = firsts.shift() ?? -1;
          return [{ partition: 3, first, last: first + 2 }];
        },
      });
      await session.open();
      expect(await run()).toBe("committed");
      expect(await run()).toBe("committed");
      expect(await run()).toBe("aborted");
      expect(session.failed?.error.message).toBe(
        `Earlier records of ${beside}, partition 3, are gone: the log was cut, or the topic was made ` +
          "anew",
      );
      expect(await run()).toBe("committed");
    },
  );

  test("takes an unknown place for that of somebody else", async () => {
    const { session, run, calls } = standingAt();
    await session.open();
    expect(await run({ owned: [{ id: 0, tail: 7 }] })).toBe("aborted");
    expect(calls).toEqual(["abort"]);
  });
});
