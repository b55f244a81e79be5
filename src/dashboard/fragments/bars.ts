/** The best-selling products as bars, by revenue and by units. */

import { html } from "hono/html";
import { formatFor, permilleOf } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Row } from "../model/rows.ts";
import type { Board } from "../model/view.ts";

/** Products with a bar. */
const BARS = 8;

/** Rendered by the server like the table, so that bars work without scripts. */
export function bars(board: Board, site: Site, look: Look): Html {
  const format = formatFor(look.locale, site.currency);
  const byUnits = largest(board.rows, BARS, ({ quantity }) => quantity);
  const units = byUnits.map(({ product, quantity: value }) => {
    return { product, value, text: format.quantity(value) };
  });
  if (look.mask) return barPanel("Units by product", units);
  const prices = board.rows.slice(0, BARS).map(({ product, revenue: value }) => {
    return { product, value, text: format.money(value) };
  });
  return html`${barPanel("Revenue by product", prices)}${barPanel("Units by product", units)}`;
}

function barPanel(title: string, items: { product: string; value: bigint; text: string }[]): Html {
  const whole = items[0]?.value ?? 0n;
  return html`<section class="panel chart bars">
    <h2>${title} <small>all sales</small></h2>
    <table><tbody>${items.map(
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
