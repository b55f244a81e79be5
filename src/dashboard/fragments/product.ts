/** The figures of one product, live on its page. */

import { html } from "hono/html";
import { NO_SUMS } from "../../domain/sums.ts";
import { formatFor, permilleOf } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import { type Html, inputsOf } from "../look/site.ts";
import { wordsFor } from "../words/words.ts";
import { type ComparedMeasure, comparedFigure } from "./compared.ts";
import { periodPhrase } from "./periods.ts";
import type { Scene } from "./scene.ts";

/** A partition, with its input topic if there are several. */
export function placeText(partition: number, topic: string | undefined): string {
  return topic === undefined ? String(partition) : `${topic} ${partition}`;
}

/** The totals of the product. */
export function productFigures({ board, view, site }: Scene, look: Look): Html {
  const [product = ""] = look.product;
  const format = formatFor(look.locale, site.currency, look.mask);
  const words = wordsFor(look.locale);
  const row = board.rows.find((each) => each.product === product);
  if (!board.isComplete) return html`<p class="notice">${words.notRead}</p>`;
  const partitions = view.partitionsOf(product);
  if (!row && (board.period === "all" || partitions.length === 0)) {
    return html`<p class="notice">${words.gone(html`<span translate="no">${product}</span>`)}</p>`;
  }
  // A product that did not sell in this period has no rank in it.
  const sums = row ?? NO_SUMS;
  const average = sums.sales === 0n ? "–" : format.roundMoney(sums.revenue / sums.sales);
  const rank = row ? format.count(board.rows.indexOf(row) + 1) : "–";
  const share = permilleOf(sums.revenue, board.total.revenue);
  const hasReturns = partitions.some(({ totals }) => totals.returns > 0n);
  const phrase = periodPhrase(board, look);
  const pair = board.compared?.of?.(product);
  const figure = (name: string, value: string, measure?: ComparedMeasure) => {
    const found = pair && measure && comparedFigure(measure, board, look, format, pair);
    const growth = found ? html` ${found.growth}<span class="away">. ${found.values}</span>` : "";
    const title = found ? html` title="${found.values}"` : "";
    return html`<div><dt>${name}</dt><dd translate="no"${title}>${value}${growth}</dd></div>`;
  };
  return html`<section class="panel product" aria-labelledby="product-name">
    <h1 id="product-name" title="${product}" translate="no">${product}</h1>
    <dl>${figure(`${words.revenue} ${phrase}`.trimEnd(), format.money(sums.revenue), "revenue")}
      ${figure(words.units, format.quantity(sums.quantity), "units")}
      ${figure(words.sales, format.count(sums.sales), "sales")}
      ${hasReturns ? figure(words.returns, format.count(sums.returns)) : ""}
      ${figure(words.averageSale, average, "average")}
      ${figure(words.share, format.percent(share))}
      ${figure(words.rank, rank)}</dl>
  </section>`;
}

/** The totals of the product on each partition, of all time. */
export function productPartitions({ view, site }: Scene, look: Look): Html {
  const [product = ""] = look.product;
  const format = formatFor(look.locale, site.currency, look.mask);
  const words = wordsFor(look.locale);
  const partitions = view.partitionsOf(product);
  const hasReturns = partitions.some(({ totals }) => totals.returns > 0n);
  const nameOf = (topic: number) => (site.others ? inputsOf(site)[topic]?.inputTopic : undefined);
  return html`<table><thead><tr><th scope="col">${words.partition}</th><th scope="col">${words.units}</th>
      <th scope="col">${words.revenue}</th><th scope="col">${words.sales}</th>
      ${hasReturns ? html`<th scope="col">${words.returns}</th>` : ""}</tr></thead>
    <tbody translate="no">${partitions.map(
      ({
        topic,
        partition,
        totals,
      }) => html`<tr><th scope="row">${placeText(partition, nameOf(topic))}</th>
        <td>${format.quantity(totals.quantity)}</td><td>${format.money(totals.revenue)}</td>
        <td>${format.count(totals.sales)}</td>
        ${hasReturns ? html`<td>${format.count(totals.returns)}</td>` : ""}</tr>`,
    )}</tbody></table>`;
}
