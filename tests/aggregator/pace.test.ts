/** How long sales wait for the next transaction. */

import { beforeEach, describe, expect, test } from "bun:test";
import { Pace } from "../../src/aggregator/pace.ts";
import { RecordBatch } from "../../src/kafka/kafka.ts";
import { TestClock } from "../support/clock.ts";
import { configOf } from "../support/context.ts";

const batch = new RecordBatch({ recordsMax: 1, bytesMax: 1 });
let clock: TestClock;

beforeEach(() => {
  clock = new TestClock();
});

/** Of an aggregator that has read all there is, and has sales to commit. */
function paceWith(...args: string[]): Pace {
  const partitions = new Map([[0, { moved: true }]]) as never;
  const fold = { hasCaughtUp: () => true } as never;
  const of = { partitions, deadLetters: { full: false } as never, fold };
  return new Pace({ config: configOf("run", ...args), clock }, of);
}

/** From one transaction to the next while a sale comes every `everyMs`. */
async function intervalOf(pace: Pace, everyMs: number): Promise<number> {
  pace.commitStarted();
  const startedAt = clock.now();
  for (let read = 0; !pace.isDue; ) {
    const sent = Math.floor((clock.now() - startedAt) / everyMs);
    await pace.gather(sent - read, batch);
    read = sent;
  }
  return clock.now() - startedAt;
}

describe("Pace", () => {
  test("after a pause, a sale is counted at once", () => {
    expect(paceWith().isDue).toBe(true);
  });

  test("the fewer sales come, the more of them share a transaction, within limits", async () => {
    const pace = paceWith();
    expect(await intervalOf(pace, 50)).toBe(500);
    expect(await intervalOf(pace, 10)).toBe(200);
    expect(await intervalOf(pace, 5)).toBe(100);
    expect(await intervalOf(pace, 1)).toBe(100);
  });

  test("an interval that the user sets is the longest", async () => {
    expect(await intervalOf(paceWith("--commit-interval", "100ms"), 50)).toBe(100);
    expect(await intervalOf(paceWith("--commit-interval", "1s"), 1)).toBe(1_000);
  });

  test("dead letters that fill their queue do not wait", () => {
    const partitions = new Map([[0, { moved: true }]]) as never;
    const of = { partitions, deadLetters: { full: true } as never, fold: {} as never };
    const pace = new Pace({ config: configOf("run"), clock }, of);
    pace.commitStarted();
    expect(pace.isDue).toBe(true);
    expect(pace.pollWaitMs({ isCommitting: false })).toBe(0);
  });
});
