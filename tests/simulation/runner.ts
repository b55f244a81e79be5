/** The worker behind `Runners`: runs blocks of schedules. */

import type { Subject } from "./instance.ts";
import { mutations } from "./mutations.ts";
import { simulate } from "./simulation.ts";
import { mutated } from "./subject.ts";
import { type Breach, NOTICED } from "./transactions.ts";

/** Schedules of neighbouring seeds, run one after the other until one fails. */
export interface Block {
  first: number;
  count: number;
  /** The name of a mutation; without one the aggregator is as it is. */
  mutation?: string;
}

export interface Outcome {
  /** The first schedule that failed, and what it found. */
  failed?: { seed: number; violation: string };
  /** Everything that the schedules have met. */
  met: ReadonlySet<string>;
}

/** What the worker says of a block: its outcome, or why there is none. */
export type Answer = { outcome: Outcome } | { error: string };

declare const self: Worker;

/** So often a worker says that it goes on. A run that is silent for long is taken for hanging. */
const SCHEDULES_A_LINE = 1_000;

/** The one in use; a block of the same comes next as a rule. */
let loaded:
  | { mutation: string | undefined; subject: Subject; breach: Breach | undefined }
  | undefined;

// An error that nobody caught would end the worker, and the blocks that wait for it would wait on.
self.onmessage = async ({ data }: MessageEvent<Block>) => {
  postMessage(await answer(data).catch((error): Answer => ({ error: String(error) })));
};

async function answer({ first, count, mutation }: Block): Promise<Answer> {
  if (!loaded || loaded.mutation !== mutation) {
    const found = mutations.find(({ name }) => name === mutation);
    loaded = { mutation, subject: await mutated(found), breach: found?.breach };
  }
  return { outcome: run(loaded.subject, { first, count, breach: loaded.breach }) };
}

function run(
  subject: Subject,
  { first, count, breach }: { first: number; count: number; breach: Breach | undefined },
): Outcome {
  const met = new Set<string>();
  for (let seed = first; seed < first + count; seed++) {
    if (seed % SCHEDULES_A_LINE === 0 && !process.stderr.isTTY) console.error(`Schedule ${seed} …`);
    const result = simulate(subject, seed, breach === undefined ? {} : { breach });
    for (const what of result.met) met.add(what);
    const [violation] = result.violations;
    if (breach !== undefined) {
      if (NOTICED[breach].test(violation ?? "")) continue;
      return { failed: { seed, violation: violation ?? "it is not noticed" }, met };
    }
    if (violation !== undefined) return { failed: { seed, violation }, met };
  }
  return { met };
}
