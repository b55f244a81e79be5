/** How large the campaign is: short in `npm test`, full by `npm run faults`. */

import { quick } from "../support/timeouts.ts";

export interface Scale {
  /** How often a fault that can be repeated is. */
  rounds: number;
  /** Faults that strike at once, each in topics of its own. */
  atOnce: 1 | 2;
  /** Sales a second. */
  rate: number;
  /** Of the instances, by `-X`. */
  sessionMs: number;
  transactionMs: number;
  /** Of the broker. */
  settings: Readonly<Record<string, string>>;
}

/** The time-outs that Salesboard and Kafka have by themselves. */
const FULL = {
  atOnce: 1,
  rate: 5_000,
  sessionMs: 10_000,
  transactionMs: 8_000,
  settings: {},
} as const;

const { sessionMs, transactionMs, broker } = quick;
const SHORT: Scale = {
  rounds: 1,
  atOnce: 2,
  rate: 2_000,
  sessionMs,
  transactionMs,
  settings: broker,
};

/** Fewer are no proof. */
const FULL_ROUNDS = 5;

/**
 * FAULTS_WRITE asks for the full campaign, for `tests/FAULTS.md`; FAULTS_ROUNDS=N for full size in
 * as many rounds.
 * @throws Error when N is no number of rounds, or too few for the file
 */
export function scaleOf(env: Readonly<Record<string, string | undefined>>): Scale {
  const { FAULTS_ROUNDS: given, FAULTS_WRITE } = env;
  if (given === undefined && FAULTS_WRITE === undefined) return SHORT;
  const rounds = Number(given ?? FULL_ROUNDS);
  const roundsMin = FAULTS_WRITE === undefined ? 1 : FULL_ROUNDS;
  if (Number.isInteger(rounds) && rounds >= roundsMin) return { ...FULL, rounds };
  throw new Error(`FAULTS_ROUNDS must be an integer from ${roundsMin} on, received ${given}.`);
}
