/** The figures of one product, live on its page. */

import { html } from "hono/html";
import { formatFor, permilleOf } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import type { Html } from "../look/site.ts";
import type { Scene } from "./scene.ts";

/** The totals of the product, and those of each partition. */
export function productFigures({ board, view, site }: Scene, look: Look): Html {
  const [product = ""] = look.product;
  const format = formatFor(look.locale, site.currency, look.mask);
  const row = board.rows.find((each) => each.product === product);
  if (!board.isComplete) return html`<p class="notice">The totals have not been read yet.</p>`;
  if (!row) return html`<p class="notice">The totals no longer contain sales of ${product}.</p>`;
  const rank = board.rows.indexOf(row) + 1;
  const share = permilleOf(row.revenue, board.total.revenue);
  const hasReturns = row.returns > 0n;
  const figure = (name: string, value: string) =>
    html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<section class="panel product" aria-labelledby="product-name">
    <h1 id="product-name" title="${product}">${product}</h1>
    <dl>${figure("Revenue", format.money(row.revenue))}
      ${figure("Units", format.quantity(row.quantity))}
      ${figure("Sales", format.count(row.sales))}
      ${hasReturns ? figure("Returns", format.count(row.returns)) : ""}
      ${figure("Average sale", row.sales === 0n ? "–" : format.roundMoney(row.revenue / row.sales))}
      ${figure("Share", format.percent(share))}
      ${figure("Rank", format.count(rank))}</dl>
    <table><thead><tr><th scope="col">Partition</th><th scope="col">Units</th>
      <th scope="col">Revenue</th><th scope="col">Sales</th>
      ${hasReturns ? html`<th scope="col">Returns</th>` : ""}</tr></thead>
      <tbody>${view.partitionsOf(product).map(
        ({ partition, totals }) => html`<tr><th scope="row">${partition}</th>
        <td>${format.quantity(totals.quantity)}</td><td>${format.money(totals.revenue)}</td>
        <td>${format.count(totals.sales)}</td>
        ${hasReturns ? html`<td>${format.count(totals.returns)}</td>` : ""}</tr>`,
      )}</tbody></table>
  </section>`;
}
