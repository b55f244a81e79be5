/** A board, or what changed in it, as HTML; and as the frame that carries it to the pages. */

import { html } from "hono/html";
import { formatAmount } from "../sale.ts";
import { bars } from "./bars.ts";
import { type Format, formatFor, formatTime, permilleOf } from "./format.ts";
import type { Look } from "./look.ts";
import type { Totals } from "./partition.ts";
import type { Html, Site } from "./site.ts";
import { encodeMessage, joinMessages } from "./sse.ts";
import type { Board, Change, Row } from "./view.ts";

/** Rows on the page. A swap of 200 costs a browser some 20 ms, so more would not be live. */
export const ROWS_MAX = 200;

/**
 * The frame for a page that has nothing: all regions, and all entries. Before the board is complete
 * it has no numbers, so that a page that shows those of an earlier server keeps them.
 */
export function snapshotFrame(board: Board, site: Site, look: Look): Uint8Array {
  const format = formatFor(look.locale, site.currency, look.mask);
  const regions = [
    partial("notices", notices(board, { mask: look.mask })),
    partial("source", source(board, site, format)),
  ];
  if (!board.isComplete) return frame(regions, undefined, look);
  regions.push(partial("tiles", tiles(board, site, format)));
  if (look.view === "graph") {
    regions.push(partial("bars", bars(board, site, look)));
    return frame(regions, undefined, look);
  }
  regions.push(partial("rows", rows(board, site, format)), partial("more", more(board, format)));
  return frame(regions, board.rows, look);
}

/** The frame for a page that has `before`: only what looks different. */
export function changeFrame(change: Change, site: Site, look: Look): Uint8Array {
  const { before, after, changed } = change;
  if (!before.isComplete) return snapshotFrame(after, site, look);
  const format = formatFor(look.locale, site.currency, look.mask);
  const isGraph = look.view === "graph";
  const regions = [
    partial("tiles", tiles(after, site, format)),
    ...(isGraph
      ? [partial("bars", bars(after, site, look))]
      : changedRows(before, after, site, format)),
  ];
  const said = ({ notices, alerts = [] }: Board) =>
    [...notices, ...alerts.map(({ text }) => text)].join();
  if (said(before) !== said(after)) {
    regions.push(partial("notices", notices(after, { mask: look.mask })));
  }
  if (!isGraph && before.rows.length !== after.rows.length)
    regions.push(partial("more", more(after, format)));
  if (before.partitions !== after.partitions || before.lag !== after.lag) {
    regions.push(partial("source", source(after, site, format)));
  }
  return frame(regions, changed.length > 0 && !isGraph ? changed : undefined, look);
}

function frame(
  regions: readonly Html[],
  entries: readonly Row[] | undefined,
  { mask }: Look,
): Uint8Array {
  // Indentation is for readers of the source: on the wire it would be a third of the bytes.
  const message = encodeMessage({ data: regions.join("").replace(/\n\s*/g, " ") });
  if (!entries) return message;
  const data = `[${entries.map((row) => entryJson(row, mask)).join(",")}]`;
  return joinMessages(message, encodeMessage({ event: "totals", data }));
}

/**
 * A product's totals as in `/api/totals`; integers of any size are written digit by digit. Where
 * amounts are masked, the price is null.
 */
export function entryJson({ product, ...totals }: Row, isMasked = false): string {
  return `{"product":${JSON.stringify(product)},${totalsJson(totals, isMasked)}}`;
}

export function totalsJson({ totalQuantity, totalPrice, sales }: Totals, isMasked = false): string {
  const price = isMasked ? null : `"${formatAmount(totalPrice)}"`;
  return `"totalQuantity":${totalQuantity},"totalPrice":${price},"sales":${sales}`;
}

/** Morphing keeps focus, selection and nodes, and moves rows by their ids. */
function partial(id: string, content: Html): Html {
  return html`<hx-partial hx-target="#${id}" hx-swap="innerMorph">${content}</hx-partial>`;
}

/**
 * Single rows while their order holds, else all of them. All, too, when most have changed: a swap
 * of 24 rows takes a browser 6.8 ms one by one, and 4.2 ms as a whole.
 */
function changedRows(before: Board, after: Board, site: Site, format: Format): Html[] {
  const last = before.rows.slice(0, ROWS_MAX);
  const next = after.rows.slice(0, ROWS_MAX);
  const isSameOrder =
    next.length > 0 &&
    last.length === next.length &&
    next.every((row, i) => row.id === last[i]?.id);
  if (!isSameOrder) {
    const isEmptyStill = last.length === 0 && next.length === 0;
    return isEmptyStill ? [] : [partial("rows", rows(after, site, format))];
  }
  const scale = meterScale(after);
  const isSameScale = meterScale(before) === scale;
  const changed = next.flatMap((row, i) => {
    const wasRow = last[i] as Row;
    const isSame = row === wasRow && isSameScale && share(row, after) === share(wasRow, before);
    return isSame ? [] : partial(`r${row.id}`, cells(row, i + 1, after, scale, format));
  });
  return changed.length > next.length / 2 ? [partial("rows", rows(after, site, format))] : changed;
}

/** The body of the table. */
export function rows(board: Board, site: Site, format: Format): Html {
  if (board.rows.length === 0) return emptyRow(board, site);
  const scale = meterScale(board);
  return html`${board.rows
    .slice(0, ROWS_MAX)
    .map((row, i) => html`<tr id="r${row.id}">${cells(row, i + 1, board, scale, format)}</tr>`)}`;
}

function cells(row: Row, rank: number, board: Board, scale: number, format: Format): Html {
  const permille = share(row, board);
  return html`
    <td class="rank">${rank}</td>
    <th scope="row" title="${row.product}">${row.product}</th>
    <td class="quantity">${format.count(row.totalQuantity)}</td>
    <td class="money">${format.money(row.totalPrice)}</td>
    <td class="sales">${format.count(row.sales)}</td>
    <td class="share"><meter aria-hidden="true" max="${scale}" value="${permille}"></meter>
      <span>${format.percent(permille)}</span></td>`;
}

function emptyRow(board: Board, site: Site): Html {
  if (!board.isComplete) {
    return html`<tr class="empty"><td colspan="6"><strong>Waiting for the totals</strong>
      <p>They appear as soon as all of them are read from <code>${site.outputTopic}</code>.</p></td></tr>`;
  }
  const sale = '{"product": "Laptop", "quantity": 2, "price": 499.99}';
  return html`<tr class="empty"><td colspan="6"><strong>No sales yet</strong>
    <p>Write one to the topic <code>${site.inputTopic}</code>, for example</p>
    <p><code>${sale}</code></p><p>or let <code>salesboard produce</code> make some up.</p></td></tr>`;
}

/** Names what the page leaves out; empty when it shows everything. */
export function more(board: Board, format: Format): Html {
  const hidden = board.rows.length - ROWS_MAX;
  if (hidden <= 0) return html``;
  return html`The first ${format.count(ROWS_MAX)} products are shown, ${format.count(hidden)} more are in
    the totals and in <code>/api/totals</code>.`;
}

/** The figures on top of both pages. */
export function tiles(board: Board, site: Site, format: Format): Html {
  const { total, deadLetters, salesPerSecond, isComplete } = board;
  const top = board.rows[0];
  const average =
    total.sales === 0n ? "" : `${format.roundMoney(total.totalPrice / total.sales)} a sale`;
  const letters = deadLetters === 0n ? "all readable" : `in ${site.deadLetterTopic}`;
  const rate = salesPerSecond === undefined ? undefined : format.rate(salesPerSecond);
  const show = (id: string, name: string, value: string | undefined, note: string) =>
    isComplete ? tile(id, name, value ?? "–", note) : tile(id, name, "–", "");
  return html`${show("revenue", `Revenue, ${site.currency}`, format.money(total.totalPrice), average)}
    ${show("units", "Units", format.count(total.totalQuantity), "sold in all")}
    ${show("sales", "Sales", format.count(total.sales), "each counted once")}
    ${show("rate", "Sales per second", rate, "over the last 10 s")}
    ${show("products", "Products", format.count(board.rows.length), top ? `first: ${top.product}` : "")}
    ${show("letters", "Dead letters", format.count(deadLetters), letters)}`;
}

/** Long figures get a smaller font: one that is cut off would be a wrong one. */
function tile(id: string, name: string, value: string, note: string): Html {
  const size = ["", "long", "longer", "longest"][
    [12, 18, 26].filter((n) => value.length > n).length
  ];
  return html`<div class="tile ${id}">
    <h2>${name}</h2>
    <output class="${size}">${value}</output>
    <p title="${note}">${note}</p>
  </div>`;
}

/**
 * What is wrong with the numbers, and alerts, above them; nothing at all when all is well. Where
 * amounts are masked, so are those in the rules of alerts.
 */
export function notices(
  board: Board,
  { tz, mask }: Pick<Look, "mask"> & { tz?: Look["tz"] },
): Html {
  const line = (kind: string, text: string) => html`<p class="${kind}">${withTimes(text, tz)}</p>`;
  const wrong = board.notices.map((text) => line("notice", text));
  const alerts = board.alerts ?? [];
  const firing = alerts.map(({ text, masked }) => line("notice alert", mask ? masked : text));
  return html`${[...wrong, ...firing]}`;
}

function withTimes(text: string, zone: string | undefined): Html {
  const parts = text.split(/(\d{4}-\d\d-\d\dT[\d:.]+Z)/);
  return html`${parts.map((part, i) => (i % 2 === 0 ? part : timeOf(new Date(part), { zone })))}`;
}

/**
 * A time with the name of its zone, UTC unless given; a script puts it into the reader's own zone
 * and writing.
 */
export function timeOf(
  date: Date,
  { zone, id }: { zone?: string | undefined; id?: string } = {},
): Html {
  const named = id ? html`id="${id}"` : "";
  return html`<time ${named} datetime="${date.toISOString()}">${formatTime(date, zone)}</time>`;
}

/** Where the numbers come from, for the footer. */
export function source(board: Board, site: Site, format: Format): Html {
  const lag = board.lag === undefined ? "unknown" : format.count(board.lag);
  const partitions = `${format.count(board.partitions)} partition${board.partitions === 1 ? "" : "s"}`;
  return html`topic ${site.outputTopic} · ${partitions} · lag ${lag}`;
}

/**
 * Thousandths that a full meter stands for: the largest share, rounded up so that it rarely moves.
 */
function meterScale(board: Board): number {
  const largest = board.rows[0] ? share(board.rows[0], board) : 0;
  return Math.max(50, Math.ceil(largest / 50) * 50);
}

function share(row: Row, board: Board): number {
  return permilleOf(row.totalPrice, board.total.totalPrice);
}
