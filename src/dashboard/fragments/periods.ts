/** The choice of a period, and the words for periods. */

import { html } from "hono/html";
import { addressOf } from "../look/address.ts";
import { type Look, type Period, periods } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import { dayAsUtc, isIncomplete, rangeOf } from "../model/days/days.ts";
import { wordsFor } from "../words/words.ts";

/** The links of the switch, which stay on the page of the look. Empty if days are not known. */
export function periodLinks(board: Board, site: Site, look: Look, view = look.view): Html {
  const { days } = board;
  if (!days) return html``;
  const words = wordsFor(look.locale);
  return html`${periods.map((period) => {
    // A page without the parameter opens with today.
    const given = period === "today" ? undefined : period;
    const href = addressOf(site, { ...look, view }, { period: given, page: 1 });
    return html`<a href="${href}" title="${spanOf(period, board, look)}"
      ${period === board.period ? html`aria-current="true"` : ""}>${words.periods[period]}${
        period === "all" && days.first !== undefined
          ? html` <small>${words.since(dateOf(days.first, look, "short"))}</small>`
          : ""
      }</a>`;
  })}`;
}

/** "today", or "since Oct 27, 2026" of all time if that is known; may be empty. */
export function periodPhrase({ period, days }: Board, look: Look): string {
  const words = wordsFor(look.locale);
  if (period !== "all" || days?.first === undefined) return words.phrases[period];
  return words.since(dateOf(days.first, look));
}

/** "No sales yet today", for a board without sales. */
export function emptyPhrase({ period }: Board, { locale }: Look): string {
  return wordsFor(locale).noSales[period];
}

/** A link from an empty period to one that may have sales. */
export function otherPeriodLink({ period }: Board, site: Site, look: Look): Html {
  const other = period === "today" ? "yesterday" : "all";
  const href = addressOf(site, look, { period: other, page: 1 });
  return html`<a class="button" href="${href}">${wordsFor(look.locale).periods[other]}</a>`;
}

/** Why the figures of a period are not what its name says; empty if they are. */
export function periodNote(board: Board, site: Site, look: Look): Html {
  const { days, period, isComplete } = board;
  const words = wordsFor(look.locale);
  if (!isComplete) return html``;
  if (!days) {
    if (look.period === undefined || look.period === "all") return html``;
    return words.figuresOfAllTime(
      site.keepsHistory ? words.noneByDays : words.daysNeed(html`<code>--history on</code>`),
    );
  }
  if (!isIncomplete(period, days) || days.incompleteTo === undefined) return html``;
  const date = dateOf(days.incompleteTo, look);
  return words.daysLack(date, days.zone);
}

/** The dates of a period and their zone: "Nov 20 – 26, 2026, Europe/Berlin". */
function spanOf(period: Period, { days }: Board, look: Look): string {
  if (!days) return "";
  const zone = days.zone;
  if (period === "all") {
    return days.first === undefined ? "" : wordsFor(look.locale).since(dateOf(days.first, look));
  }
  const { first, last } = rangeOf(period, days.today);
  const format = dateFormat(look.locale, "full");
  return `${format.formatRange(dayAsUtc(first), dayAsUtc(last))}, ${zone}`;
}

function dateOf(day: number, { locale }: Look, style: DateStyle = "medium"): string {
  return dateFormat(locale, style).format(dayAsUtc(day));
}

type DateStyle = "short" | "medium" | "full" | "weekday" | "hour";

const styles: Readonly<Record<DateStyle, Intl.DateTimeFormatOptions>> = {
  short: { day: "numeric", month: "short" },
  medium: { dateStyle: "medium" },
  weekday: { weekday: "long" },
  hour: { hour: "numeric", minute: "2-digit" },
  full: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
};

/** Bounded: five for each locale. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** As if the zone of dates were UTC, as in `dayAsUtc`. */
export function dateFormat(locale: string, style: DateStyle): Intl.DateTimeFormat {
  const key = `${locale} ${style}`;
  const known = formats.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat(locale, { ...styles[style], timeZone: "UTC" });
  formats.set(key, format);
  return format;
}
