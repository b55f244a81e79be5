/** Renders a board, or its changes, as HTML and as frames for the pages. */

import { html } from "hono/html";
import { formatAmount, formatQuantity, parseAmount } from "../../domain/money.ts";
import type { Sums } from "../../domain/sums.ts";
import { type Formatter, formatFor, formatTime } from "../look/format.ts";
import type { Look } from "../look/look.ts";
import { type Html, type Site, totalsText } from "../look/site.ts";
import type { Board, BoardChange } from "../model/board.ts";
import type { Row } from "../model/rows.ts";
import type { RuleLine } from "../model/status.ts";
import { partial } from "../stream/partial.ts";
import { encodeMessage, joinMessages } from "../stream/sse.ts";
import { wordsFor } from "../words/words.ts";
import { bars } from "./bars.ts";
import { totalsLinks } from "./download-links.ts";
import { misfit } from "./misfit.ts";
import { periodLinks, periodNote } from "./periods.ts";
import { productFigures, productPartitions } from "./product.ts";
import type { Scene } from "./scene.ts";
import { tiles } from "./tiles.ts";

/**
 * The frame for a page that has nothing yet: all regions and all entries. Until the board is
 * complete the frame has no numbers, so that a page keeps the numbers of an earlier server.
 */
export function snapshotFrame(scene: Scene, look: Look): Uint8Array {
  const { board, site, table } = scene;
  const format = formatFor(look.locale, site.currency, look.mask);
  const regions = [
    partial("notices", notices(board, { mask: look.mask })),
    partial("source", source(board, site, look, format)),
    ...periodRegions(board, site, look),
  ];
  if (!board.isComplete) return frame(regions, undefined, look);
  regions.push(partial("tiles", tiles(board, site, look)));
  regions.push(partial("misfit", misfit(board, site, look)));
  if (look.view === "graph") {
    regions.push(partial("bars", bars(board, site, look)));
    regions.push(partial("rules", rules(board, site, look)));
    return frame(regions, undefined, look);
  }
  if (look.view === "product") regions.push(...productRegions(scene, look));
  if (look.view === "product" || look.view === "letters") return frame(regions, undefined, look);
  if (look.view === "table") regions.push(partial("heads", table.heads(board, look)));
  regions.push(partial("rows", table.rows(board, look)), partial("more", table.more(board, look)));
  return frame(regions, look.view === undefined ? board.rows : undefined, look);
}

/**
 * The frame for a page that has all earlier frames: only what looks different. Undefined if nothing
 * does. Without `change` only time has passed.
 */
export function changeFrame(
  scene: Scene,
  change: BoardChange | undefined,
  look: Look,
): Uint8Array | undefined {
  const { board, site, table } = scene;
  const isTable = look.view === undefined || look.view === "table";
  const inTable = isTable && board.isComplete ? table.changes(board, look) : [];
  if (!change) return inTable.length === 0 ? undefined : frame(inTable, undefined, look);
  const { before, after, changed } = change;
  if (!before.isComplete) return snapshotFrame(scene, look);
  const format = formatFor(look.locale, site.currency, look.mask);
  const regions = [partial("tiles", tiles(after, site, look)), ...inTable];
  if (look.view === "graph") regions.push(partial("bars", bars(after, site, look)));
  if (look.view === "graph" && before.rules !== after.rules) {
    regions.push(partial("rules", rules(after, site, look)));
  }
  if (look.view === "product") regions.push(...productChanges(scene, change, look));
  const banner = misfit(after, site, look);
  if (String(misfit(before, site, look)) !== String(banner)) {
    regions.push(partial("misfit", banner));
    // An empty table says what to do, too.
    if (isTable && after.rows.length === 0) regions.push(partial("rows", table.rows(after, look)));
  }
  const said = ({ notices, alerts = [] }: Board) =>
    [...notices, ...alerts.map(({ text }) => text)].join();
  if (said(before) !== said(after)) {
    regions.push(partial("notices", notices(after, { mask: look.mask })));
  }
  if (before.partitions !== after.partitions || before.lag !== after.lag) {
    regions.push(partial("source", source(after, site, look, format)));
  }
  if (before.days !== after.days) regions.push(...periodRegions(after, site, look));
  const hasEntries = look.view === undefined && changed.length > 0;
  return frame(regions, hasEntries ? changed : undefined, look);
}

function productRegions(scene: Scene, look: Look): Html[] {
  return [
    partial("product", productFigures(scene, look)),
    partial("partitions", productPartitions(scene, look)),
  ];
}

/** Share, rank and growth also change when others sell, and when an hour is over. */
function productChanges(scene: Scene, { before, changedEver }: BoardChange, look: Look): Html[] {
  if (changedEver.some(({ product }) => look.product.includes(product))) {
    return productRegions(scene, look);
  }
  const figures = productFigures(scene, look);
  const last = productFigures({ ...scene, board: before }, look);
  return String(last) === String(figures) ? [] : [partial("product", figures)];
}

/** The switch of the period, and what is to be said about it. */
function periodRegions(board: Board, site: Site, look: Look): Html[] {
  const links = partial("downloads", totalsLinks(site, look, board));
  return [
    ...(look.view === "table" && !look.mask ? [links] : []),
    partial("period", periodLinks(board, site, look)),
    partial("days", periodNote(board, site, look)),
  ];
}

function frame(
  regions: readonly Html[],
  entries: readonly Row[] | undefined,
  { mask }: Look,
): Uint8Array {
  // Indentation helps readers of the source, and would be a third of the bytes on the wire.
  const message = encodeMessage({ data: regions.join("").replace(/\n\s*/g, " ") });
  if (!entries) return message;
  const data = `[${entries.map((row) => entryJson(row, mask)).join(",")}]`;
  return joinMessages(message, encodeMessage({ event: "totals", data }));
}

/**
 * A product's totals as in `/api/totals`, with every digit of integers of any size. The price is
 * null if amounts are masked.
 */
export function entryJson({ product, ...totals }: Row, isMasked = false): string {
  return `{"product":${JSON.stringify(product)},${sumsJson(totals, isMasked)}}`;
}

export function sumsJson(sums: Sums, isMasked = false): string {
  const { quantity, revenue, sales, returns } = sums;
  const price = isMasked ? null : `"${formatAmount(revenue)}"`;
  const units = formatQuantity(quantity);
  return `"totalQuantity":${units},"totalPrice":${price},"sales":${sales},"returns":${returns}`;
}

/**
 * Problems with the numbers, and alerts, in English as in the log; empty when all is well. With
 * `mask`, amounts in the rules of alerts are masked too.
 */
export function notices(
  board: Board,
  { tz, mask }: Pick<Look, "mask"> & { tz?: Look["tz"] },
): Html {
  const line = (kind: string, text: string) =>
    html`<p class="${kind}" lang="en">${withTimes(text, tz)}</p>`;
  const wrong = board.notices.map((text) => line("notice", text));
  const alerts = board.alerts ?? [];
  const firing = alerts.map(({ text, masked }) => line("notice alert", mask ? masked : text));
  return html`${[...wrong, ...firing]}`;
}

/** All rules of alerts and how they stand; empty without rules. */
export function rules({ rules = [] }: Board, { currency }: Site, look: Look): Html {
  if (rules.length === 0) return html``;
  const { tz, mask, locale } = look;
  const words = wordsFor(locale);
  const format = formatFor(locale, currency, mask);
  const textOf = ({ value, isMoney }: RuleLine) => {
    if (value === undefined) return "–";
    return isMoney ? format.money(parseAmount(value)) : format.quantity(parseAmount(value));
  };
  const row = (rule: RuleLine) => {
    const { text, masked, state, since } = rule;
    return html`<tr class="${state}"><th scope="row">${mask ? masked : text}</th>
      <td>${words.ruleStates[state]}</td><td>${textOf(rule)}</td><td>${timeOf(new Date(since), { zone: tz })}</td></tr>`;
  };
  return html`<section class="panel rules" aria-labelledby="rules-title">
    <h2 id="rules-title">${words.alerts}</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="rules-title"><table>
      <thead><tr><th scope="col">${words.rule}</th>
        ${words.ruleHeads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody translate="no">${rules.map(row)}</tbody></table></div></section>`;
}

function withTimes(text: string, zone: string | undefined): Html {
  const parts = text.split(/(\d{4}-\d\d-\d\dT[\d:.]+Z)/);
  return html`${parts.map((part, i) => (i % 2 === 0 ? part : timeOf(new Date(part), { zone })))}`;
}

/**
 * A time with the name of its zone, UTC by default. A script converts it to the reader's zone and
 * format.
 */
export function timeOf(
  date: Date,
  { zone, id }: { zone?: string | undefined; id?: string } = {},
): Html {
  const named = id ? html`id="${id}"` : "";
  return html`<time ${named} datetime="${date.toISOString()}">${formatTime(date, zone)}</time>`;
}

/** The source of the numbers, for the footer. */
export function source(board: Board, site: Site, look: Look, format: Formatter): Html {
  const { lag } = board;
  const words = wordsFor(look.locale);
  const partitions = words.partitions(format.count(board.partitions), board.partitions);
  const behind = (count: number) =>
    count === 0 ? words.upToDate : words.behind(format.count(count), count);
  const state = lag === undefined ? words.lagUnknown : behind(lag);
  return words.source(
    html`<span translate="no">${totalsText(site, look)}</span>`,
    partitions,
    state,
  );
}
