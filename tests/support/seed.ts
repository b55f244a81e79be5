/** Chance in tests: random, printed, and the same again when asked for. */

import { Random } from "../simulation/random.ts";

/** `name` in the environment repeats the chance of a run that printed it, such as FAULTS_SEED=7. */
export function seededRandom(name: `${string}_SEED`): Random {
  const seed = Number(Bun.env[name] ?? Math.floor(Math.random() * 2 ** 31));
  if (!Number.isSafeInteger(seed)) {
    throw new Error(`${name} must be an integer, received ${Bun.env[name]}.`);
  }
  console.log(`${name}=${seed}`);
  return new Random(seed);
}

/** How many cases a fuzz test makes: FUZZ_CASES, or so many, of which `test:quick` takes a part. */
export function casesOf(usual: number): number {
  return Number(Bun.env.FUZZ_CASES ?? usual * Number(Bun.env.FUZZ_SHARE ?? 1));
}
