/** The follower on the embedded broker: what is committed appears, whatever happens on the way. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Follower } from "../../../src/dashboard/follow/follow.ts";
import type { Board } from "../../../src/dashboard/model/board.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { formatAmount } from "../../../src/domain/money.ts";
import {
  type Admin,
  type Kafka,
  type OutgoingRecord,
  RecordBatch,
} from "../../../src/kafka/kafka.ts";
import { librdkafka } from "../../../src/kafka/librdkafka.ts";
import { type NativeMockCluster, native } from "../../../src/kafka/native.ts";
import { type Moment, systemClock } from "../../../src/lib/clock.ts";
import { TestClock } from "../../support/clock.ts";
import { quietLog, recordingLog } from "../../support/context.ts";
import { recordsOf, sendAll } from "../../support/records.ts";
import { waitFor } from "../../support/wait.ts";
import { key, total } from "../fixture.ts";

const topic = "totals";
let cluster: NativeMockCluster;
let kafka: Kafka;
let stopping: AbortController;
let running: Promise<void> | undefined;
let onBoard: (board: Board) => void;

beforeEach(() => {
  cluster = new native.MockCluster(1);
  kafka = librdkafka({ brokers: cluster.bootstrapServers, properties: {}, log: quietLog });
  stopping = new AbortController();
  onBoard = () => {};
});
afterEach(async () => {
  stopping.abort();
  await running;
  cluster.close();
});

function follow(log = quietLog): { view: SalesView; follower: Follower } {
  const view = new SalesView();
  const onChange = () => {
    view.publish(follower.status);
    onBoard(view.board);
  };
  const { signal } = stopping;
  const follower = new Follower({ kafka, topic, view, clock: systemClock, log, onChange, signal });
  running = follower.run();
  return { view, follower };
}

const shown = (view: SalesView) =>
  view.board.rows.map(({ product, revenue }) => `${product} ${formatAmount(revenue)}`).join();

const shows = (view: SalesView, text: string) =>
  waitFor(() => shown(view) === text, { what: `${text} instead of ${shown(view)}` });

const record = (product: string, price: string, partition = 0) => ({
  key: key(product),
  value: total(product, price),
  partition,
});

describe("Follower", () => {
  test("reads what is there, is ready then, and goes on with what comes", async () => {
    cluster.createTopic(topic, 2);
    await sendAll(kafka, topic, [record("a", "1"), record("a", "2", 1), record("b", "9")]);
    const { view, follower } = follow();
    // The records were sent by clients of the same Kafka, whose answers count for it.
    expect(follower.reasons).toEqual([expect.stringMatching(/has not answered yet|has described/)]);
    await waitFor(() => follower.reasons.length === 0, { what: "readiness" });
    await shows(view, "b 9.00,a 3.00");
    await sendAll(kafka, topic, [record("a", "20")]);
    await shows(view, "a 22.00,b 9.00");
    await waitFor(() => follower.status.lag === 0, { what: "no lag" });
    expect(follower.status).toMatchObject({ state: "live", partitions: 2, lag: 0, notices: [] });
  });

  test("is ready on an empty topic", async () => {
    cluster.createTopic(topic, 3);
    const { follower } = follow();
    await waitFor(() => follower.reasons.length === 0, { what: "readiness" });
    expect(follower.status.partitions).toBe(3);
  });

  test("says that the topic is missing, and reads it once it is there", async () => {
    const { view, follower } = follow();
    await waitFor(() => follower.reasons[0] === "The topic totals does not exist yet.", {
      what: "the reason",
    });
    cluster.createTopic(topic, 1);
    await sendAll(kafka, topic, [record("a", "1")]);
    await shows(view, "a 1.00");
  });

  test("shows nothing of a transaction before it is committed, and nothing of one that is not", async () => {
    cluster.createTopic(topic, 1);
    await sendAll(kafka, topic, [record("a", "1")]);
    const { view } = follow();
    await shows(view, "a 1.00");
    const producer = kafka.transactionalProducer({ transactionalId: "t" });
    await producer.init();
    for (const [price, end] of [
      ["5", "abort"],
      ["7", "commit"],
    ] as const) {
      producer.begin();
      producer.produce(topic, recordsOf([record("a", price)]));
      await producer.flush(10_000);
      expect(shown(view)).toBe("a 1.00");
      await producer[end]();
    }
    await producer.close();
    await shows(view, "a 7.00");
  });

  test("skips what is no total, says so once, and goes on", async () => {
    cluster.createTopic(topic, 1);
    const junk = { key: key("x"), value: key("junk"), partition: 0 };
    await sendAll(kafka, topic, [junk, junk, record("a", "1"), { ...junk, value: null }]);
    const { log, lines } = recordingLog();
    const { view } = follow(log);
    await shows(view, "a 1.00");
    expect(lines).toHaveLength(1);
  });

  test("outlives a broker that is gone for a while, without showing the past again", async () => {
    cluster.createTopic(topic, 1);
    await sendAll(kafka, topic, [record("a", "1"), record("a", "2")]);
    const { view } = follow();
    await shows(view, "a 2.00");
    cluster.setBrokerDown(1);
    await Bun.sleep(300);
    cluster.setBrokerUp(1);
    await sendAll(kafka, topic, [record("a", "3")]);
    await shows(view, "a 3.00");
  });

  test("names leaders that are silent while other brokers answer", async () => {
    cluster.createTopic(topic, 1);
    const problem = "broker 2, which leads partition 0 of totals, does not answer";
    const { signal } = stopping;
    const whenStopped = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("The test is over")));
    });
    whenStopped.catch(() => {});
    const plain = kafka;
    kafka = {
      ...plain,
      admin: () => {
        const allWatermarks: Admin["allWatermarks"] = (_topic, _partitions, onSilence) => {
          onSilence?.(problem);
          return whenStopped;
        };
        return Object.assign(plain.admin(), { allWatermarks });
      },
    };
    const { follower } = follow();
    await waitFor(() => follower.reasons[0] === `The topic totals cannot be read: ${problem}.`, {
      what: `the silent leader instead of ${follower.reasons}`,
    });
  });

  // With a backlog to read it said "live, as of now" at each batch, while it still showed the past.
  test("knows the totals of no later time than what it has read", async () => {
    cluster.createTopic(topic, 1);
    await sendAll(kafka, topic, [record("a", "1")]);
    const pace = { records: 1, probes: 0 };
    kafka = slowly(kafka, pace);
    const { view } = follow();
    await waitFor(() => view.board.state === "live", { what: "the first total" });
    pace.records = 0;
    const prices = Array.from({ length: 30 }, (_, i) => `${i + 2}`);
    await sendAll(
      kafka,
      topic,
      prices.map((price) => record("a", price)),
    );
    const sentAt = performance.now();
    const isSince = (moment: Moment | undefined) => moment !== undefined && moment.at >= sentAt;
    const tooLate: string[] = [];
    onBoard = ({ asOf }) => {
      if (isSince(asOf) && shown(view) !== "a 31.00") tooLate.push(shown(view));
    };
    const { probes } = pace;
    await waitFor(() => pace.probes > probes + 1, { what: "a probe" });
    pace.records = 1;
    await shows(view, "a 31.00");
    await waitFor(() => isSince(view.board.asOf), { what: "the time of the last total" });
    expect(tooLate).toEqual([]);
  });

  test("stops while no broker answers", async () => {
    cluster.setBrokerDown(1);
    const { follower } = follow();
    await Bun.sleep(100);
    stopping.abort();
    await running;
    expect(follower.reasons).not.toEqual([]);
  });

  // Boards of half a transaction doubled the frames of every page, and the second half had to wait
  // for the next one's turn.
  test("shows at once what a transaction has put into several partitions", async () => {
    const polls = [
      [],
      [record("a", "1"), record("b", "1", 1)],
      [record("a", "2")],
      [record("b", "2", 1)],
    ];
    const { view, changes } = await followScript(polls);
    expect(shown(view)).toBe("a 2.00,b 2.00");
    expect(changes).not.toContain("a 2.00,b 1.00");
  });
});

/** What was shown, change by change, while a reader returned these records, one poll each. */
async function followScript(polls: readonly OutgoingRecord[][]) {
  const clock = new TestClock();
  const view = new SalesView();
  const changes: string[] = [];
  const left = [...polls];
  const empty = { low: 0, high: 0 };
  const admin = {
    describeTopic: async () => ({ partitions: 2 }),
    allWatermarks: async (_: string, ids: number[]) => new Map(ids.map((id) => [id, empty])),
    close: async () => {},
  };
  const reader = {
    assign: async () => {},
    poll: async (batch: RecordBatch) => {
      batch.clear();
      // Polls of different transactions are further apart than those of one.
      if (left.length >= 2) await clock.sleep(30);
      for (const record of left.shift() ?? []) batch.append(record);
      if (left.length === 0) stopping.abort();
      return [];
    },
    close: async () => {},
  };
  const scripted = { admin: () => admin, reader: () => reader } as unknown as Kafka;
  const onChange = () => {
    view.publish(follower.status);
    changes.push(shown(view));
  };
  const { signal } = stopping;
  const options = { topic, view, clock, log: quietLog, onChange, signal };
  const follower = new Follower({ ...options, kafka: scripted });
  await follower.run();
  return { view, changes };
}

/** Readers that get at most `pace.records` a poll, 50 ms apart; counts the probes too. */
function slowly(kafka: Kafka, pace: { records: number; probes: number }): Kafka {
  return {
    ...kafka,
    admin: () => {
      const admin = kafka.admin();
      const describeTopic = admin.describeTopic.bind(admin);
      admin.describeTopic = (name) => {
        pace.probes++;
        return describeTopic(name);
      };
      return admin;
    },
    reader: (options) => {
      const reader = kafka.reader(options);
      const poll = reader.poll.bind(reader);
      const one = new RecordBatch({ recordsMax: 1, bytesMax: 1_000 });
      reader.poll = async (batch, waitMs) => {
        batch.clear();
        await Bun.sleep(50);
        if (pace.records === 0) return [];
        const events = await poll(one, waitMs);
        if (one.count === 0) return events;
        batch.append({ key: one.key(0), value: one.value(0), partition: one.partitions[0] ?? 0 });
        batch.offsets.set(one.offsets.subarray(0, 1));
        return events;
      };
      return reader;
    },
  };
}
