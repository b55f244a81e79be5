/** The worker behind `Runners`: runs blocks of schedules. */

import type { Subject } from "./instance.ts";
import { mutations } from "./mutations.ts";
import { simulate } from "./simulation.ts";
import { mutated } from "./subject.ts";

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

/** The one in use; a block of the same comes next as a rule. */
let loaded: { mutation: string | undefined; subject: Subject } | undefined;

// An error that nobody caught would end the worker, and the blocks that wait for it would wait on.
self.onmessage = async ({ data }: MessageEvent<Block>) => {
  postMessage(await answer(data).catch((error): Answer => ({ error: String(error) })));
};

async function answer({ first, count, mutation }: Block): Promise<Answer> {
  if (!loaded || loaded.mutation !== mutation) {
    loaded = { mutation, subject: await mutated(mutations.find(({ name }) => name === mutation)) };
  }
  return { outcome: run(loaded.subject, { first, count }) };
}

function run(subject: Subject, { first, count }: { first: number; count: number }): Outcome {
  const met = new Set<string>();
  for (let seed = first; seed < first + count; seed++) {
    const result = simulate(subject, seed);
    for (const what of result.met) met.add(what);
    const [violation] = result.violations;
    if (violation !== undefined) return { failed: { seed, violation }, met };
  }
  return { met };
}
