/** How figures stand beside those of an earlier time: in the tiles and in the table. */

import { html } from "hono/html";
import { NO_SUMS, type Sums } from "../../domain/sums.ts";
import type { Formatter } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import type { Html } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import { type Comparison, growthPermille, type Pair } from "../model/comparison.ts";
import { type DayRange, dayAsUtc } from "../model/days/days.ts";
import { wordsFor } from "../words/words.ts";
import { dateFormat } from "./periods.ts";

const HOUR_MS = 3_600_000;

/** A figure of one time beside the same of another. */
interface ComparedFigure {
  /** "▲ 12.5%", in its colour. */
  readonly growth: Html;
  /** Both values, and which days they are of. */
  readonly values: string;
}

export type ComparedMeasure = "revenue" | "units" | "sales" | "average";

/** In words: which times a board compares. */
interface TimesCompared {
  readonly now: string;
  readonly before: string;
  /** "vs last Thursday", for the head of a column. */
  readonly short: string;
  /** " until 2:00 PM"; empty for whole days. */
  readonly until: string;
}

/** "▲ 12.5% vs last Thursday until 2:00 PM"; undefined if nothing is compared. */
export function comparisonNote(
  board: Board,
  look: Look,
  format: Formatter,
): { text: Html; values: string } | undefined {
  const found = comparedFigure("revenue", board, look, format);
  if (!found || !board.compared) return undefined;
  const { short, until } = timesOf(board.compared, look);
  return { text: html`${found.growth} ${short}${until}`, values: found.values };
}

/**
 * The growth of a figure of all products, or of those of `pair`; undefined if nothing is compared,
 * or the earlier figure is not positive.
 */
export function comparedFigure(
  measure: ComparedMeasure,
  { compared, days }: Pick<Board, "compared" | "days">,
  look: Look,
  format: Formatter,
  pair: Pair | undefined = compared,
): ComparedFigure | undefined {
  const growth = pair && growthOf(measure, pair, format);
  if (!compared || !growth || !days) return undefined;
  const { now, before, until } = timesOf(compared, look);
  const [sums, earlier] = [pair.sums, pair.before].map((of) => textOf(measure, of, format));
  return {
    growth: html`<span class="compared ${growth.direction}">${growth.text}</span>`,
    values: `${now}: ${sums}; ${before}: ${earlier}${until} (${days.zone})`,
  };
}

/** The head of the column of growths; empty if no row is compared. */
export function comparedHead({ compared }: Board, look: Look): Html {
  if (!compared?.of) return html``;
  const { now, before, short, until } = timesOf(compared, look);
  return html`<th scope="col" class="compared" title="${`${wordsFor(look.locale).revenue}: ${now} / ${before}${until}`}">${short}</th>`;
}

/** The growth of a product's revenue; empty if it is not known. */
export function comparedCell(
  { compared }: Board,
  product: string,
  { locale, mask }: Look,
  format: Formatter,
): Html {
  if (!compared?.of) return html``;
  const pair = compared.of(product);
  if (!pair) return html`<td class="compared"></td>`;
  // Products that sold nothing have the same sums, so that those cannot tell them apart.
  const place = pair.sums === NO_SUMS ? pair.before : pair.sums;
  const last = cells.get(place);
  const isSame = last?.pair.sums === pair.sums && last.pair.before === pair.before;
  const known = isSame ? last : { pair, byLook: new Map<string, Html>() };
  if (known !== last) cells.set(place, known);
  const key = `${locale} ${mask}`;
  const cell = known.byLook.get(key) ?? cellOf(pair, format);
  known.byLook.set(key, cell);
  return cell;
}

/** By the sums of a product, because most rows of a frame have changed in other figures. */
const cells = new WeakMap<Sums, { pair: Pair; byLook: Map<string, Html> }>();

/** A product that did not sell then. */
const nothingThen = { text: "–", direction: "same" } as const;

function cellOf(pair: Pair, format: Formatter): Html {
  const { text, direction } = growthOf("revenue", pair, format) ?? nothingThen;
  // The head of the column has the days: in each row they would be a third of a frame.
  const values = `${format.money(pair.sums.revenue)} / ${format.money(pair.before.revenue)}`;
  return html`<td class="compared ${direction}" title="${values}">${text}</td>`;
}

/** Undefined where the earlier figure is not positive, because nothing can be said in percent. */
function growthOf(
  measure: ComparedMeasure,
  { sums, before }: Pair,
  format: Formatter,
): { text: string; direction: "up" | "down" | "same" } | undefined {
  const [now, then] = [figureOf(measure, sums, before), figureOf(measure, before, sums)];
  if (then <= 0n) return undefined;
  const permille = growthPermille(now, then);
  const direction = permille > 0 ? "up" : permille < 0 ? "down" : "same";
  const sign = { up: "▲ ", down: "▼ ", same: "" }[direction];
  return { text: `${sign}${format.percent(Math.abs(permille))}`, direction };
}

/** To compare with the same figure of `other`: averages have one denominator then. */
function figureOf(measure: ComparedMeasure, of: Sums, other: Sums): bigint {
  if (measure === "average") return of.revenue * other.sales;
  return measure === "units" ? of.quantity : of[measure];
}

function textOf(measure: ComparedMeasure, of: Sums, format: Formatter): string {
  if (measure === "units") return format.quantity(of.quantity);
  if (measure === "sales") return format.count(of.sales);
  if (measure === "revenue") return format.money(of.revenue);
  return of.sales === 0n ? "–" : format.roundMoney(of.revenue / of.sales);
}

/** By comparison and locale, because a formatter costs more than the rest of a tile. */
const times = new WeakMap<Comparison, Map<string, TimesCompared>>();

function timesOf(compared: Comparison, { locale }: Look): TimesCompared {
  const byLocale = times.get(compared) ?? new Map<string, TimesCompared>();
  times.set(compared, byLocale);
  const known = byLocale.get(locale) ?? newTimes(compared, locale);
  byLocale.set(locale, known);
  return known;
}

function newTimes({ days, daysBefore, hour }: Comparison, locale: string): TimesCompared {
  const full = dateFormat(locale, "full");
  const span = ({ first, last }: DayRange) => full.formatRange(dayAsUtc(first), dayAsUtc(last));
  const [now, before] = [span(days), span(daysBefore)];
  const words = wordsFor(locale);
  if (hour !== undefined) {
    const until = words.until(dateFormat(locale, "hour").format(hour * HOUR_MS));
    const weekday = dateFormat(locale, "weekday").format(dayAsUtc(daysBefore.first));
    return { now, before, short: words.versusLast(weekday), until };
  }
  const short = dateFormat(locale, "short");
  const range = short.formatRange(dayAsUtc(daysBefore.first), dayAsUtc(daysBefore.last));
  return { now, before, short: words.versus(range), until: "" };
}
