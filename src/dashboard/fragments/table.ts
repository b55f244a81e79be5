/** The table of a board: the rows of each look, in its order, on its page, and what changes. */

import { html, raw } from "hono/html";
import { linesIn } from "../../domain/sums.ts";
import { NO_VALUE } from "../../mapping/model/judgement.ts";
import { addressOf } from "../look/address.ts";
import { type Formatter, formatFor, permilleOf } from "../look/format.ts";
import { columns, type Look, type Period, queryOf } from "../look/look.ts";
import { type Html, type Site, topicsText } from "../look/site.ts";
import { isMisfit } from "../model/advice.ts";
import type { Board, Publication } from "../model/board.ts";
import type { HistoryView, Recent } from "../model/history-view.ts";
import { Lists } from "../model/lists.ts";
import type { Row } from "../model/rows.ts";
import { partial } from "../stream/partial.ts";
import { labelsOf, wordsFor } from "../words/words.ts";
import { comparedCell, comparedHead } from "./compared.ts";
import { firstSale, waitingFor } from "./own-sales.ts";
import { emptyPhrase, otherPeriodLink } from "./periods.ts";
import {
  type Column,
  caption,
  columnHead,
  recentCells,
  rowWords,
  searchForm,
} from "./table-parts.ts";

/** Rows of a page. A swap of 100 rows takes a browser 10 ms; many more would not be live. */
export const PAGE_ROWS = 100;
/** Looks whose rows are kept: as many as may be open. */
const SHOWN_MAX = 100;

/** The rows that were last sent for a look, by id. */
interface Shown {
  readonly turn: number;
  /** The heads of the columns. */
  readonly heads: string;
  readonly rows: ReadonlyMap<number, string>;
}

/**
 * Renders the table. All looks share the lists of products. The table remembers the rows sent for
 * each look and sends only rows that look different, whatever the reason: sales, the share of the
 * total, the rank, or the minute that passed.
 */
export class Table {
  readonly #site: Site;
  readonly #history: HistoryView;
  readonly #by: string | undefined;
  readonly #lists = new Map<Period, Lists>();
  readonly #shown = new Map<string, Shown>();
  /** As of the last turn, so that a page that opens later is not ahead of the others. */
  #recent: ReadonlyMap<string, Recent> = new Map();
  #turn = 0;

  /** `by`: the dimension whose values the rows are; undefined = products. */
  constructor(site: Site, history: HistoryView, by?: string) {
    this.#site = site;
    this.#history = history;
    this.#by = by;
  }

  /** Takes the next board; `now` in epoch milliseconds. Returns false if no row can differ. */
  turn(change: Publication | undefined, now: number): boolean {
    const recent = this.#hasRecent ? this.#history.recent(now) : this.#recent;
    const hasPassed = recent !== this.#recent && (recent.size > 0 || this.#recent.size > 0);
    if (!change && !hasPassed) return false;
    for (const [period, lists] of this.#lists) {
      const ofPeriod = period === "all" ? change : change?.periods.get(period);
      // Lists that miss a change are made anew.
      if (ofPeriod) lists.follow(ofPeriod);
    }
    this.#recent = recent;
    this.#turn++;
    return true;
  }

  /** All products of a look in its order, over all pages. */
  list(board: Board, look: Look): readonly Row[] {
    if (!look.sort.endsWith("change")) return this.#listsOf(board).of(board, look);
    const sign = look.sort.startsWith("-") ? -1 : 1;
    const price = ({ product }: Row) => this.#recent.get(product)?.minute.revenue ?? 0n;
    // Among equals the larger total comes first.
    const rows = [...this.#listsOf(board).of(board, { ...look, sort: "-price" })];
    return rows.sort((a, b) => {
      const [x, y] = [price(a), price(b)];
      return x === y ? 0 : x < y ? -sign : sign;
    });
  }

  /**
   * The whole panel. Its links and its search fetch a page, whose panel and stream replace those of
   * this page.
   */
  panel(board: Board, look: Look): Html {
    return html`<section class="panel" id="table" aria-labelledby="products"
      hx-target:inherited="#table" hx-select:inherited="#table" hx-select-oob:inherited="#stream"
      hx-swap:inherited="outerMorph" hx-sync:inherited="#table:replace">
      ${searchForm(this.#site, look, board)}
      <table>
        ${caption(look)}
        <thead><tr id="heads">${this.heads(board, look)}</tr></thead>
        <tbody id="rows" translate="no">${this.rows(board, look)}</tbody>
      </table>
      <div id="more">${this.more(board, look)}</div>
    </section>`;
  }

  /** The heads of the columns. That of returns comes with the first return. */
  heads(board: Board, look: Look): Html {
    const words = wordsFor(look.locale);
    return html`<th scope="col" class="rank"><abbr title="${words.rankByRevenue}">#</abbr></th>
      ${this.#columnsOf(board).map((column) => {
        const head = columnHead(this.#site, look, column);
        return column === "price" ? html`${head}${comparedHead(board, look)}` : head;
      })}
      ${this.#hasRecent ? html`<th scope="col" class="spark">${words.trend}</th>` : ""}`;
  }

  /** All rows of the look's page, for a page without any. Remembers them as sent. */
  rows(board: Board, look: Look): Html {
    const rows = this.#render(board, look);
    this.#keep(board, look, rows);
    return this.#body(board, look, rows);
  }

  /** The differences to what was last sent for the look, as regions to swap. */
  changes(board: Board, look: Look): Html[] {
    const last = this.#shown.get(look.key);
    const rows = this.#render(board, look);
    const { heads: headsNow } = this.#keep(board, look, rows);
    const hasNewHeads = last !== undefined && last.heads !== headsNow;
    const isSameOrder =
      !hasNewHeads &&
      last !== undefined &&
      last.turn >= this.#turn - 1 &&
      rows.size > 0 &&
      [...last.rows.keys()].join() === [...rows.keys()].join();
    const all = () => {
      const heads = hasNewHeads ? [partial("heads", this.heads(board, look))] : [];
      const body = partial("rows", this.#body(board, look, rows));
      return [...heads, body, partial("more", this.more(board, look))];
    };
    if (!isSameOrder) return rows.size === 0 && last?.rows.size === 0 ? [] : all();
    const changed = [...rows].filter(([id, cells]) => last.rows.get(id) !== cells);
    // A browser swaps 24 rows in 6.8 ms one by one, and in 4.2 ms as a whole.
    if (changed.length > rows.size / 2) return all();
    return changed.map(([id, cells]) => partial(`r${id}`, raw(cells)));
  }

  /** Links to the previous and next page; empty if there is only one page. */
  more(board: Board, look: Look): Html {
    const { length } = this.list(board, look);
    const pages = Math.ceil(length / PAGE_ROWS);
    if (pages <= 1) return html``;
    const format = formatFor(look.locale, this.#site.currency);
    const words = wordsFor(look.locale);
    const first = Math.min(length, (look.page - 1) * PAGE_ROWS + 1);
    const last = Math.min(length, look.page * PAGE_ROWS);
    const all = format.count(length);
    const rows = rowWords(look).rowsOf(format.count(first), format.count(last), all);
    const link = (page: number, text: string, rel: string) => {
      const href = addressOf(this.#site, look, { page });
      return html`<a class="button" rel="${rel}" hx-boost="true" href="${href}">${text}</a>`;
    };
    return html`<nav aria-label="${words.pagesOfTable}" data-all="${all}">
      ${look.page > 1 ? link(Math.min(pages, look.page - 1), words.previous, "prev") : ""}
      <span>${rows}</span>
      ${look.page < pages ? link(look.page + 1, words.next, "next") : ""}</nav>`;
  }

  #body(board: Board, look: Look, rows: ReadonlyMap<number, string>): Html {
    if (rows.size === 0) return this.#empty(board, look);
    return html`${[...rows].map(([id, cells]) => rowOf(id, cells))}`;
  }

  /** The cells of each row of the look's page, by row id. */
  #render(board: Board, look: Look): ReadonlyMap<number, string> {
    const format = formatFor(look.locale, this.#site.currency, look.mask);
    const first = (look.page - 1) * PAGE_ROWS;
    const rows = this.list(board, look).slice(first, first + PAGE_ROWS);
    const lists = this.#listsOf(board);
    return new Map(
      rows.map((row) => {
        const rank = lists.rank(board, row);
        // Indentation helps readers of the source, and would be a third of the bytes on the wire.
        const cells = String(this.#cells(row, { rank, board, format, look }));
        return [row.id, cells.replace(/\n\s*/g, "")];
      }),
    );
  }

  #cells(row: Row, of: { rank: number; board: Board; format: Formatter; look: Look }): Html {
    const { rank, board, format, look } = of;
    const permille = permilleOf(row.revenue, board.total.revenue);
    return html`<td class="rank">${rank}</td>
      ${this.#name(row.product, look)}
      <td class="quantity">${format.quantity(row.quantity)}</td>
      <td class="money">${format.money(row.revenue)}</td>
      ${comparedCell(board, row.product, look, format)}
      <td class="sales">${format.count(row.sales)}</td>
      ${hasReturns(board) ? html`<td class="sales">${format.count(row.returns)}</td>` : ""}
      <td class="share"><meter aria-hidden="true" max="1000" value="${permille}"></meter>
        <span>${format.percent(permille)}</span></td>
      ${this.#hasRecent ? recentCells(this.#recent.get(row.product), format) : ""}`;
  }

  /** A product leads to its page; the value of a dimension has none. */
  #name(name: string, look: Look): Html {
    if (this.#by === undefined) {
      return html`<th scope="row" title="${name}"><a href="${this.#site.base}/product${productQuery(look, name)}">${name}</a></th>`;
    }
    if (name !== NO_VALUE) return html`<th scope="row" title="${name}">${name}</th>`;
    return html`<th scope="row"><i>${wordsFor(look.locale).ofValues.none}</i></th>`;
  }

  /** History is kept of products. */
  get #hasRecent(): boolean {
    return this.#site.keepsHistory && this.#by === undefined;
  }

  #columnsOf(board: Board): readonly Column[] {
    return columns.filter((column) => {
      if (column === "change") return this.#hasRecent;
      return column !== "returns" || hasReturns(board);
    });
  }

  #listsOf({ period }: Board): Lists {
    const known = this.#lists.get(period);
    if (known) return known;
    // Readers of each language find the lines without a value by the words that they see.
    const none = [NO_VALUE, ...labelsOf(({ ofValues }) => ofValues.none)].join(" ");
    const lists = new Lists((name) => {
      return this.#by !== undefined && name === NO_VALUE ? none : name;
    });
    this.#lists.set(period, lists);
    return lists;
  }

  #empty(board: Board, look: Look): Html {
    const span = this.#columnsOf(board).length + (board.compared?.of ? 3 : 2);
    const line = (title: string, text: Html) =>
      html`<tr class="empty"><td colspan="${span}"><strong>${title}</strong>${text}</td></tr>`;
    const topics = topicsText(this.#site, ({ inputTopic }) => inputTopic);
    const words = wordsFor(look.locale);
    const code = (text: string) => html`<code translate="no">${text}</code>`;
    if (!board.isComplete) {
      return line(words.waiting, html`<p>${waitingFor(this.#site, look)}</p>`);
    }
    if (board.rows.length > 0) {
      const { length } = board.rows;
      const { productsInAll, productsSold, noName } =
        this.#by === undefined ? words : words.ofValues;
      const sold = board.period === "all" ? productsInAll : productsSold;
      const count = sold(formatFor(look.locale, this.#site.currency).count(length), length);
      const all = addressOf(this.#site, look, { q: "", page: 1 });
      return line(
        look.q ? noName(look.q) : words.noPage,
        html`<p>${count} <a class="button" href="${all}">${words.showThem}</a></p>`,
      );
    }
    if (linesIn(board.totalEver) > 0n) {
      const other = otherPeriodLink(board, this.#site, look);
      // Yesterday is over.
      const hint = board.period === "yesterday" ? "" : html`<p>${words.theyAppear}</p>`;
      return line(emptyPhrase(board, look), html`${hint}<p>${other}</p>`);
    }
    if (isMisfit(board)) {
      return line(words.noSales.all, html`<p>${words.noneCounts(code(topics))}</p>`);
    }
    return line(words.noSales.all, firstSale(this.#site, look));
  }

  #keep(board: Board, look: Look, rows: ReadonlyMap<number, string>): Shown {
    const { key } = look;
    const heads = `${hasReturns(board)} ${comparedHead(board, look)}`;
    const shown = { turn: this.#turn, rows, heads };
    this.#shown.delete(key);
    this.#shown.set(key, shown);
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > SHOWN_MAX && oldest !== undefined) this.#shown.delete(oldest);
    return shown;
  }
}

function hasReturns({ total }: Board): boolean {
  return total.returns > 0n;
}

/** The query of a product's page, without the choices for the table. */
function productQuery(look: Look, product: string): string {
  return queryOf(look, { product: [product], view: undefined, sort: "-price", q: "", page: 1 });
}

function rowOf(id: number, cells: string): Html {
  return html`<tr id="r${id}">${raw(cells)}</tr>`;
}
