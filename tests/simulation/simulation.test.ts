/**
 * The aggregator against a simulated Kafka, in virtual time: thousands of schedules of faults, each
 * the same for its seed.
 *
 *   SIM_SEED=123 bun test tests/simulation          one schedule, with its story
 *   SIM_SCHEDULES=1000000 bun test tests/simulation    a longer run
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { APIS, DISASTERS } from "./faults.ts";
import type { Subject } from "./instance.ts";
import { mutations } from "./mutations.ts";
import { type Result, simulate } from "./simulation.ts";
import { mutated, original } from "./subject.ts";

const seedAsked = process.env.SIM_SEED;
/** Without a wish. So many also find every mutation, and every place for a disaster. */
const SCHEDULES_DEFAULT = 20_000;
const schedules = Number(process.env.SIM_SCHEDULES ?? SCHEDULES_DEFAULT);
/** A bound against hanging, far above what a schedule takes. */
const scheduleMsMax = 50;
const storyLinesMax = 60;

let subject: Subject;
beforeAll(async () => {
  subject = await mutated("none", []);
});

/** What went wrong, how it came to that, and how to see it again. */
function failure({ seed, violations }: Result): string {
  const { story } = simulate(subject, seed, { tells: true });
  return [
    `Schedule ${seed} fails: ${violations.join("; ")}.`,
    "It ends so:",
    ...story.slice(-storyLinesMax),
    `Run it again with: SIM_SEED=${seed} bun test tests/simulation`,
  ].join("\n");
}

if (seedAsked !== undefined) oneSchedule(Number(seedAsked));
else {
  manySchedules();
  mistakes();
}

function oneSchedule(seed: number): void {
  test(`the aggregator counts every sale once in schedule ${seed}`, () => {
    const result = simulate(subject, seed, { tells: true });
    console.log(result.story.join("\n"));
    expect(result.violations).toEqual([]);
  });
}

function manySchedules(): void {
  test(
    `the aggregator counts every sale once in ${schedules} schedules of faults`,
    () => {
      const struck = new Set<string>();
      for (let seed = 1; seed <= schedules; seed++) {
        const result = simulate(subject, seed);
        if (result.violations.length > 0) throw new Error(failure(result));
        for (const disaster of result.disasters) struck.add(disaster);
      }
      if (schedules < SCHEDULES_DEFAULT) return;
      const all = DISASTERS.flatMap((kind) =>
        APIS.flatMap((api) => [`${kind} before ${api}`, `${kind} after ${api}`]),
      );
      // Otherwise the schedules would prove less than they say.
      expect(all.filter((disaster) => !struck.has(disaster))).toEqual([]);
    },
    60_000 + schedules * scheduleMsMax,
  );

  test("the aggregator counts every sale once with buffers of their real size", () => {
    for (let seed = 1; seed <= 200; seed++) {
      expect(simulate(original, seed).violations).toEqual([]);
    }
  }, 60_000);

  test("the aggregator does the same in the same schedule", () => {
    const hashes = Array.from({ length: 100 }, (_, seed) => simulate(subject, seed).traceHash);
    const again = Array.from({ length: 100 }, (_, seed) => simulate(subject, seed).traceHash);
    expect(again).toEqual(hashes);
    expect(new Set(hashes).size).toBe(hashes.length);
  }, 60_000);
}

function mistakes(): void {
  const found: string[] = [];
  afterAll(() => {
    if (found.length > 0) console.log(["Schedules until found:", ...found].join("\n"));
  });

  test.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    "the simulation finds the mistake: %s",
    async (name, { changes, libraryMistake }) => {
      const mistaken = {
        ...(await mutated(name, changes)),
        ...(libraryMistake && { libraryMistake }),
      };
      for (let seed = 1; seed <= SCHEDULES_DEFAULT; seed++) {
        const [violation] = simulate(mistaken, seed).violations;
        if (violation === undefined) continue;
        found.push(`${String(seed).padStart(5)}  ${name}: ${violation}`);
        return;
      }
      throw new Error(`${SCHEDULES_DEFAULT} schedules did not find it.`);
    },
    60_000 + SCHEDULES_DEFAULT * scheduleMsMax,
  );
}
