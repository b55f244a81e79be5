/**
 * The aggregator against a simulated Kafka, in virtual time: thousands of schedules of faults, each
 * the same for its seed.
 *
 *   npm run simulate                    many more schedules, from a random seed on
 *   SIM_SEED=123 npm run simulate       one schedule, with its story
 */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { EXPECTED } from "./coverage.ts";
import type { Subject } from "./instance.ts";
import { mutations } from "./mutations.ts";
import type { Block, Outcome } from "./runner.ts";
import { Runners } from "./schedules.ts";
import { simulate } from "./simulation.ts";
import { mutated, original } from "./subject.ts";
import { BREACHES, NOTICED } from "./transactions.ts";

const seedAsked = process.env.SIM_SEED;
/** So many find every mutation, and meet every fault everywhere. */
const SCHEDULES_MAX = 20_000;
const schedules = Number(process.env.SIM_SCHEDULES ?? SCHEDULES_MAX);
/** Without SIM_SCHEDULES: from so many on, the first that have met every fault are enough. */
const SCHEDULES_MIN = 8_000;
const enough = process.env.SIM_SCHEDULES === undefined ? SCHEDULES_MIN : schedules;
const first = Number(process.env.SIM_FIRST ?? 1);
const BLOCK_SCHEDULES_MAX = 500;
/** At a time, beyond those that are enough. */
const MORE_SCHEDULES = 1_000;
/**
 * Bounds against hanging, far above what it takes to start and to run a schedule: some 30 ms on a
 * core of its own, and ten times as much beside many busy processes.
 */
const BASE_MS_MAX = 600_000;
const SCHEDULE_MS_MAX = 500;
const STORY_LINES_MAX = 60;

let subject: Subject;
beforeAll(async () => {
  subject = await mutated();
});

if (seedAsked !== undefined) oneSchedule(Number(seedAsked));
else {
  manySchedules();
  if (process.env.SIM_FIRST === undefined) {
    sameSchedules();
    breaches();
    mistakes();
  }
}

function oneSchedule(seed: number): void {
  test(`the aggregator counts every sale once in schedule ${seed}`, () => {
    const result = simulate(subject, seed, { tells: true });
    console.log(result.story.join("\n"));
    expect(result.violations).toEqual([]);
  });
}

function manySchedules(): void {
  const last = first + schedules - 1;
  const which = enough === schedules ? `${first} to ${last}` : "that together meet every fault";
  test(
    `the aggregator counts every sale once in the schedules of faults ${which}`,
    async () => {
      const runners = new Runners();
      const met = new Set<string>();
      const missing = () => EXPECTED.filter((what) => !met.has(what));
      let done = 0;
      const run = async (block: Block) => {
        const outcome = await runners.run(block);
        if (outcome.failed) throw new Error(failure(outcome.failed));
        for (const what of outcome.met) met.add(what);
        done += block.count;
        showProgress(done);
      };
      try {
        await Promise.all(blocks(0, enough).map(run));
        while (done < schedules && missing().length > 0) {
          await Promise.all(blocks(done, Math.min(done + MORE_SCHEDULES, schedules)).map(run));
        }
      } finally {
        runners.close();
      }
      if (schedules < SCHEDULES_MAX) return;
      expect(missing()).toEqual([]);
      console.log(`${done} schedules have met every fault.`);
    },
    BASE_MS_MAX + schedules * SCHEDULE_MS_MAX,
  );
}

/** Of the schedules `from` to `to`, counted from the first one. */
function blocks(from: number, to: number): Block[] {
  return Array.from({ length: Math.ceil((to - from) / BLOCK_SCHEDULES_MAX) }, (_, i) => {
    const before = from + i * BLOCK_SCHEDULES_MAX;
    return { first: first + before, count: Math.min(BLOCK_SCHEDULES_MAX, to - before) };
  });
}

function showProgress(done: number): void {
  const { stderr } = process;
  if (!stderr.isTTY) return;
  stderr.write(done < schedules ? `\r${done} of ${schedules} schedules` : "\r\x1b[K");
}

/** What went wrong, how it came to that, and how to see it again. */
function failure({ seed, violation }: NonNullable<Outcome["failed"]>): string {
  const { story } = simulate(subject, seed, { tells: true });
  return [
    `Schedule ${seed} fails: ${violation}.`,
    "It ends so:",
    ...story.slice(-STORY_LINES_MAX),
    `Run it again with: SIM_SEED=${seed} npm run simulate`,
  ].join("\n");
}

function sameSchedules(): void {
  test(
    "the aggregator counts every sale once with buffers of their real size",
    () => {
      for (let seed = 1; seed <= 200; seed++) {
        expect(simulate(original, seed).violations).toEqual([]);
      }
    },
    BASE_MS_MAX,
  );

  test(
    "the aggregator does the same in the same schedule",
    () => {
      const hashes = Array.from({ length: 100 }, (_, seed) => simulate(subject, seed).traceHash);
      const again = Array.from({ length: 100 }, (_, seed) => simulate(subject, seed).traceHash);
      expect(again).toEqual(hashes);
      expect(new Set(hashes).size).toBe(hashes.length);
    },
    BASE_MS_MAX,
  );
}

/** The bookkeeping is there for what cannot happen: see that it would be noticed. */
function breaches(): void {
  test.each(BREACHES.map((breach) => [breach] as const))(
    "the aggregator notices when Kafka breaks its promise of %s, or the log is another one",
    (breach) => {
      for (let seed = 1; seed <= 100; seed++) {
        const { violations } = simulate(subject, seed, { breach });
        expect(violations[0] ?? `schedule ${seed}`).toMatch(NOTICED[breach]);
      }
    },
    BASE_MS_MAX,
  );
}

function mistakes(): void {
  describe("the simulation finds the mistake:", () => {
    const hunts = new Map<string, Promise<Outcome>>();
    const found: string[] = [];
    let runners: Runners;
    beforeAll(() => {
      runners = new Runners();
      for (const { name, shownBy } of mutations) {
        const hunt = huntFor(runners, name, shownBy);
        // A failure is for the test to meet that waits for it.
        hunt.catch(() => {});
        hunts.set(name, hunt);
      }
    });
    afterAll(() => {
      runners.close();
      console.log(["Found by schedule:", ...found].join("\n"));
    });

    test.each(mutations.map(({ name }) => name))(
      "%s",
      async (name) => {
        const failed = (await hunts.get(name))?.failed;
        if (!failed) throw new Error(`${SCHEDULES_MAX} schedules did not find it.`);
        found.push(`${String(failed.seed).padStart(5)}  ${name}: ${failed.violation}`);
      },
      BASE_MS_MAX + SCHEDULES_MAX * SCHEDULE_MS_MAX,
    );
  });
}

/** The outcome of the schedule that showed the mistake before, or of all until one shows it. */
async function huntFor(runners: Runners, mutation: string, shownBy?: number): Promise<Outcome> {
  if (shownBy !== undefined) {
    const outcome = await runners.run({ mutation, first: shownBy, count: 1 });
    if (outcome.failed) return outcome;
  }
  return runners.run({ mutation, first: 1, count: SCHEDULES_MAX });
}
