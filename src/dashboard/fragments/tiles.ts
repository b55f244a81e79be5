/** The figures at the top of every page. */

import { html } from "hono/html";
import { type Formatter, formatFor } from "../look/format.ts";
import { type Look, queryOf } from "../look/look.ts";
import type { Html, Site } from "../look/site.ts";
import type { Board } from "../model/board.ts";
import { comparedFigure, comparisonNote } from "./compared.ts";
import { emptyPhrase, periodPhrase } from "./periods.ts";

interface Tile {
  readonly id: string;
  readonly name: string | Html;
  readonly value: string;
  /** Below the figure; `title` says more about it. */
  readonly note?: string;
  readonly title?: string | undefined;
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
  const { total, salesPerSecond } = board;
  const phrase = periodPhrase(board, look);
  const compared = comparisonNote(board, look, format);
  const growth = (measure: "units" | "sales" | "average", otherwise: string) => {
    const found = comparedFigure(measure, board, look, format);
    return { note: found?.growth ?? otherwise, title: found?.values };
  };
  const sales = growth("sales", total.returns === 0n ? "each counted once" : "");
  const returned = total.returns === 0n ? [] : [`${format.count(total.returns)} returned`];
  const average = total.sales === 0n ? "–" : format.roundMoney(total.revenue / total.sales);
  const rate = salesPerSecond === undefined ? "–" : format.rate(salesPerSecond);
  return [
    {
      id: "revenue",
      name: `${`Revenue ${phrase}`.trimEnd()}, ${site.currency}`,
      value: format.money(total.revenue),
      note: compared?.text ?? (total.sales === 0n ? emptyPhrase(board).toLowerCase() : ""),
      title: compared?.values,
    },
    {
      id: "units",
      name: "Units",
      value: format.quantity(total.quantity),
      ...growth("units", board.period === "all" ? "sold in total" : `sold ${phrase}`),
    },
    {
      id: "sales",
      name: "Sales",
      value: format.count(total.sales),
      note: [sales.note, ...returned].filter((part) => part !== "").join(" · "),
      title: sales.title,
    },
    { id: "average", name: "Average sale", value: average, ...growth("average", "per sale") },
    { id: "rate", name: "Sales per second", value: rate, note: "over the last 10 s" },
  ];
}

function lettersTile(board: Board, site: Site, look: Look, format: Formatter): Tile {
  const { filtered, deadLetters, period } = board;
  // Choices for one page do not carry over to another; the mask does.
  const query = queryOf(look, { view: undefined, product: [], page: 1 });
  const ever = period === "all" ? "" : "all time, ";
  const valid = deadLetters === 0n ? "all records are valid" : `${ever}in ${site.deadLetterTopic}`;
  return {
    id: "letters",
    name: html`<a href="${site.base}/dead-letters${query}">Dead letters</a>`,
    value: format.count(deadLetters),
    // The figure first: a narrow tile cuts the end off.
    note: filtered === 0n ? valid : `${format.count(filtered)} filtered; ${valid}`,
  };
}

/**
 * Long figures get a smaller font, because a figure that is cut off would be wrong. Screen readers
 * do not announce each change, because there are ten a second.
 */
function tile({ id, name, value, note = "", title }: Tile): Html {
  const size = ["", "long", "longer", "longest"][
    [12, 18, 26].filter((n) => value.length > n).length
  ];
  return html`<div class="tile ${id}">
    <h2>${name}</h2>
    <output class="${size}" aria-live="off">${value}</output>
    <p title="${title ?? note}">${note}${title ? html`<span class="away">. ${title}</span>` : ""}</p>
  </div>`;
}
