/** SIGKILL of the aggregator at named points between poll and commit. */

import { expect } from "bun:test";
import { seededRandom } from "../support/seed.ts";
import type { Fault } from "./fault.ts";
import { API, type Frame, isAnswer, isRequest } from "./frames.ts";
import { within } from "./within.ts";

/** So that the point is met at different moments of the instance's life. */
const LIFE_MS_MAX = 500;
const SIGKILLED = 137;

interface Point {
  name: string;
  /** Continues "when the proxy …". */
  when: string;
  fits(frame: Frame): boolean;
  /** The frame never arrives; else the death comes when it has been passed on. */
  dropped?: boolean;
}

/** An answer to Fetch with sales in it; totals have no field of this name. */
const hasSales = (frame: Frame) => isAnswer(API.fetch)(frame) && frame.bytes.includes('"quantity"');

const points: readonly Point[] = [
  { name: "after poll", when: "has passed on a Fetch answer with sales", fits: hasSales },
  {
    name: "after produce",
    when: "has passed on a Produce answer",
    fits: isAnswer(API.produce),
  },
  {
    name: "after the offsets",
    when: "has passed on the answer to TxnOffsetCommit",
    fits: isAnswer(API.txnOffsetCommit),
  },
  {
    name: "before EndTxn",
    when: "meets the EndTxn request, which never reaches the broker",
    fits: isRequest(API.endTxn),
    dropped: true,
  },
  {
    name: "during EndTxn",
    when: "meets the answer to EndTxn, which never reaches the aggregator",
    fits: isAnswer(API.endTxn),
    dropped: true,
  },
  {
    name: "after EndTxn",
    when: "has passed on the answer to EndTxn",
    fits: isAnswer(API.endTxn),
  },
];

export const namedKillFaults: readonly Fault[] = points.map(({ name, when, fits, dropped }) => ({
  name: `the aggregator is killed ${name}`,
  injection: `A TCP proxy sends SIGKILL when it ${when}.`,
  expected: "The instance ends with status 137, and another takes its partitions over.",
  async run(arena) {
    const { proxy, scale } = arena;
    const random = seededRandom("FAULTS_SEED");
    arena.sell();
    let run = await arena.start([], proxy.brokers);
    for (let round = 0; round < scale.rounds; round++) {
      await Bun.sleep(random.between(0, LIFE_MS_MAX));
      const strike = () => {
        process.kill(run.pid, "SIGKILL");
        arena.struck();
      };
      const point = proxy.next({
        fits,
        ...(dropped ? { dropped, before: strike } : { after: strike }),
      });
      await within(point, `the proxy to kill ${name}`);
      expect(await run.exited).toBe(SIGKILLED);
      run = await arena.start([], proxy.brokers);
      await arena.recovered();
    }
    arena.saw(`${scale.rounds} × status ${SIGKILLED}`);
  },
}));
