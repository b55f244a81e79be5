import { describe, expect, test } from "bun:test";
import { endUndecided, Undecided } from "../../../src/aggregator/transactions/undecided.ts";
import {
  type Consumer,
  type Kafka,
  KafkaError,
  type RecordBatch,
  type TransactionalProducer,
} from "../../../src/kafka/kafka.ts";
import { quietLog } from "../../support/context.ts";

/** Readers of `topic` wait at these offsets, and did so for `silenceMs`. */
const waiting = (silenceMs: number, held: Record<number, number>, topic = "out") => ({
  topic,
  silenceMs,
  held: new Map(Object.entries(held).map(([id, offset]) => [Number(id), offset])),
});

function undecided() {
  let now = 0;
  const looks = new Undecided({ now: () => now });
  const after = (ms: number, ...look: Parameters<typeof waiting>) => {
    now += ms;
    return looks.due(waiting(...look));
  };
  return { after };
}

describe("Undecided", () => {
  test("ends what readers have waited for longer than a dead process can hold them up", () => {
    const { after } = undecided();
    expect(after(0, 30_000, { 0: 38, 3: 7 })).toEqual([0, 3]);
  });

  test("adds up short looks at the same transaction, and begins anew with another", () => {
    const { after } = undecided();
    expect(after(0, 2_000, { 1: 5 })).toEqual([]);
    expect(after(20_000, 2_000, { 1: 5 })).toEqual([]);
    expect(after(8_000, 2_000, { 1: 9 })).toEqual([]);
    expect(after(20_000, 2_000, { 1: 9 })).toEqual([]);
    expect(after(8_000, 2_000, { 1: 9 })).toEqual([1]);
  });

  test("tells topics apart", () => {
    const { after } = undecided();
    expect(after(0, 30_000, { 1: 5 })).toEqual([1]);
    expect(after(0, 30_000, { 1: 5 }, "out.history")).toEqual([1]);
  });

  // Each try takes an id over, and a living process of that id has to restore.
  test("tries a transaction that it cannot end three times, and not at once", () => {
    const { after } = undecided();
    const tries = [0, 10_000, 20_000, 30_000, 30_000, 60_000].map((ms) =>
      after(ms, 30_000, { 0: 1 }),
    );
    expect(tries).toEqual([[0], [], [0], [0], [], []]);
  });
});

/** What is done with the producers, of which that of `alive` is fenced when it sends offsets. */
function ending(): {
  calls: string[];
  end: (of: Partial<Parameters<typeof endUndecided>[1]>) => Promise<void>;
} {
  const calls: string[] = [];
  const fenced = new KafkaError("Fenced", { code: "_FENCED", verdict: "fatal" });
  const kafka = {
    transactionalProducer: ({ transactionalId }) => {
      const note = (call: string) => void calls.push(`${transactionalId} ${call}`);
      return {
        init: async () => note("init"),
        begin: () => note("begin"),
        sendOffsets: async (_, [position]) => {
          note(`offsets of ${position?.partition}`);
          if (transactionalId === "alive") throw fenced;
        },
        abort: async () => note("abort"),
        close: async () => note("close"),
      } as Partial<TransactionalProducer> as TransactionalProducer;
    },
  } as Partial<Kafka> as Kafka;
  const untilDefinite = (step: () => Promise<void>) => step();
  const deliver = async (_: unknown, { topic, batch }: { topic: string; batch: RecordBatch }) => {
    for (let i = 0; i < batch.count; i++) {
      calls.push(`${topic}[${batch.partitions[i]}] has ${batch.value(i)}`);
    }
  };
  const means = { kafka, log: quietLog, untilDefinite, deliver };
  const nothing = { consumer: {} as Consumer, writers: new Map(), records: undefined };
  return { calls, end: (of) => endUndecided(means, { ...nothing, ...of }) };
}

test("aborts offsets in the name of each, whatever comes of one", async () => {
  const { calls, end } = ending();
  await end({
    writers: new Map([
      ["alive", 1],
      ["dead", 2],
    ]),
  });
  expect(calls).toEqual([
    "alive init",
    "alive begin",
    "alive offsets of 1",
    "alive close",
    "dead init",
    "dead begin",
    "dead offsets of 2",
    "dead abort",
    "dead close",
  ]);
});

// A lone broker was killed: two partitions could not be read again, as long as the test watched.
test("writes to each place in the name of each writer, and aborts when that has arrived", async () => {
  const { calls, end } = ending();
  const records = { topics: ["out", "out.history"], partitions: [2, 5] };
  await end({ writers: new Map([["dead", 2]]), records });
  expect(calls).toEqual([
    "dead init",
    "dead begin",
    "out[2] has null",
    "out[5] has null",
    "out.history[2] has null",
    "out.history[5] has null",
    "dead offsets of 2",
    "dead abort",
    "dead close",
  ]);
});
