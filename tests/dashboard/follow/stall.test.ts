/** What is said of sales that wait, and when. */

import { expect, test } from "bun:test";
import { Backlog } from "../../../src/dashboard/follow/backlog.ts";
import {
  joinedStalls,
  type Stall,
  sinceOf,
  stallSentences,
} from "../../../src/dashboard/follow/stall.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import type { Admin, Consumer, GroupMember, Kafka } from "../../../src/kafka/kafka.ts";
import { BOOKKEEPING_KEY } from "../../../src/wire/bookkeeping.ts";
import { bookkeepingRecord } from "../../support/bookkeeping.ts";
import { TestClock } from "../../support/clock.ts";
import { recordingLog } from "../../support/context.ts";

interface Place {
  high: number;
  stable: number;
  counted: number;
  isEmpty?: boolean;
}

/** An input of one partition that a backlog looks at every two seconds, or of two. */
async function watched(input: {
  /** By the number of the look. */
  at: (look: number) => Place;
  /** The second partition, which no reader gets anything from. */
  second?: (look: number) => Place;
  looks: number;
  /** No reader gets an answer, up to this look. */
  silentUntil?: number;
  /** Who is in the group, and whether this process says why nothing is counted. */
  group?: { members: GroupMember[]; isExplained: boolean };
}): Promise<{ stalls: (readonly string[])[]; late: (Stall | undefined)[]; lines: string[] }> {
  const clock = new TestClock();
  const view = new SalesView();
  const stopping = new AbortController();
  const stalls: (readonly string[])[] = [];
  const late: (Stall | undefined)[] = [];
  const now = () => input.at(stalls.length);
  const places = () => [now(), ...(input.second ? [input.second(stalls.length)] : [])];
  const admin = {
    describeTopic: async () => ({ partitions: places().length }),
    identity: async () => undefined,
    allWatermarks: async () => {
      const marks = places().map(({ counted, high }, id) => {
        view.apply(id, BOOKKEEPING_KEY, bookkeepingRecord({ inputOffset: counted }));
        return [id, { low: 0, high }] as const;
      });
      return new Map(marks);
    },
    stableEnds: async () => new Map(places().map(({ stable }, id) => [id, stable])),
    groupMembers: async () => input.group?.members ?? [],
    close: async () => {},
  } as Partial<Admin> as Admin;
  const reader = {
    assign: async () => {},
    poll: async (batch, waitMs) => {
      batch.clear();
      const isSilent = stalls.length < (input.silentUntil ?? 0);
      if (isSilent) clock.pass(waitMs);
      if (isSilent) return [];
      const { counted, stable, isEmpty } = now();
      if (isEmpty || stable === counted) return [{ type: "end", partition: 0, offset: stable }];
      for (const partition of places().keys()) {
        batch.append({ value: new Uint8Array(1), partition });
      }
      return [];
    },
    unassign: async () => {},
    close: async () => {},
  } as Partial<Consumer> as Consumer;
  const { log, lines } = recordingLog();
  const kafka = { admin: () => admin, reader: () => reader } as Partial<Kafka> as Kafka;
  const backlog: Backlog = new Backlog({
    kafka,
    topic: "input",
    ...(input.group && {
      config: { group: "g", inputTopic: "input", rdkafka: {} },
      isExplained: () => input.group?.isExplained === true,
    }),
    commitIntervalMs: 100,
    view,
    isCurrent: () => true,
    clock,
    log,
    onChange: () => {
      late.push(backlog.late);
      stalls.push(backlog.stall ? stallSentences(backlog.stall) : []);
      if (stalls.length === input.looks) stopping.abort();
    },
    signal: stopping.signal,
  });
  await backlog.run();
  return { stalls, late, lines };
}

// A client held a transaction open on the input: 545 sales waited behind it for 50 s, the page was
// Live, /readyz answered 200, and nothing said a word.
test("Backlog says that sales wait behind an undecided transaction, and until when", async () => {
  const decided = 12;
  const { stalls, late, lines } = await watched({
    at: (look) => {
      const stable = look < decided ? 240 : 240 + look;
      return { high: 240 + look, stable, counted: stable };
    },
    looks: 15,
  });
  const first = stalls.findIndex((sentences) => sentences.length > 0);
  expect(first * 2_000).toBeLessThanOrEqual(14_000);
  expect(stalls[first]?.[0]).toMatch(/^No sale has been counted since .+ wait in the input/);
  expect(stalls[first]?.[1]).toMatch(
    /^In input, nothing behind an undecided transaction .+ partition 0 \(offset 240\): its program/,
  );
  expect(stallSentences(late[first] as Stall)).toEqual([...(stalls[first] ?? [])]);
  expect(stalls.slice(decided)).toEqual([[], [], []]);
  expect(lines).toEqual([...(stalls[first] ?? [])]);
});

// One partition of the own aggregator was stopped, with the reason in the log. The next line said
// that the partition belongs to salesboard at the own address, and that its log says why.
test.each([false, true])(
  "Backlog names in the log who owns the partitions, unless that is explained: %s",
  async (isExplained) => {
    const assigned = [{ topic: "input", partition: 0 }];
    const members = [{ client: "salesboard", host: "/10.0.0.7", assigned }];
    const at = () => ({ counted: 7, stable: 20, high: 20 });
    const { lines } = await watched({ at, looks: 9, group: { members, isExplained } });
    expect(lines[0]).toContain("13 records wait in the input (partition 0)");
    const owner = expect.stringMatching(
      /^Partition 0 of input belongs to salesboard at 10.0.0.7, .* Its log says why/,
    );
    expect(lines.slice(1)).toEqual(isExplained ? [] : [owner]);
  },
);

// The markers of transactions at the end of a quiet partition were records that waited since the
// last sale: the next one seemed to be late in the moment in which it came.
test("Backlog gives a sale behind the markers of transactions its time", async () => {
  const { stalls } = await watched({
    at: (look) =>
      look < 20
        ? { counted: 7, stable: 8, high: 8, isEmpty: true }
        : { counted: 7, stable: 10, high: 10 },
    looks: 22,
  });
  expect(stalls.every((sentences) => sentences.length === 0)).toBe(true);
});

// The password was rotated: the aggregator counted nothing for 42 s, and the reader that looks for
// what waits was refused too. So nothing was known to wait, and /readyz answered 200.
test("Backlog says that sales wait when nobody can look at them", async () => {
  const { stalls } = await watched({
    at: (look) => ({ counted: 7, stable: 20 + look, high: 20 + look }),
    looks: 9,
    silentUntil: 9,
  });
  expect(stalls.at(-1)?.[0]).toContain("records wait in the input (partition 0)");
});

test("Backlog takes that back when nothing but markers of transactions waits", async () => {
  const { stalls } = await watched({
    at: () => ({ counted: 7, stable: 8, high: 8, isEmpty: true }),
    looks: 14,
    silentUntil: 10,
  });
  expect(stalls[9]?.[0]).toContain("1 record waits in the input");
  expect(stalls.at(-1)).toEqual([]);
});

// A quota let one sale of ten through: the count went on, 4825 records waited, and all was Live.
test("Backlog knows what is counted late although counting goes on", async () => {
  const slow = await watched({
    at: (look) => ({ counted: 10 + look, stable: 20 + 10 * look, high: 20 + 10 * look }),
    looks: 10,
  });
  expect(slow.stalls.every((sentences) => sentences.length === 0)).toBe(true);
  expect(slow.late[3]).toBeUndefined();
  expect(slow.late.at(-1)?.waiting).toEqual(new Map([[0, 91]]));
  const swift = await watched({
    at: (look) => ({ counted: 10 * look, stable: 20 + 10 * look, high: 20 + 10 * look }),
    looks: 10,
  });
  expect(swift.late.every((stall) => stall === undefined)).toBe(true);
});

// One partition stood still, and that was all that was said: 91 sales of another one were late.
test("Backlog knows what is late in one partition while another one stands still", async () => {
  const { late, stalls } = await watched({
    at: () => ({ counted: 7, stable: 20, high: 20 }),
    second: (look) => ({ counted: 10 + look, stable: 20 + 10 * look, high: 20 + 10 * look }),
    looks: 10,
  });
  expect(stalls.at(-1)).toEqual([
    expect.stringContaining("13 records wait in the input (partition 0)"),
  ]);
  expect(stallSentences(late.at(-1) as Stall)).toEqual([
    ...(stalls.at(-1) ?? []),
    expect.stringMatching(
      /^Sales since .+ are not counted yet: 91 records wait .+ \(partition 1\)/,
    ),
  ]);
});

test("of several stalls the worst comes first, and the time is that of the oldest", () => {
  const waiting = new Map([[0, 1]]);
  const slow = { since: 1_000, waiting, isSlow: true, topic: "a" };
  const [early, later] = [2_000, 3_000].map((since) => ({ since, waiting, topic: "b" }));
  const joined = joinedStalls([slow, undefined, { since: 3_000, waiting, others: [] }, early]);
  expect(joined).toEqual({ ...early, others: [{ since: 3_000, waiting }, slow] } as Stall);
  expect(sinceOf(joined as Stall)).toBe(1_000);
  expect(joinedStalls([undefined])).toBeUndefined();
  expect(joinedStalls([later])).toEqual(later as Stall);
});

// A transaction held up one partition, and a foreign program owned another one: the page named the
// transaction alone.
test("each cause of a stall is said", () => {
  const causes = ["a transaction is open", "partition 1 belongs to warehouse"];
  const stall = { since: 0, waiting: new Map([[0, 1]]), causes, owner: "partition 2 is of ours" };
  expect(stallSentences(stall).slice(1)).toEqual([
    "A transaction is open.",
    "Partition 1 belongs to warehouse.",
    "Partition 2 is of ours.",
  ]);
});

// The input was deleted while the page was open: it stayed live and ready, and said only that it is
// not known whether sales wait.
test.each([
  [false, "The input topic input does not exist: nothing can be counted."],
  [true, "It is not known whether sales wait in input: the topic does not exist."],
])("Backlog says that the input does not exist, until there is one", async (isFound, missing) => {
  const clock = new TestClock();
  const stopping = new AbortController();
  const said: string[] = [];
  let looks = 0;
  const admin = {
    describeTopic: async () => (++looks < 4 ? undefined : { partitions: 1 }),
    identity: async () => undefined,
    allWatermarks: async () => new Map([[0, { low: 0, high: 0 }]]),
    stableEnds: async () => new Map(),
    close: async () => {},
  } as Partial<Admin> as Admin;
  const { log, lines } = recordingLog();
  const backlog: Backlog = new Backlog({
    kafka: { admin: () => admin } as Partial<Kafka> as Kafka,
    topic: "input",
    isFound,
    commitIntervalMs: 100,
    view: new SalesView(),
    isCurrent: () => true,
    clock,
    log,
    onChange: () => {
      said.push([...backlog.strangers, backlog.blindness ?? ""].join(""));
      if (looks === 4) stopping.abort();
    },
    signal: stopping.signal,
  });
  await backlog.run();
  expect(said[0]).toBe(missing);
  expect(said.at(-1)).toBe("");
  expect(lines).toEqual([missing]);
});
