/** The days of a partition ⇄ what its bookkeeping says of them, and the law between the two. */

import { dayNumber, dayText } from "../domain/day.ts";
import type { Days, DaysState } from "../domain/days.ts";
import { linesIn, type Sums } from "../domain/sums.ts";
import type { Totals } from "../domain/totals.ts";
import type { DaysNote } from "../wire/bookkeeping.ts";

export function daysNoteOf(state: DaysState | undefined): DaysNote | undefined {
  if (!state) return undefined;
  const { zone, latest, outsideSales, outsideReturns, since } = state;
  const note = { zone, latest: dayText(latest), outsideSales, outsideReturns };
  return since === undefined ? note : { ...note, since: dayText(since) };
}

/**
 * The state to go on from. Where days that the bookkeeping counts are missing, their lines are
 * outside from now on, and the days so far are incomplete.
 */
export function daysStateOf(note: DaysNote | undefined, totals: Totals): DaysState | undefined {
  if (!note) return undefined;
  const { zone, outsideSales, outsideReturns } = note;
  const latest = numberOf(note.latest);
  const since = note.since === undefined ? undefined : numberOf(note.since);
  const state = { zone, latest, since, outsideSales, outsideReturns };
  if (!daysBroken(note, totals)) return state;
  const { sales, returns } = linesOn(totals.days, latest);
  const outside = {
    outsideSales: totals.sales - sales,
    outsideReturns: totals.returns - returns,
  };
  return { ...state, ...outside, since: latest };
}

/**
 * How the days of a partition break their law: each line of the totals is in a day that is kept, or
 * counted as outside. Undefined = it holds.
 */
export function daysBroken(note: DaysNote | undefined, totals: Totals): string | undefined {
  if (!note) return undefined;
  const held = linesOn(totals.days, numberOf(note.latest));
  const [sales, returns] = [held.sales + note.outsideSales, held.returns + note.outsideReturns];
  if (sales === totals.sales && returns === totals.returns) return undefined;
  return (
    `holds ${linesIn(held)} sales in days and ${note.outsideSales + note.outsideReturns} outside ` +
    `of them, but totals of ${linesIn(totals)} sales`
  );
}

/** Days are lacking, as when the log has lost its oldest records. No day has too much. */
export function lacksDays(note: DaysNote, totals: Totals): boolean {
  const { sales, returns } = linesOn(totals.days, numberOf(note.latest));
  return (
    sales + note.outsideSales <= totals.sales && returns + note.outsideReturns <= totals.returns
  );
}

/** The lines in all days that are kept when `latest` is the latest one. */
function linesOn(days: Days, latest: number): Pick<Sums, "sales" | "returns"> {
  let [sales, returns] = [0n, 0n];
  for (const { sums } of days.kept(latest)) {
    sales += sums.sales;
    returns += sums.returns;
  }
  return { sales, returns };
}

/** The schema has let only dates pass. */
function numberOf(date: string): number {
  return dayNumber(date) as number;
}
