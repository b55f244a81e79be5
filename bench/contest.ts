/** Contestants take turns, and what came of it. */

import { type Spread, spreadOf } from "./measure.ts";
import type { Round, Turn } from "./subjects/subject.ts";
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
      const { totals, ...figures } = await (contestants[name] as Turn)();
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
