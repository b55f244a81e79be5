/** The figures at the top of every page. */

import { html } from "hono/html";
import { queryElsewhere } from "../look/address.ts";
import { agoText, type Formatter, formatFor, permilleOf } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import { type Html, type Site, topicsText } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import { bestHour, type HoursOfDay } from "../model/days/day-hours.ts";
import { wordsFor } from "../words/words.ts";
import { comparedFigure, comparisonNote } from "./compared.ts";
import { dateFormat, emptyPhrase, periodPhrase } from "./periods.ts";

const HOUR_MS = 3_600_000;

/** Below a figure; `title` says more about it. */
interface Note {
  readonly note?: string | Html;
  readonly title?: string | undefined;
}

interface Tile extends Note {
  readonly id: string;
  readonly name: string | Html;
  readonly value: string;
  /** A second line, and a drawing. */
  readonly more?: Html;
}

export function tiles(board: Board, site: Site, look: Look): Html {
  const { isComplete } = board;
  const format = formatFor(look.locale, site.currency, look.mask);
  const all = [...figures(board, site, look, format), lettersTile(board, site, look, format)];
  return html`${all.map((one) => {
    return tile(isComplete ? one : { id: one.id, name: one.name, value: "–" });
  })}`;
}

function figures(board: Board, site: Site, look: Look, format: Formatter): Tile[] {
  const { total } = board;
  const words = wordsFor(look.locale);
  const phrase = periodPhrase(board, look);
  const compared = comparisonNote(board, look, format);
  const growth = (measure: "units" | "sales" | "average", otherwise: string): Note => {
    const found = comparedFigure(measure, board, look, format);
    return { note: found?.growth ?? otherwise, title: found?.values };
  };
  const sales = growth("sales", "");
  const returned =
    total.returns === 0n ? "" : words.returned(format.count(total.returns), total.returns);
  const average = total.sales === 0n ? "–" : format.roundMoney(total.revenue / total.sales);
  return [
    {
      id: "revenue",
      name: html`${`${words.revenue} ${phrase}`.trimEnd()}, ${site.currency}${zoneOf(board)}`,
      value: format.money(total.revenue),
      note: compared?.text ?? (total.sales === 0n ? lowerFirst(emptyPhrase(board, look)) : ""),
      title: compared?.values,
      more: html`${goal(board, site, look, format)}${slots(board, site, look)}`,
    },
    {
      id: "units",
      name: words.units,
      value: format.quantity(total.quantity),
      ...growth("units", words.unitsSold(board.period === "all" ? "" : phrase)),
    },
    {
      id: "sales",
      name: words.sales,
      value: format.count(total.sales),
      note: html`${sales.note}${sales.note && returned && " · "}${returned}`,
      title: sales.title,
    },
    { id: "average", name: words.averageSale, value: average, ...growth("average", words.perSale) },
    pace(board, look, format),
  ];
}

/**
 * Whose midnight and whose hours a day has. A script hides it where the reader's clocks show the
 * same.
 */
function zoneOf({ days, period }: Board): Html {
  if (!days || period === "all") return html``;
  return html` <small id="day-zone" translate="no">${days.zone}</small>`;
}

/** "72% of today's target · best hour 11:00 AM", as far as it is known. */
function goal(board: Board, { target }: Site, look: Look, format: Formatter): Html {
  const { period, total } = board;
  const words = wordsFor(look.locale);
  const parts: string[] = [];
  const values: string[] = [];
  if (target !== undefined && (period === "today" || period === "yesterday")) {
    // Cut, so that 100 % are reached only by all of it.
    const reached = format.wholePercent((total.revenue * 100n) / target);
    parts.push(period === "today" ? words.ofTarget(reached) : words.ofDaysTarget(reached));
    values.push(words.target(format.money(target)));
  }
  const hours = hoursOf(board);
  const best = hours && bestHour(hours);
  if (best) {
    const hour = dateFormat(look.locale, "hour").format(best.hour * HOUR_MS);
    parts.push(words.bestHour(hour));
    values.push(`${hour}: ${format.money(best.sums.revenue)}`);
  }
  if (parts.length === 0) return html``;
  const title = values.join("; ");
  return html`<p title="${title}">${parts.join(" · ")}<span class="away">. ${title}</span></p>`;
}

function hoursOf({ period, days, hours }: Board): HoursOfDay | undefined {
  // Midnight comes before the next hours.
  if (!days || hours?.today.day !== days.today) return undefined;
  return period === "today" || period === "yesterday" ? hours[period] : undefined;
}

/**
 * The revenue of each hour of a day, or of each day of a period, as bars. With a target, days have
 * a line. Hidden from screen readers, because other pages have the figures.
 */
function slots(board: Board, { target }: Site, { locale }: Look): Html {
  const hours = hoursOf(board);
  const values = (hours?.hours ?? board.byDay ?? []).map(({ revenue }) => revenue);
  const line = hours ? undefined : target;
  const most = [...values, line ?? 0n].reduce((a, b) => (a > b ? a : b), 0n);
  if (most <= 0n || values.length === 0) return html``;
  const bars = values.map((value, i) => {
    const height = permilleOf(value, most) / 10;
    return height === 0 ? "" : `M${i * 10 + 1} 100v-${height}h8v${height}z`;
  });
  const y = line && 100 - permilleOf(line, most) / 10;
  const { revenueByHour, revenueByDay } = wordsFor(locale);
  const title = hours ? revenueByHour : revenueByDay;
  return html`<svg class="slots" viewBox="0 0 ${values.length * 10} 100" preserveAspectRatio="none"
    aria-hidden="true"><title>${title}</title><path d="${bars.join("")}"/>
    ${y === undefined ? "" : html`<line x2="${values.length * 10}" y1="${y}" y2="${y}"/>`}</svg>`;
}

/** How fast sales come: of the last minute, because of most shops a second has none. */
function pace(board: Board, look: Look, format: Formatter): Tile {
  const { salesPerSecond, salesPerMinute } = board;
  const words = wordsFor(look.locale);
  const rate = salesPerSecond === undefined ? "–" : format.rate(salesPerSecond);
  const second = { name: words.salesPerSecond, value: rate };
  const title = `${second.name}: ${rate} ${words.lastSeconds}`;
  const note = lastSale(board, look);
  if (salesPerMinute === undefined)
    return { id: "rate", ...second, note: note ?? words.lastSeconds };
  const minute = { name: words.salesPerMinute, value: format.count(salesPerMinute) };
  return { id: "rate", ...minute, note: note ?? "", title };
}

/** When the latest sale was; a script counts on. Undefined without history. */
function lastSale({ lastSale, asOf }: Board, { locale }: Look): Html | undefined {
  const words = wordsFor(locale);
  if (lastSale === undefined || !asOf) return undefined;
  const date = new Date(lastSale * 1_000);
  const seconds = Math.max(0, (asOf.date.getTime() - date.getTime()) / 1_000);
  const time = html`<time class="ago" datetime="${date.toISOString()}">${agoText(seconds, locale)}</time>`;
  return words.lastSale(time);
}

function lettersTile(board: Board, site: Site, look: Look, format: Formatter): Tile {
  const { filtered, deadLetters, period } = board;
  // The mask carries over.
  const href = `${site.base}/rejected${queryElsewhere(look)}`;
  const words = wordsFor(look.locale);
  const topics = topicsText(site, ({ deadLetterTopic }) => deadLetterTopic);
  const ever = period === "all" ? "" : words.allTime;
  const some = filtered === 0n ? [] : [words.filtered(format.count(filtered), filtered)];
  const tile = {
    id: "letters",
    name: html`<a href="${href}">${words.rejectedShort}</a>`,
    value: format.count(deadLetters),
  };
  if (deadLetters === 0n) {
    const ofAll = some.map((text) => (ever ? `${text}, ${ever}` : text));
    return { ...tile, note: [words.allValid, ...ofAll].join(" · ") };
  }
  const why = html`<a href="${href}">${words.seeWhy}</a>`;
  const note = html`${ever && `${ever}, `}${why}${some.map((text) => ` · ${text}`)}`;
  return { ...tile, note, title: topics };
}

/** For a sentence that stands below a figure. */
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * Long figures get a smaller font, because a figure that is cut off would be wrong. Screen readers
 * do not announce each change, because there are ten a second.
 */
function tile({ id, name, value, note = "", title, more = html`` }: Tile): Html {
  const size = ["", "medium", "long", "longer", "longest"][
    [8, 12, 18, 26].filter((n) => value.length > n).length
  ];
  const about = title ?? (typeof note === "string" ? note : "");
  return html`<div class="tile ${id}">
    <h2>${name}</h2>
    <output class="${size}" aria-live="off" translate="no">${value}</output>
    <p title="${about}">${note}${title ? html`<span class="away">. ${title}</span>` : ""}</p>
    ${more}
  </div>`;
}
