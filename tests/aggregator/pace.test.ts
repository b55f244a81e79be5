/** How long sales wait for the next transaction. */

import { beforeEach, describe, expect, test } from "bun:test";
import { Pace } from "../../src/aggregator/pace.ts";
import { RecordBatch } from "../../src/kafka/kafka.ts";
import { TestClock } from "../support/clock.ts";
import { configOf } from "../support/context.ts";

const batch = new RecordBatch({ recordsMax: 1, bytesMax: 1 });
let clock: TestClock;
/** When the brokers may be asked again. */
let restsUntil: number;
/** Answers of the brokers. */
let answers: number;
const consumer = {
  rest: (ms: number) => {
    restsUntil = clock.now() + ms;
  },
};

beforeEach(() => {
  clock = new TestClock();
  restsUntil = 0;
  answers = 0;
});

/** Of an aggregator that has read all there is, and has sales to commit. */
function paceWith(...args: string[]): Pace {
  const partitions = new Map([[0, { moved: true }]]) as never;
  const fold = { hasCaughtUp: () => true } as never;
  const of = { partitions, deadLetters: { full: false } as never, fold, consumer };
  return new Pace({ config: configOf("run", ...args), clock }, of);
}

/** From one transaction to the next while a sale comes every `everyMs`; the loop in small. */
async function intervalOf(pace: Pace, everyMs: number): Promise<number> {
  pace.commitStarted();
  const startedAt = clock.now();
  for (let read = 0; ; ) {
    const asked = clock.now() >= restsUntil;
    const sent = asked ? Math.floor((clock.now() - startedAt) / everyMs) : read;
    if (sent > read) answers++;
    const offsets = pace.counted(sent - read);
    read = sent;
    if (pace.isDue) return clock.now() - startedAt;
    if (offsets > 0) await pace.gather(offsets, batch);
    else clock.pass(1);
  }
}

describe("Pace", () => {
  test("after a pause, a sale is counted at once", () => {
    expect(paceWith().isDue).toBe(true);
  });

  test("the fewer sales come, the more of them share a transaction, within limits", async () => {
    const pace = paceWith();
    expect(await intervalOf(pace, 50)).toBe(500);
    // Sales come faster now. The aggregator learns of it when it asks the brokers again.
    expect(await intervalOf(pace, 10)).toBe(485);
    expect(await intervalOf(pace, 10)).toBeCloseTo(200, -2);
    expect(await intervalOf(pace, 5)).toBeLessThan(200);
    expect(await intervalOf(pace, 5)).toBe(100);
    expect(await intervalOf(pace, 1)).toBe(100);
  });

  test("while sales gather, the brokers are not asked for each of them", async () => {
    const pace = paceWith();
    await intervalOf(pace, 50);
    answers = 0;
    await intervalOf(pace, 50);
    // Ten sales came: one, eight until the last look, and one after it.
    expect(answers).toBe(3);
  });

  test("an aggregator that lags never rests", async () => {
    const partitions = new Map([[0, { moved: true }]]) as never;
    const deadLetters = { full: false } as never;
    const fold = { hasCaughtUp: () => false } as never;
    const pace = new Pace(
      { config: configOf("run"), clock },
      { partitions, deadLetters, fold, consumer },
    );
    pace.commitStarted();
    clock.pass(1);
    await pace.gather(pace.counted(1), batch);
    expect(restsUntil).toBe(0);
  });

  test("an interval that the user sets is the longest", async () => {
    expect(await intervalOf(paceWith("--commit-interval", "100ms"), 50)).toBe(100);
    expect(await intervalOf(paceWith("--commit-interval", "1s"), 1)).toBe(1_000);
  });

  test("dead letters that fill their queue do not wait", () => {
    const partitions = new Map([[0, { moved: true }]]) as never;
    const deadLetters = { full: true } as never;
    const of = { partitions, deadLetters, fold: {} as never, consumer };
    const pace = new Pace({ config: configOf("run"), clock }, of);
    pace.commitStarted();
    expect(pace.isDue).toBe(true);
    expect(pace.pollWaitMs({ isCommitting: false })).toBe(0);
  });
});
