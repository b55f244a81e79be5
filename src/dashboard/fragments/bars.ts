/** The best-selling products as bars, by revenue and by units. */

import { html } from "hono/html";
import { formatFor, permilleOf } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import type { Row } from "../model/rows.ts";
import { wordsFor } from "../words/words.ts";
import { emptyPhrase, periodPhrase } from "./periods.ts";

/** Products with a bar. */
const BARS = 8;

/** Rendered by the server like the table, so that bars work without scripts. */
export function bars(board: Board, site: Site, look: Look): Html {
  const format = formatFor(look.locale, site.currency);
  const words = wordsFor(look.locale);
  const byUnits = largest(board.rows, BARS, ({ quantity }) => quantity);
  const units = byUnits.map(({ product, quantity: value }) => {
    return { product, value, text: format.quantity(value) };
  });
  const phrase = periodPhrase(board, look) || words.allTime;
  const panel = (title: string, items: Item[]) =>
    barPanel(title, phrase, items.length > 0 ? items : emptyPhrase(board, look));
  if (look.mask) return panel(words.unitsByProduct, units);
  const prices = board.rows.slice(0, BARS).map(({ product, revenue: value }) => {
    return { product, value, text: format.money(value) };
  });
  return html`${panel(words.revenueByProduct, prices)}${panel(words.unitsByProduct, units)}`;
}

interface Item {
  product: string;
  value: bigint;
  text: string;
}

/** A panel with a sentence instead of bars, if there are none. */
function barPanel(title: string, phrase: string, content: Item[] | string): Html {
  const head = html`<h2>${title} <small>${phrase}</small></h2>`;
  if (typeof content === "string") {
    return html`<section class="panel chart bars">${head}<p class="hint">${content}.</p></section>`;
  }
  const whole = content[0]?.value ?? 0n;
  return html`<section class="panel chart bars">
    ${head}
    <table><tbody translate="no">${content.map(
      ({ product, value, text }) => html`<tr><th scope="row" title="${product}">${product}</th>
        <td><meter aria-hidden="true" max="1000" value="${permilleOf(value, whole)}"></meter></td>
        <td>${text}</td></tr>`,
    )}</tbody></table>
  </section>`;
}

/** The `count` largest rows by `figure`, without the cost of sorting all rows. */
function largest(rows: readonly Row[], count: number, figure: (row: Row) => bigint): Row[] {
  const best: Row[] = [];
  for (const row of rows) {
    const last = best[count - 1];
    if (last && figure(row) <= figure(last)) continue;
    const at = best.findIndex((other) => figure(other) < figure(row));
    best.splice(at < 0 ? best.length : at, 0, row);
    best.length = Math.min(best.length, count);
  }
  return best;
}
