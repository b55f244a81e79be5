/** The moments at which faults strike: random, printed, and the same again when asked for. */

import { Random } from "../simulation/random.ts";

/** FAULTS_SEED=N repeats the moments of a run that printed it. */
export function seededRandom(): Random {
  const seed = Number(Bun.env.FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`FAULTS_SEED=${seed}`);
  return new Random(seed);
}
