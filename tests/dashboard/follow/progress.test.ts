/** What is said of a topic that is not read to its end. */

import { expect, test } from "bun:test";
import { aim, heldProblem, ReadProgress } from "../../../src/dashboard/follow/progress.ts";
import type { TopicDescription } from "../../../src/kafka/kafka.ts";
import { TestClock } from "../../support/clock.ts";

const SECOND_MS = 1_000;

/** What is said after so long, of a partition that is read to its end at offset 29. */
async function problemAfter(
  ms: number,
  of: { high: number; stable: number; described?: TopicDescription },
) {
  const clock = new TestClock();
  const partitions = new ReadProgress();
  const askedAt = { at: clock.now(), date: clock.date() };
  partitions.start(1, { low: 29, high: 29, askedAt });
  for (const progress of partitions.values()) {
    progress.goal = undefined;
    aim(progress, { low: 0, high: of.high, askedAt });
  }
  clock.pass(ms);
  const admin = { stableEnds: async () => new Map([[1, of.stable]]) };
  const { described = { partitions: 2 } } = of;
  return heldProblem(admin, clock, { topic: "out", described, partitions });
}

// "The topic has not been read to its end" was all that the page said while somebody's transaction
// was open on the output.
test("a topic that is held up by an undecided transaction is said to be", async () => {
  expect(await problemAfter(4 * SECOND_MS, { high: 35, stable: 29 })).toStartWith(
    "in out, nothing behind an undecided transaction can be read, in partition 1 (offset 29)",
  );
  expect(await problemAfter(2 * SECOND_MS, { high: 35, stable: 29 })).toBeUndefined();
  expect(await problemAfter(4 * SECOND_MS, { high: 35, stable: 35 })).toBeUndefined();
  expect(await problemAfter(4 * SECOND_MS, { high: 29, stable: 29 })).toBeUndefined();
});

test("partitions without a leader are not asked about, and none without the right to read", async () => {
  const held = { high: 35, stable: 29 };
  const states = [1, -1].map((leader) => ({ leader, replicas: [1], inSync: [1] }));
  const headless = { partitions: 2, states };
  expect(await problemAfter(4 * SECOND_MS, { ...held, described: headless })).toBeUndefined();
  const forbidden = { partitions: 2, rights: ["DESCRIBE"] };
  expect(await problemAfter(4 * SECOND_MS, { ...held, described: forbidden })).toBeUndefined();
});
