/** Parts of the table: column heads, search, and the cells of the last minutes. */

import { html } from "hono/html";
import { addressOf, boardPath } from "../look/address.ts";
import { titleOf } from "../look/dimension.ts";
import { type Formatter, permilleOf } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import type { Recent } from "../model/history-view.ts";
import { wordsFor } from "../words/words.ts";
import { exportMenu, totalsLinks } from "./download-links.ts";
import { fieldsOf } from "./zones.ts";

const heads = {
  product: { name: "product", className: "product" },
  quantity: { name: "units", className: "quantity" },
  price: { name: "revenue", className: "money" },
  sales: { name: "sales", className: "sales" },
  returns: { name: "returns", className: "sales" },
  share: { name: "share", className: "share" },
  change: { name: "lastMinute", className: "recent" },
} as const;

export type Column = keyof typeof heads;

/** A link that sorts by the column, or reverses the order if the table has it already. */
export function columnHead(site: Site, look: Look, column: Column): Html {
  const { name, className } = heads[column];
  const isDescending = look.sort === `-${column}`;
  const isSorted = isDescending || look.sort === column;
  const order = isDescending ? "descending" : "ascending";
  // Numbers start with the largest, and names with A.
  const first = column === "product" ? column : (`-${column}` as const);
  const other = isDescending ? column : (`-${column}` as const);
  const href = addressOf(site, look, { sort: isSorted ? other : first, page: 1 });
  const ofBoard = column === "product" ? titleOfBoard(look) : undefined;
  return html`<th scope="col" class="${className}" ${isSorted ? html`aria-sort="${order}"` : ""}>
    <a href="${href}" hx-boost="true">${ofBoard ?? wordsFor(look.locale)[name]}</a></th>`;
}

/** The name of the dimension, for a heading; undefined on the board of products. */
function titleOfBoard({ by }: Look): Html | undefined {
  return by === undefined ? undefined : html`<span translate="no">${titleOf(by)}</span>`;
}

/** The name of the table. On a wall, a script says by it which rows are in view. */
export function caption(look: Look): Html {
  const rows = rowWords(look).rowsOf("{first}", "{last}", "{all}");
  const name = titleOfBoard(look) ?? wordsFor(look.locale).products;
  return html`<caption id="products"${look.kiosk ? html` data-rows="${rows}"` : ""}>${name}</caption>`;
}

/** What is said of products, or of the values of a dimension. */
export function rowWords({ by, locale }: Look) {
  const words = wordsFor(locale);
  return by === undefined ? words : words.ofValues;
}

/** A form, so that it works without scripts. With scripts it searches while the user types. */
export function searchForm(site: Site, look: Look, board: Board): Html {
  const words = wordsFor(look.locale);
  const { by } = look;
  const path = by === undefined ? "/" : boardPath(by);
  const what = by === undefined ? words.searchProducts : words.ofValues.search(titleOf(by));
  return html`<form class="search controls" role="search" action="${site.base}${path}" hx-boost="true">
    ${fieldsOf(look, { q: "", page: 1, view: undefined, by: undefined })}
    <input class="field" type="search" name="q" value="${look.q}" maxlength="256"
      placeholder="${what}" aria-label="${what}"
      aria-keyshortcuts="/" autocomplete="off" spellcheck="false"
      hx-get="${site.base}${path}" hx-include="closest form" hx-trigger="input changed delay:200ms"
      hx-replace-url="true">
    <noscript><button>${words.search}</button></noscript>
    ${exportMenu(look, totalsLinks(site, look, board), "downloads")}
  </form>`;
}

/** The revenue of the last minute, and of the last minutes as a line. */
export function recentCells(recent: Recent | undefined, format: Formatter): Html {
  const price = recent?.minute.revenue ?? 0n;
  const sign = price > 0n ? "+" : "";
  const change = price === 0n ? "" : `${sign}${format.money(price)}`;
  return html`<td class="recent">${change}</td>
    <td class="spark">${recent ? sparkline(recent.minutes) : ""}</td>`;
}

/** Hidden from screen readers, because the cells beside it have the figures. */
function sparkline(minutes: readonly bigint[]): Html {
  const most = minutes.reduce((a, b) => (a > b ? a : b), 0n);
  const points = minutes.map((price, i) => `${i * 6},${20 - permilleOf(price, most) / 55}`);
  const width = (minutes.length - 1) * 6;
  return html`<svg viewBox="0 0 ${width} 22" preserveAspectRatio="none" aria-hidden="true">
    <polyline points="${points.join(" ")}"/></svg>`;
}
