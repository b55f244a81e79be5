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

declare const self: Worker;

/** The one in use; a block of the same comes next as a rule. */
let loaded: { mutation: string | undefined; subject: Subject } | undefined;

self.onmessage = async ({ data }: MessageEvent<Block>) => {
  const { first, count, mutation } = data;
  if (!loaded || loaded.mutation !== mutation) {
    loaded = { mutation, subject: await mutated(mutations.find(({ name }) => name === mutation)) };
  }
  postMessage(run(loaded.subject, { first, count }));
};

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
