/** Contestants take turns, and what came of it. */

import { type Spread, spreadOf } from "./measure.ts";
import { DisturbedTurn, type Round, type Turn } from "./subjects/subject.ts";
import { expectEqual } from "./subjects/totals.ts";

export type Results = ReadonlyMap<string, readonly Round[]>;

/**
 * Every contestant in each of the rounds; every other round in reverse, so that what changes with
 * time favours nobody. Contestants that keep totals must agree on them.
 */
export async function takeTurns(
  contestants: Readonly<Record<string, Turn>>,
  { rounds, progress }: { rounds: number; progress: (line: string) => void },
): Promise<Results> {
  const names = Object.keys(contestants);
  const results = new Map<string, Round[]>(names.map((name) => [name, []]));
  let agreed: { name: string; totals: NonNullable<Round["totals"]> } | undefined;
  for (let round = 1; round <= rounds; round++) {
    for (const name of round % 2 === 1 ? names : names.toReversed()) {
      const turn = contestants[name] as Turn;
      const { totals, ...figures } = await undisturbed(turn, progress);
      if (totals && agreed) expectEqual(name, totals, agreed.name, agreed.totals);
      else if (totals) agreed = { name, totals };
      results.get(name)?.push(figures);
      const rate = Math.round(figures.salesPerSecond);
      const cpu = figures.cpuPerMillion.toFixed(2);
      progress(`round ${round} of ${rounds}: ${name}: ${cpu} CPU-s per million, ${rate} sales/s`);
    }
  }
  return results;
}

/** How often a turn is taken before its figures are given up. */
const ATTEMPTS_MAX = 5;

/** The first turn that nothing disturbed: a busy machine can make Kafka move partitions. */
async function undisturbed(turn: Turn, progress: (line: string) => void): Promise<Round> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await turn();
    } catch (error) {
      if (!(error instanceof DisturbedTurn) || attempt === ATTEMPTS_MAX) throw error;
      progress(`${error.message}; again`);
    }
  }
}

export function cpuOf(results: Results, name: string): Spread {
  return spreadOf((results.get(name) ?? []).map(({ cpuPerMillion }) => cpuPerMillion));
}

export function rateOf(results: Results, name: string): Spread {
  return spreadOf((results.get(name) ?? []).map(({ salesPerSecond }) => salesPerSecond));
}

export function memoryOf(results: Results, name: string): Spread {
  return spreadOf((results.get(name) ?? []).map(({ memoryBytesMax }) => memoryBytesMax));
}

/** "0.68 (0.58–0.69)": median, and the range of the rounds. */
export function spreadText({ median, min, max }: Spread, digits = 2): string {
  const text = (value: number) => (digits === 0 ? count(value) : value.toFixed(digits));
  return `${text(median)} (${text(min)}–${text(max)})`;
}

export function times(ratio: number, digits = 2): string {
  return `${ratio.toFixed(digits)}×`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
}
