import { describe, expect, test } from "bun:test";
import { Follower } from "../../../src/dashboard/follow/follow.ts";
import { Probes } from "../../../src/dashboard/follow/probes.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import type { Kafka, RecordBatch } from "../../../src/kafka/kafka.ts";
import type { Log } from "../../../src/lib/log.ts";
import { TestClock } from "../../support/clock.ts";
import { quietLog } from "../../support/context.ts";

/** Questions that tests answer. */
function probes() {
  const clock = new TestClock();
  const questions: PromiseWithResolvers<void>[] = [];
  const failures: unknown[] = [];
  const asked = new Probes({
    clock,
    ask: () => {
      const question = Promise.withResolvers<void>();
      questions.push(question);
      return question.promise;
    },
    onFailure: (error) => void failures.push(error),
  });
  return { asked, clock, questions, failures };
}

test("Probes ask at once, and then once an interval, by a clock that nobody sets", async () => {
  const { asked, clock, questions } = probes();
  asked.request(1_000);
  questions[0]?.resolve();
  await asked.current;
  clock.step(-3_600_000);
  clock.pass(999);
  asked.request(1_000);
  expect(questions).toHaveLength(1);
  clock.pass(1);
  asked.request(1_000);
  expect(questions).toHaveLength(2);
});

test("Probes ask nothing while a question has no answer, and tell its failure", async () => {
  const { asked, clock, questions, failures } = probes();
  asked.request(1_000);
  clock.pass(60_000);
  asked.request(1_000);
  expect(questions).toHaveLength(1);
  questions[0]?.reject(new Error("away"));
  await asked.current;
  expect(failures).toEqual([new Error("away")]);
  asked.request(1_000);
  expect(questions).toHaveLength(2);
});

test("Probes that are over ask nothing more, and their clients' end is no failure", async () => {
  const { asked, clock, questions, failures } = probes();
  asked.request(1_000);
  asked.end();
  const { current } = asked;
  questions[0]?.reject(new Error("the client is closed"));
  await current;
  clock.pass(60_000);
  asked.request(1_000);
  expect([questions.length, failures]).toEqual([1, []]);
});

describe("Follower's questions", () => {
  // 200 partitions, asked one after the other at 50 ms each, took longer than Kafka may be silent.
  test("are one for the ends of all partitions", async () => {
    const stopping = new AbortController();
    const clock = new TestClock();
    const questions: number[] = [];
    const { admin, reader } = answering(clock, 200, (ids) => {
      questions.push(ids.length);
      if (questions.length === 2) stopping.abort();
    });
    await follow({ admins: [admin], readers: [reader], stopping, clock });
    expect(questions).toEqual([200, 200]);
  });

  // While the leaders of a frozen broker moved, the question for the ends stayed open. The page
  // said that Kafka had not answered, and two of three brokers had answered all the time.
  test("can stay open while brokers answer others: Kafka is not silent then", async () => {
    const said: (readonly string[])[] = [];
    for (const heardMsAgo of [100, 60_000]) {
      const stopping = new AbortController();
      const clock = new TestClock();
      let questions = 0;
      const { admin, reader } = answering(clock, 1, () => {});
      const { allWatermarks } = admin;
      admin.allWatermarks = (...of) => {
        if (questions++ > 0) setTimeout(() => stopping.abort(), 50);
        return questions === 1 ? allWatermarks(...of) : new Promise(() => {});
      };
      const of = { admins: [admin], readers: [reader], stopping, clock };
      const follower = await follow({ ...of, heardMsAgo: () => heardMsAgo });
      clock.pass(36_000);
      said.push(follower.reasons);
    }
    expect(said).toEqual([
      [expect.stringMatching(/^The topic out has not been read to its end since/)],
      [expect.stringMatching(/^Kafka has not answered since/)],
    ]);
  });

  // The last question of a reader that failed lived on beside the next reader: its failure was
  // logged as Kafka's, and it took partitions away that the next one had been given.
  test("are over with their clients, and their end is no failure of Kafka", async () => {
    const stopping = new AbortController();
    const clock = new TestClock();
    const asked: string[] = [];
    const closed = Promise.withResolvers<never>();
    const first = answering(clock, 1, () => {});
    first.admin.describeTopic = () => {
      asked.push("first");
      // The first finds the partitions; the second has no answer when the reader fails.
      return asked.length === 1 ? Promise.resolve({ partitions: 1 }) : closed.promise;
    };
    first.admin.close = async () => {
      const end = () => {
        asked.push("over");
        closed.reject(new Error("the client is closed"));
      };
      // Later than the next reader would come otherwise.
      setTimeout(end, 300);
    };
    const { poll } = first.reader;
    first.reader.poll = (batch) => {
      if (asked.length < 2) return poll(batch);
      throw new Error("the reader failed");
    };
    const second = answering(clock, 1, () => {
      asked.push("second");
      stopping.abort();
    });
    const { log, reasons } = reasonsLog();
    await follow({
      admins: [first.admin, second.admin],
      readers: [first.reader, second.reader],
      stopping,
      clock,
      log,
    });
    expect(asked).toEqual(["first", "first", "over", "second"]);
    expect(reasons).toEqual(["the reader failed"]);
  });
});

/** An admin that knows of so many empty partitions, and a reader that finds nothing. */
function answering(
  clock: TestClock,
  partitions: number,
  onQuestion: (ids: readonly number[]) => void,
) {
  const admin = {
    describeTopic: async (): Promise<{ partitions: number }> => ({ partitions }),
    allWatermarks: async (_: string, ids: readonly number[]) => {
      onQuestion(ids);
      return new Map(ids.map((id) => [id, { low: 0, high: 0 }]));
    },
    close: async () => {},
  };
  const reader = {
    assign: async () => {},
    poll: async (batch: RecordBatch) => {
      batch.clear();
      await clock.sleep(1_000);
      return [];
    },
    close: async () => {},
  };
  return { admin, reader };
}

/** Follows by these clients, one pair after the other, until it is stopped. */
async function follow(of: {
  admins: unknown[];
  readers: unknown[];
  stopping: AbortController;
  clock: TestClock;
  log?: Log;
  heardMsAgo?: () => number;
}) {
  const { admins, readers, stopping, clock, log = quietLog, heardMsAgo } = of;
  const clients = { admin: () => admins.shift(), reader: () => readers.shift() };
  const fake = { ...clients, heardMsAgo } as unknown as Kafka;
  const { signal } = stopping;
  const view = new SalesView();
  const shared = { topic: "out", view, clock, log, onChange() {}, signal };
  const follower = new Follower({ ...shared, kafka: fake });
  await follower.run();
  return follower;
}

/** The reasons of what is logged as a warning. */
function reasonsLog(): { log: Log; reasons: unknown[] } {
  const reasons: unknown[] = [];
  const log: Log = { ...quietLog, warning: (_, of) => void reasons.push(of?.reason) };
  return { log, reasons };
}
